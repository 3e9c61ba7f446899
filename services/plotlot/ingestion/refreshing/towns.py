"""How far each run is, town by town: what progress is told by, and what is left of a run when it is over."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from plotlot.domain.access import LOCAL
from plotlot.domain.coverage import ENDS, TAKEN, ListedTown
from plotlot.store.pool import Database

TOWN_COLUMNS = "run, municipality, town, host, accepted, stage, reason, digest, counts, changed_at, step"
_LATEST = f"""
SELECT DISTINCT ON (municipality) {TOWN_COLUMNS} FROM refreshed_towns
WHERE stage = ANY(%(stages)s) ORDER BY municipality, changed_at DESC, run DESC
"""
# The row of the run is held until the transaction ends: steps are seen in the order in which they are counted.
_REACH = """
WITH counted AS (UPDATE refreshes SET steps = steps + 1 WHERE id = %(run)s RETURNING steps)
UPDATE refreshed_towns SET stage = %(stage)s, counts = counts || %(counts)s, changed_at = now(), step = counted.steps,
    reason = coalesce(nullif(%(reason)s, ''), reason),
    digest = coalesce(nullif(%(digest)s, ''), digest)
FROM counted WHERE run = %(run)s AND municipality = %(municipality)s AND stage <> ALL(%(ends)s)
"""
# What was taken last, where it was of the same edition and all of it was asked for within the days for which that holds. An
# edition is kept with the digest that it had: where code that knows of none fetched another state since, it is of none.
_OF_EDITION = """
SELECT digest, counts, fetched_at FROM (
    SELECT * FROM refreshed_towns
    WHERE municipality = %(town)s AND stage = ANY(%(taken)s) ORDER BY changed_at DESC LIMIT 1
) AS last
WHERE edition = %(edition)s || ' ' || digest AND fetched_at > now() - %(trusted)s AND fetched_at <= now()
"""
_NOTE_EDITION = """
UPDATE refreshed_towns SET edition = %(edition)s || ' ' || %(digest)s, fetched_at = coalesce(%(fetched_at)s, fetched_at)
WHERE run = %(run)s AND municipality = %(town)s AND stage <> ALL(%(ends)s)
"""
# The row is written as the town is (town_covered), with the kinds of the time before.
_HOLD_BACK = "UPDATE covered_towns SET kinds = %s WHERE municipality = %s"
_END = """
UPDATE refreshes SET ended_at = now(), cancelled = true,
    steps = steps + (SELECT count(*) FROM refreshed_towns WHERE run = id)
WHERE id = %s AND ended_at IS NULL RETURNING steps
"""
_CANCEL = """
UPDATE refreshed_towns SET stage = 'cancelled', reason = 'an operator ended the run', changed_at = now(),
    step = %(steps)s - placed.place + 1
FROM (SELECT municipality, row_number() OVER (ORDER BY municipality DESC) AS place FROM refreshed_towns
      WHERE run = %(run)s) AS placed
WHERE run = %(run)s AND placed.municipality = refreshed_towns.municipality AND stage <> ALL(%(ends)s)
"""


@dataclass(frozen=True, slots=True)
class TownState:
    """A town in a run; ``step`` is that of the run at which it came to its stage. One that publishers list and nobody
    refreshed has no run, and never changed."""

    run: str
    municipality: str
    town: ListedTown
    host: str
    accepted: bool
    stage: str
    reason: str
    digest: str
    counts: Mapping[str, int]
    changed_at: datetime | None
    step: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it in this run."""
        return self.stage in ENDS


