"""The state of all that answers rest on: codes, index, parcels. It changes with every write to them."""

import asyncio
from contextvars import ContextVar

from plotlot.store.pool import Database

_STATE = "SELECT count(*), max(at)::text FROM content_changes"

# The state that was read for what is being answered; empty where nothing may be kept of it.
current_state: ContextVar[str] = ContextVar("current_state", default="")


class ContentState:
    """Reads the state for those who ask at the same time together, each after they asked: so that whoever asks
    after a write was answered sees it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading: asyncio.Task[str] | None = None
        self._next: asyncio.Task[str] | None = None

    async def now(self) -> str:
        """The state, read since this was called. Raises StoreUnavailable."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._reading))
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._next)

    async def _after(self, before: "asyncio.Task[str] | None") -> str:
        """Read once the reading before this one has ended; those who ask from then on wait for the next."""
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        async with self._database.connection(reads=True) as connection:
            row = await (await connection.execute(_STATE)).fetchone()
        assert row is not None, "a count always has a row"
        return f"{row[0]}.{row[1]}"

    async def fold(self) -> None:
        """Keep the table small: the changes of long ago become one of now, which is a state of its own."""
        async with self._database.connection() as connection:
            folded = await connection.execute(
                "DELETE FROM content_changes WHERE at < now() - interval '30 days'"
            )
            if folded.rowcount:
                await connection.execute("INSERT INTO content_changes DEFAULT VALUES ON CONFLICT DO NOTHING")
