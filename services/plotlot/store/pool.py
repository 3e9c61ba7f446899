"""A pool of connections whose failures are errors of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from plotlot.domain.errors import StoreUnavailable
from plotlot.store.migrate import in_a_line

WAIT_SECONDS = 5.0
# Attempts to connect start anew with the next request after this time. Left to itself, the pool would try
# ever more seldom, and find a database that came back only after as long as it had been away.
RECONNECT_SECONDS = 1.0


class Database:
    """Connections to the store; made closed, opened by the composition root once the store runs."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pool: AsyncConnectionPool | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def opened(self) -> bool:
        """Whether it was ever reached."""
        return self._pool is not None

    async def open(self, conninfo: str) -> None:
        """Open the first connection. Raises StoreUnavailable, and may then be called again."""
        pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=self._size,
            open=False,
            timeout=WAIT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            check=AsyncConnectionPool.check_connection,
        )
        try:
            await pool.open(wait=True, timeout=WAIT_SECONDS)
        except PoolTimeout as error:
            raise StoreUnavailable("the database cannot be reached; check that it runs") from error
        except BaseException:
            await pool.close()
            raise
        self._pool = pool

    def renew(self) -> None:
        """Begin to replace the connections that broke: the database was away and answers again."""
        if self._pool is not None and (self._renewing is None or self._renewing.done()):
            self._renewing = asyncio.create_task(self._pool.check())

    async def close(self) -> None:
        """Close every connection."""
        if self._renewing is not None:
            await asyncio.gather(self._renewing, return_exceptions=True)
        if self._pool is not None:
            await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """A connection in a transaction that commits at the end. Raises StoreUnavailable."""
        if self._pool is None:
            raise StoreUnavailable("the database was not reached yet; try again")
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.errors.DiskFull as error:
            raise StoreUnavailable(
                f"the database's disk is full: {in_a_line(error)}; nothing was changed, make room and try again"
            ) from error
        except psycopg.errors.ProgramLimitExceeded as error:
            raise StoreUnavailable(
                f"the database cannot write: {in_a_line(error)}; nothing was changed"
            ) from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise StoreUnavailable(
                f"the database went away: {in_a_line(error)}; nothing was changed, try again"
            ) from error
