"""The state of what answers rest on: codes, index, parcels. Every write changes that of the towns that it touches."""

import asyncio
from contextvars import ContextVar

from plotlot.domain.access import LOCAL
from plotlot.domain.municipalities import municipality_key
from plotlot.rpc.context import current_tenant
from plotlot.store.pool import Database

EVERY_TOWN = ""  # what changes answers about all of them stands under it, as a new live index does
_STATES = """
SELECT town, count(*), max(at)::text FROM content_changes WHERE town = ANY(%(towns)s) GROUP BY town
UNION ALL
SELECT NULL, count(*), max(at)::text FROM content_changes WHERE %(all)s
"""
_FOLD = """
WITH gone AS (DELETE FROM content_changes WHERE at < now() - interval '30 days' RETURNING town)
INSERT INTO content_changes (town) SELECT DISTINCT town FROM gone ON CONFLICT DO NOTHING
"""

States = dict[str | None, str]

# The state that was read for what is being answered; empty where nothing may be kept of it.
current_state: ContextVar[str] = ContextVar("current_state", default="")


class ContentState:
    """Reads states for those who ask at the same time together, each after they asked: so that whoever asks
    after a write was answered sees it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading: asyncio.Task[States] | None = None
        self._next: asyncio.Task[States] | None = None
        self._wanted: set[str | None] = set()  # towns that those who wait for the next reading asked for

    async def now(self, municipality: str = "") -> str:
        """The state of a municipality, or of all, read since this was called. Raises StoreUnavailable."""
        wanted = towns_of(municipality, current_tenant())
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._reading))
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._wanted.update(wanted)
        states = await asyncio.shield(self._next)
        return "/".join(states.get(town, "") for town in wanted)

    async def _after(self, before: "asyncio.Task[States] | None") -> States:
        """Read once the reading before this one has ended; those who ask from then on wait for the next."""
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        wanted, self._wanted = self._wanted, set()
        values = {"towns": [town for town in wanted if town is not None], "all": None in wanted}
        async with self._database.connection(reads=True) as connection:
            rows = await (await connection.execute(_STATES, values)).fetchall()
        return {town: f"{count}.{newest}" for town, count, newest in rows}

    async def fold(self) -> None:
        """Keep the table small: a town's changes of long ago become one of now, which is a state of its own."""
        async with self._database.connection() as connection:
            await connection.execute(_FOLD)


def towns_of(municipality: str, tenant: str) -> tuple[str | None, ...]:
    """Under what the changes stand that answers about a municipality rest on: its shared shelf, and the tenant's own.

    None stands for everything: where no municipality is named, any may answer.
    """
    key = municipality_key(municipality)
    if not key:
        return (None,)
    return (EVERY_TOWN, key) if tenant == LOCAL else (EVERY_TOWN, key, f"{key}\n{tenant}")
