"""How far refreshes are, as people look at it: runs, their towns, what changed since a step, and who works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plotlot.domain.access import LOCAL
from plotlot.domain.coverage import LISTED
from plotlot.domain.errors import UnknownRefresh
from plotlot.ingestion.refreshing.towns import TOWN_COLUMNS, TownState, town_state
from plotlot.store.pool import Database

SLOTS = 17  # the first number of the advisory locks by which workers hold their slots
_RUNS = """
SELECT id, scope, begun_at, ended_at, cancelled, steps, (
    SELECT coalesce(jsonb_object_agg(stage, number), '{}')
    FROM (SELECT stage, count(*) AS number FROM refreshed_towns WHERE run = refreshes.id GROUP BY stage) AS counted
) FROM refreshes
"""
_WORKERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_OF_RUN = f"""
SELECT {TOWN_COLUMNS} FROM refreshed_towns
WHERE run = %(run)s AND municipality > %(after)s AND (%(stages)s::text[] = '{{}}' OR stage = ANY(%(stages)s))
  AND (%(state)s = '' OR upper(right(municipality, 2)) = %(state)s)
ORDER BY municipality LIMIT %(limit)s
"""
_CHANGED = f"""
SELECT {TOWN_COLUMNS} FROM refreshed_towns WHERE run = %(run)s AND step > %(after)s ORDER BY step LIMIT %(limit)s
"""
# Towns that a publisher lists, and those that were refreshed once and that nobody lists any more.
_KNOWN = f"""
WITH listed AS (
    SELECT DISTINCT ON (town->>'municipality') town->>'municipality' AS municipality, town AS listed
    FROM listings, jsonb_array_elements(towns) AS town ORDER BY town->>'municipality', listed_at DESC
), refreshed AS (
    SELECT DISTINCT ON (municipality) {TOWN_COLUMNS} FROM refreshed_towns
    ORDER BY municipality, changed_at DESC, run DESC
)
SELECT coalesce(run, ''), municipality, coalesce(town, listed), coalesce(host, ''), coalesce(accepted, false),
       coalesce(stage, '{LISTED}'), coalesce(reason, ''), coalesce(digest, ''), coalesce(counts, '{{}}'), changed_at,
       coalesce(step, 0)
FROM listed FULL JOIN refreshed USING (municipality)
WHERE municipality > %(after)s AND (%(stages)s::text[] = '{{}}' OR coalesce(stage, '{LISTED}') = ANY(%(stages)s))
  AND (%(state)s = '' OR upper(right(municipality, 2)) = %(state)s)
ORDER BY municipality LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A run with its towns by stage; ``steps`` counts the changes of its towns."""

    id: str
    scope: str
    begun_at: datetime
    ended_at: datetime | None
    cancelled: bool
    steps: int
    stages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TownFilter:
    """Which towns are looked for: of a run, or with none of it all that are known; at some stages, of a state."""

    run: str = ""
    stages: Sequence[str] = ()
    state: str = ""
    after: str = ""
    limit: int = 50


class Progress:
    """Reads what workers wrote."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, run: str) -> RunProgress:
        """One run. Raises UnknownRefresh."""
        found = await self._runs("WHERE id = %(run)s", {"run": run})
        if not found:
            raise UnknownRefresh(f"there is no refresh {run!r}", field="refresh")
        return found[0]

    async def runs(self, before: tuple[datetime, str] | None, limit: int) -> list[RunProgress]:
        """Runs, the newest first; ``before`` is the time and id of the last one seen."""
        older = "WHERE (begun_at, id) < (%(at)s, %(id)s)" if before else ""
        at, run = before or (None, "")
        return await self._runs(
            f"{older} ORDER BY begun_at DESC, id DESC LIMIT %(limit)s", {"at": at, "id": run, "limit": limit}
        )

    async def towns(self, wanted: TownFilter) -> list[TownState]:
        """Towns by name."""
        values = {
            "run": wanted.run,
            "stages": list(wanted.stages),
            "state": wanted.state.upper(),
            "after": wanted.after,
            "limit": wanted.limit,
        }
        return await self._towns(_OF_RUN if wanted.run else _KNOWN, values)

    async def changed(self, run: str, after: int, limit: int) -> list[TownState]:
        """Towns of a run that changed after a step, in the order in which they did."""
        return await self._towns(_CHANGED, {"run": run, "after": after, "limit": limit})

    async def workers(self) -> int:
        """How many processes work on refreshes now."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            row = await (await connection.execute(_WORKERS, (SLOTS,))).fetchone()
        return int(row[0]) if row else 0

    async def _runs(self, rest: str, values: Mapping[str, Any]) -> list[RunProgress]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(f"{_RUNS} {rest}".encode(), values)
            return [RunProgress(*row) for row in await cursor.fetchall()]

    async def _towns(self, query: str, values: Mapping[str, Any]) -> list[TownState]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(query.encode(), values)
            return [town_state(row) for row in await cursor.fetchall()]
