"""How the database is spoken to while it is copied: as the login itself, which has to see every tenant's rows.

A superuser, or a role with BYPASSRLS, sees them whatever the policies say. Whoever owns the tables and is neither is
held by them, and says that it is upkeep: the tenant ``*``, to whom every policy shows every row (ADR 14).
"""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import BackupFailed, InvalidRequest
from plotlot.store.migrate import in_a_line

APPLICATION = "plotlot-backup"
# A copy takes as long as it takes, and its snapshot is held until pg_dump has ended. Locks are not waited for long.
OPTIONS = (
    f"-c plotlot.tenant={EVERY_TENANT} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    " -c lock_timeout=10s"
)
BYPASSES = "bypasses row-level security"
HELD = f"the tenant {EVERY_TENANT}, whom policies show every row"
_BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def for_copies(conninfo: str) -> str:
    """The connection string of a session that copies. Raises InvalidRequest where it is none."""
    try:
        named: dict[str, Any] = dict(conninfo_to_dict(conninfo))
    except psycopg.ProgrammingError as error:
        raise InvalidRequest(
            f"this is no address of a database: {in_a_line(error)}; write postgresql://USER@HOST:PORT/DATABASE"
        ) from error
    options = f"{named.get('options') or ''} {OPTIONS}".strip()
    return make_conninfo(**{**named, "options": options, "application_name": APPLICATION})


@contextlib.asynccontextmanager
async def connected(conninfo: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection by the string of ``for_copies``. Raises BackupFailed saying why there is none, or none any more."""
    try:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            yield connection
    except psycopg.errors.LockNotAvailable as error:
        raise BackupFailed(
            "the schema is being changed, and its tables are locked; try again after that"
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupFailed(
            f"the login may not read everything: {in_a_line(error)}; use the owner of the tables, or a superuser"
        ) from error
    except psycopg.OperationalError as error:
        raise BackupFailed(
            f"the database does not answer, or went away: {in_a_line(error)}; check its address and that it runs"
        ) from error


async def seen_as(connection: psycopg.AsyncConnection) -> str:
    """By what right the session sees every row."""
    row = await (await connection.execute(_BYPASSES)).fetchone()
    return BYPASSES if row is not None and row[0] else HELD


def row_security(held: str) -> list[str]:
    """What pg_dump and pg_restore are told by a session that policies hold: else they refuse rather than miss rows."""
    return [] if held == BYPASSES else ["--enable-row-security"]


def server_version(connection: psycopg.AsyncConnection) -> tuple[int, str]:
    """The server's major version, and all of it as it says it."""
    number = connection.info.server_version
    return number // 10_000, connection.info.parameter_status("server_version") or str(number)
