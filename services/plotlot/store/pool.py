"""A pool of connections whose failures are errors of ours, each transaction held to the rows of one tenant.

Each time that a connection is handed out, it is told the role of services and the tenant who asks, with BEGIN where
there is a transaction. One statement does it, which is also the look whether the connection still stands.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from plotlot.domain.access import LOCAL
from plotlot.domain.errors import StoreUnavailable
from plotlot.store.migrate import in_a_line
from plotlot.store.service_role import is_held, role_to_take
from plotlot.store.statement_spans import TracedConnection
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
# Attempts to connect start anew with the next request after this time. Left to itself, the pool would try
# ever more seldom, and find a database that came back only after as long as it had been away.
RECONNECT_SECONDS = 1.0

# What a connection is told as it is handed out: the pool hands its check nothing but the connection.
_first_words: ContextVar[bytes] = ContextVar("first_words", default=b"")


class Database:
    """Connections to the store; made closed, opened by the composition root once the store runs."""

    def __init__(
        self, size: int, tenant: Callable[[], str] = lambda: LOCAL, metrics: Metrics | None = None
    ) -> None:
        """``tenant`` says whose rows the code that asks for a connection may see."""
        self._metrics = metrics or Metrics()
        self._measure(self._metrics)
        self._size = size
        self._tenant = tenant
        self._role: str | None = None
        self._pool: AsyncConnectionPool | None = None
        self._renewing: asyncio.Task[None] | None = None

    def _measure(self, metrics: Metrics) -> None:
        """Have the pool's figures looked up whenever somebody asks for the metrics."""
        metrics.database_connections_most.set_function(lambda: self._size)
        metrics.database_waiting.set_function(lambda: self._figure("requests_waiting"))
        metrics.database_connections.labels("idle").set_function(lambda: self._figure("pool_available"))
        metrics.database_connections.labels("used").set_function(
            lambda: self._figure("pool_size") - self._figure("pool_available")
        )

    def _figure(self, name: str) -> int:
        return self._pool.get_stats().get(name, 0) if self._pool is not None else 0

    @property
    def opened(self) -> bool:
        """Whether it was ever reached."""
        return self._pool is not None

    async def open(self, conninfo: str) -> None:
        """Open the first connection. Raises StoreUnavailable, and may then be called again."""
        pool: AsyncConnectionPool[psycopg.AsyncConnection] = AsyncConnectionPool(
            conninfo,
            connection_class=TracedConnection,
            min_size=1,
            max_size=self._size,
            open=False,
            timeout=WAIT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True},  # else psycopg would send a BEGIN of its own before ours
            check=say_first_words,
        )
        try:
            await pool.open(wait=True, timeout=WAIT_SECONDS)
            await self._take_role(pool)
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

    def refused(self, error: Exception) -> None:
        """Count a connection that was refused for its secret."""
        if is_of_secret(error):
            self._metrics.secrets_refused.labels("database").inc()

    async def _take_role(self, pool: AsyncConnectionPool) -> None:
        """Find the role to take; warn where nothing holds one tenant's requests to its rows."""
        _first_words.set(first_words(None, LOCAL, reads=True))
        async with pool.connection() as connection:
            self._role = await role_to_take(connection)
            await connection.execute(first_words(self._role, LOCAL, reads=True))
            if not await is_held(connection):
                log.warning(
                    "row-level security does not hold the database's login: run plotlot migrate once with a login"
                    " that may make roles, or use one that is no superuser"
                )

    @asynccontextmanager
    async def connection(
        self, tenant: str | None = None, *, reads: bool = False
    ) -> AsyncIterator[psycopg.AsyncConnection]:
        """A connection in a transaction that commits at the end: the request's tenant's, or the one named.

        What only ``reads`` has none: each statement, or pipeline of statements, stands for itself, and neither
        BEGIN nor COMMIT is waited for. Raises StoreUnavailable.
        """
        if self._pool is None:
            raise StoreUnavailable("the database was not reached yet; try again")
        _first_words.set(first_words(self._role, self._tenant() if tenant is None else tenant, reads))
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.errors.DiskFull as error:
            self._metrics.database_failures.labels("disk_full").inc()
            raise StoreUnavailable(
                f"the database's disk is full: {in_a_line(error)}; nothing was changed, make room and try again"
            ) from error
        except psycopg.errors.ProgramLimitExceeded as error:
            self._metrics.database_failures.labels("limit").inc()
            raise StoreUnavailable(
                f"the database cannot write: {in_a_line(error)}; nothing was changed"
            ) from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            self._metrics.database_failures.labels("away").inc()
            raise StoreUnavailable(
                f"the database went away: {in_a_line(error)}; nothing was changed, try again"
            ) from error


def is_of_secret(error: Exception) -> bool:
    """Whether a connection was refused for who asked for it; libpq tells that by its words alone."""
    words = str(error)
    return "authentication failed" in words or ("role" in words and "does not exist" in words)


async def say_first_words(connection: psycopg.AsyncConnection) -> None:
    """Tell a connection whose it is now; fails where it does not stand any more.

    Whoever asked may go while it is told: BEGIN was heard by then, and the pool is handed back no transaction.
    """
    try:
        await connection.execute(_first_words.get(), prepare=False)
    except BaseException:
        with suppress(psycopg.Error):
            await connection.rollback()
        raise


@lru_cache(maxsize=1024)
def first_words(role: str | None, tenant: str, reads: bool) -> bytes:
    """The statements, sent as one. Those of a transaction end with it; the others are said anew each time."""
    local = sql.SQL("" if reads else "LOCAL ")
    parts = [sql.SQL("SET {}plotlot.tenant = {}").format(local, tenant)]
    if role is not None:
        parts.append(sql.SQL("SET {}ROLE {}").format(local, sql.Identifier(role)))
    return sql.SQL("; ").join(parts if reads else [sql.SQL("BEGIN"), *parts]).as_bytes(None)
