"""The state of what answers rest on: codes, index, parcels. Every write changes that of the towns that it touches."""

import asyncio
from contextvars import Context, ContextVar

import psycopg

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
    after a write was answered sees it. As long as somebody waits, one connection reads on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader: asyncio.Task[None] | None = None
        self._next: asyncio.Future[States] | None = None  # the reading that those who ask now wait for
        self._wanted: set[str | None] = set()  # towns that they asked for

    async def now(self, municipality: str = "") -> str:
        """The state of a municipality, or of all, read since this was called. Raises StoreUnavailable."""
        wanted = towns_of(municipality, current_tenant())
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            self._next.add_done_callback(lambda told: told.cancelled() or told.exception())
        self._wanted.update(wanted)
        reading = self._next
        if self._reader is None:
            # Read for many: in the context of none of them, so that nobody's trace has the others' readings.
            self._reader = asyncio.create_task(self._read(), context=Context())
        states = await asyncio.shield(reading)
        return "/".join(states.get(town, "") for town in wanted)

    async def _read(self) -> None:
        """Read as long as somebody waits, those too who asked while the connection was given back."""
        told: asyncio.Future[States] | None = None
        try:
            while self._next is not None:
                async with self._database.connection(reads=True) as connection:
                    while self._next is not None:
                        told, self._next = self._next, None
                        wanted, self._wanted = self._wanted, set()
                        told.set_result(await states_of(connection, wanted))
        except Exception as error:
            for waiting in (told, self._next):
                if waiting is not None and not waiting.done():
                    waiting.set_exception(error)
        finally:
            if self._next is not None:
                self._next.cancel()
            self._reader = self._next = None

    async def fold(self) -> None:
        """Keep the table small: a town's changes of long ago become one of now, which is a state of its own."""
        async with self._database.connection() as connection:
            await connection.execute(_FOLD)


async def states_of(connection: psycopg.AsyncConnection, wanted: set[str | None]) -> States:
    """The state of each town, and under None that of all where it is wanted."""
    values = {"towns": [town for town in wanted if town is not None], "all": None in wanted}
    rows = await (await connection.execute(_STATES, values)).fetchall()
    return {town: f"{count}.{newest}" for town, count, newest in rows}


def towns_of(municipality: str, tenant: str) -> tuple[str | None, ...]:
    """Under what the changes stand that answers about a municipality rest on: its shared shelf, and the tenant's own.

    None stands for everything: where no municipality is named, any may answer.
    """
    key = municipality_key(municipality)
    if not key:
        return (None,)
    return (EVERY_TOWN, key) if tenant == LOCAL else (EVERY_TOWN, key, f"{key}\n{tenant}")