@dataclass(frozen=True, slots=True)
class TakenCode:
    """A code that was taken before: its digest, what was counted of it, and when all of it was last asked for."""

    digest: str
    counts: Mapping[str, int]
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A refresh of some towns."""

    id: str
    scope: str
    begun_at: datetime
    ended_at: datetime | None


class Towns:
    """Runs and their towns in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, run: str, scope: str, towns: Sequence[tuple[ListedTown, str]], accepted: bool
    ) -> tuple[str, bool]:
        """The run of a scope that goes on, else a new one of these towns, each with its host; whether it is new."""
        async with self._database.connection(LOCAL) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('refreshes'))")
            cursor = await connection.execute(
                "SELECT id FROM refreshes WHERE scope = %s AND ended_at IS NULL ORDER BY begun_at LIMIT 1",
                (scope,),
            )
            if (row := await cursor.fetchone()) is not None:
                return str(row[0]), False
            cursor = await connection.execute(
                "INSERT INTO refreshes (id, scope, steps) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (run, scope, len(towns)),
            )
            if not cursor.rowcount:  # asked for by a request that is sent again
                return run, False
            await connection.cursor().executemany(
                "INSERT INTO refreshed_towns (run, municipality, town, host, accepted, step)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [
                    (run, town.municipality, json.dumps(asdict(town)), host, accepted, step)
                    for step, (town, host) in enumerate(towns, start=1)
                ],
            )
        return run, True

    async def going_on(self, scope: str) -> Run | None:
        """The run of a scope that has not ended."""
        runs = await self._runs("WHERE scope = %(scope)s AND ended_at IS NULL", {"scope": scope})
        return runs[0] if runs else None

    async def at_work(self) -> list[str]:
        """The runs that have not ended, the oldest first."""
        return [run.id for run in await self._runs("WHERE ended_at IS NULL ORDER BY begun_at", {})]

    async def cancelled_lately(self) -> list[str]:
        """The runs that were cancelled within the hour: what workers were doing for them may have to be ended yet."""
        return [
            run.id for run in await self._runs("WHERE cancelled AND ended_at > now() - interval '1 hour'", {})
        ]

    async def end(self, run: str) -> None:
        """A run is over."""
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(
                "UPDATE refreshes SET ended_at = now() WHERE id = %s AND ended_at IS NULL", (run,)
            )

    async def over(self, runs: Collection[str], before: datetime) -> set[str]:
        """Of some runs those that ended before a time, and those that nobody knows any more."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT asked FROM unnest(%s::text[]) AS asked LEFT JOIN refreshes ON id = asked"
                " WHERE id IS NULL OR ended_at < %s",
                (list(runs), before),
            )
            return {run for (run,) in await cursor.fetchall()}

    async def of_run(self, run: str) -> list[TownState]:
        """The towns of a run by name."""
        query = f"SELECT {TOWN_COLUMNS} FROM refreshed_towns WHERE run = %(run)s ORDER BY municipality"
        return await self._states(query, {"run": run})

    async def one(self, run: str, municipality: str) -> TownState:
        """A town of a run."""
        query = f"SELECT {TOWN_COLUMNS} FROM refreshed_towns WHERE run = %(run)s AND municipality = %(town)s"
        return (await self._states(query, {"run": run, "town": municipality}))[0]

    async def latest(self, stages: Sequence[str] = ENDS) -> list[TownState]:
        """Of each town the last time that it came to one of these stages."""
        return await self._states(_LATEST, {"stages": list(stages)})

    async def last_taken(self, municipality: str) -> TownState | None:
        """The last time that a town's code was swapped in, or found to be as it was."""
        query = (
            f"SELECT {TOWN_COLUMNS} FROM refreshed_towns WHERE municipality = %(town)s"
            " AND stage = ANY(%(taken)s) ORDER BY changed_at DESC LIMIT 1"
        )
        found = await self._states(query, {"town": municipality, "taken": list(TAKEN)})
        return found[0] if found else None

    async def taken_as(self, municipality: str, edition: str, trusted: timedelta) -> TakenCode | None:
        """The code of a town that was taken last, where it was of this edition, and all of it was asked for no longer ago
        than ``trusted``."""
        values = {"town": municipality, "edition": edition, "trusted": trusted, "taken": list(TAKEN)}
        async with self._database.connection(LOCAL, reads=True) as connection:
            row = await (await connection.execute(_OF_EDITION, values)).fetchone()
        return TakenCode(*row) if row is not None else None

    async def note_edition(
        self, run: str, municipality: str, edition: str, digest: str, fetched_at: datetime | None = None
    ) -> None:
        """Keep of which edition a code is that a run goes on with; ``fetched_at`` where it did not fetch all of it itself."""
        values = {
            "run": run,
            "town": municipality,
            "edition": edition,
            "digest": digest,
            "fetched_at": fetched_at,
            "ends": list(ENDS),
        }
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(_NOTE_EDITION, values)

    async def reach(
        self,
        run: str,
        municipality: str,
        stage: str,
        *,
        reason: str = "",
        digest: str = "",
        kinds: Collection[str] = (),
        **counts: int,
    ) -> None:
        """A town comes to a stage; what is counted is added to what was. One that ended stays as it is.

        ``kinds`` are those of the misgivings for which it is quarantined.
        """
        async with self._database.connection(LOCAL) as connection:
            reached = await bring_to(connection, run, municipality, stage, reason, digest, counts)
            if reached and stage == "quarantined":
                await connection.execute(_HOLD_BACK, (sorted(kinds), municipality))

    async def describe(self, run: str, town: ListedTown) -> None:
        """Keep what is offered of a town now."""
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(
                "UPDATE refreshed_towns SET town = %s WHERE run = %s AND municipality = %s",
                (json.dumps(asdict(town)), run, town.municipality),
            )

    async def cancel(self, run: str) -> int:
        """End a run that goes on: the number of towns that it leaves as they were."""
        async with self._database.connection(LOCAL) as connection:
            ended = await (await connection.execute(_END, (run,))).fetchone()
            if ended is None:
                return 0
            values = {"run": run, "steps": ended[0], "ends": list(ENDS)}
            return (await connection.execute(_CANCEL, values)).rowcount

    async def _runs(self, rest: str, values: Mapping[str, Any]) -> list[Run]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                f"SELECT id, scope, begun_at, ended_at FROM refreshes {rest}".encode(), values
            )
            return [Run(*row) for row in await cursor.fetchall()]

    async def _states(self, query: str, values: Mapping[str, Any]) -> list[TownState]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(query.encode(), values)
            return [town_state(row) for row in await cursor.fetchall()]


async def bring_to(
    connection: psycopg.AsyncConnection,
    run: str,
    municipality: str,
    stage: str,
    reason: str = "",
    digest: str = "",
    counts: Mapping[str, int] | None = None,
) -> bool:
    """Bring a town to a stage, within a transaction; whether it had not ended."""
    values = {
        "run": run,
        "municipality": municipality,
        "stage": stage,
        "reason": reason[:2000],
        "digest": digest,
        "counts": json.dumps(dict(counts or {})),
        "ends": list(ENDS),
    }
    return bool((await connection.execute(_REACH, values)).rowcount)


def town_state(row: Sequence[Any]) -> TownState:
    """A row as it was written."""
    run, municipality, town, *rest = row
    return TownState(run, municipality, ListedTown(**town), *rest)
