"""Verdicts as they were given, each with the evidence as it stood."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from plotlot.domain.verdicts import Decision
from plotlot.judge.evidence import Known, figures
from plotlot.judge.releases import Release, change

KEPT_EVERY_SECONDS = 30.0  # while a verdict stays what it was
TOLD = 200  # of a release, the newest


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict that was given, with the figures of each guardrail as they stood."""

    at: datetime
    stage: str
    weight: float
    verdict: str
    reason: str
    evidence: Mapping[str, Any]


def is_news(release: Release, decision: Decision) -> bool:
    """Whether a verdict is to be kept: it is another, or about another guardrail, or the last is some time ago."""
    if release.told_at is None:
        return True
    if (release.verdict, release.guardrail) != (decision.verdict, decision.guardrail):
        return True
    return (datetime.now(UTC) - release.told_at).total_seconds() >= KEPT_EVERY_SECONDS


async def keep(
    connection: psycopg.AsyncConnection, release: Release, stage: str, decision: Decision, known: Known
) -> None:
    """Keep a verdict."""
    told = {each.guardrail: asdict(each) for each in figures(release.guardrails, known)}
    await connection.execute(
        "INSERT INTO verdicts (release, stage, weight, verdict, reason, evidence)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (release.id, stage, release.weight, decision.verdict.value, decision.reason, json.dumps(told)),
    )
    await change(connection, release, told_at=datetime.now(UTC))


async def verdicts_of(connection: psycopg.AsyncConnection, release: str) -> list[Given]:
    """The newest verdicts of a release, in their order."""
    async with connection.cursor(row_factory=class_row(Given)) as cursor:
        await cursor.execute(
            "SELECT at, stage, weight, verdict, reason, evidence FROM verdicts"
            " WHERE release = %s ORDER BY at DESC LIMIT %s",
            (release, TOLD),
        )
        return list(reversed(await cursor.fetchall()))
