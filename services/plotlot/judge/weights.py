"""Which share of new sessions meets the candidate, and since when."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Weight:
    """From ``at`` on, a ``share`` of new sessions, 0 to 1, meets the candidate.

    ``weight`` is the percentage that was ``reported``; else a verdict allowed more, and the larger one counts
    until the new one is reported, for it may be in force already.
    """

    at: datetime
    weight: float
    share: float
    reported: bool


async def weights_of(connection: psycopg.AsyncConnection, release: str) -> list[Weight]:
    """The weights of a release, the first one first."""
    async with connection.cursor(row_factory=class_row(Weight)) as cursor:
        await cursor.execute(
            "SELECT at, weight, share, reported FROM weights WHERE release = %s ORDER BY at", (release,)
        )
        return await cursor.fetchall()


async def report(connection: psycopg.AsyncConnection, release: str, weight: float) -> None:
    """Note the weight that is in force, where it is another than the last."""
    weights = await weights_of(connection, release)
    last = last_reported(weights)
    if last is None or last.weight != weight:
        await _add(connection, release, weight, weight / 100, reported=True)


async def allow(connection: psycopg.AsyncConnection, release: str, next_weight: float) -> None:
    """Note that a verdict lets the weight rise."""
    weights = await weights_of(connection, release)
    if weights and weights[-1].share < next_weight / 100:
        await _add(connection, release, weights[-1].weight, next_weight / 100, reported=False)


def last_reported(weights: list[Weight]) -> Weight | None:
    """The weight that is in force, as far as it was told."""
    return next((weight for weight in reversed(weights) if weight.reported), None)


def share_at(weights: list[Weight], moment: datetime) -> float:
    """The share that decided which bundle a session met; that of the first weight before there was one."""
    if not weights:
        return 0.0
    index = bisect_right([weight.at for weight in weights], moment) - 1
    return weights[max(index, 0)].share


async def _add(
    connection: psycopg.AsyncConnection, release: str, weight: float, share: float, reported: bool
) -> None:
    await connection.execute(
        "INSERT INTO weights (release, weight, share, reported) VALUES (%s, %s, %s, %s)",
        (release, weight, share, reported),
    )
