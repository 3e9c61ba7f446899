"""Whether the store can be used: opened once it is there, then looked at by a connection of its own.

Requests may hold every connection of the pool, and the store is well: so readiness does not ask by the pool.
"""

import asyncio
from contextlib import suppress

import psycopg

from plotlot.domain.errors import StoreUnavailable
from plotlot.store.migrate import in_a_line, migrate, migrations
from plotlot.store.pool import Database

LOOK_SECONDS = 3.0
LOOKS = 2  # in a row must fail: one slow answer of a busy machine is no outage


class StoreWatch:
    """Opens a database and keeps an eye on it."""

    def __init__(self, database: Database, conninfo: str, migrates: bool) -> None:
        self._database = database
        self._conninfo = conninfo
        self._migrates = migrates
        self._connection: psycopg.AsyncConnection | None = None
        self._failed = 0

    async def open(self) -> None:
        """Bring the schema up to date, or see that it is, and open the pool. Raises StoreUnavailable."""
        if self._migrates:
            await self._migrate()
        else:
            await self._look()
        await self._database.open(self._conninfo)

    async def check(self) -> None:
        """Open it where it is not, else see that it answers. Raises StoreUnavailable."""
        if not self._database.opened:
            await self.open()
            return
        try:
            await self._look()
        except StoreUnavailable:
            self._failed += 1
            if self._failed >= LOOKS:
                raise
        else:
            if self._failed:
                self._database.renew()
            self._failed = 0

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None

    async def _migrate(self) -> None:
        """Bring the schema up to date. Raises StoreUnavailable."""
        try:
            await asyncio.to_thread(migrate, self._conninfo)
        except StoreUnavailable as error:
            self._database.refused(error)
            raise

    async def _look(self) -> None:
        """Raise StoreUnavailable where the database does not answer, or lacks a migration."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                missing = await self._missing_migrations()
        except psycopg.errors.UndefinedTable:
            missing = [file.name for file in migrations()]
        except (psycopg.Error, TimeoutError) as error:
            self._database.refused(error)
            await self.close()
            reason = in_a_line(error) or "it does not answer"
            raise StoreUnavailable(f"cannot reach the database: {reason}") from error
        if missing:
            raise StoreUnavailable(
                f"the database lacks the migration {missing[0]}: run plotlot migrate of this release"
            )

    async def _missing_migrations(self) -> list[str]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        cursor = await self._connection.execute("SELECT name FROM schema_migrations")
        done = {name for (name,) in await cursor.fetchall()}
        return [file.name for file in migrations() if file.name not in done]
