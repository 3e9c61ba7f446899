"""A pool of connections whose failures are errors of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from plotlot.domain.errors import StoreUnavailable

WAIT_SECONDS = 5.0


class Database:
    """Connections to the store; made closed, opened by the composition root once the store runs."""

    def __init__(self, size: int) -> None:
        self._conninfo = ""
        self._pool = AsyncConnectionPool(
            lambda: self._conninfo,
            min_size=1,
            max_size=size,
            open=False,
            timeout=WAIT_SECONDS,
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self, conninfo: str) -> None:
        """Open the first connection. Raises StoreUnavailable."""
        self._conninfo = conninfo
        try:
            await self._pool.open(wait=True, timeout=WAIT_SECONDS)
        except PoolTimeout as error:
            raise StoreUnavailable("the database cannot be reached; check that it runs") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """A connection in a transaction that commits at the end. Raises StoreUnavailable."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.errors.DiskFull, psycopg.errors.ProgramLimitExceeded) as error:
            raise StoreUnavailable(f"the database cannot write: {error}; nothing was changed") from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise StoreUnavailable(
                f"the database went away: {error}; nothing was changed, try again"
            ) from error
