"""The role that services take in the database: it owns nothing, and row-level security holds it.

Roles belong to a server, not to a database: one that was restored elsewhere lacks it, so it is seen to with every
migration and not by one. Where the login may make no roles, services stay the login, whom policies hold as the
owner of the tables unless it is a superuser.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

ROLE = "plotlot_service"

# Since Postgres 16 whoever makes a role is a member that may not take it, unless that is granted.
_MAY_TAKE = (
    f"pg_has_role('{ROLE}', CASE WHEN current_setting('server_version_num')::int >= 160000"
    " THEN 'SET' ELSE 'MEMBER' END)"
)
_MAKE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
    IF NOT {_MAY_TAKE} THEN
        GRANT {ROLE} TO CURRENT_USER;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$;
"""
_GRANT = f"""
DO $$ DECLARE each record; BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema());
    FOR each IN
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S') AND relname <> 'schema_migrations'
          AND pg_has_role(relowner, 'USAGE')
    LOOP
        IF each.relkind = 'S' THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE %I TO {ROLE}', each.relname);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {ROLE}', each.relname);
        END IF;
    END LOOP;
    IF to_regclass('audit') IS NOT NULL THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM {ROLE};
    END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
"""
_TAKEN = f"SELECT {_MAY_TAKE} FROM pg_roles WHERE rolname = '{ROLE}'"
_READY = f"SELECT has_table_privilege(oid, to_regclass('municipalities'), 'INSERT') FROM pg_roles WHERE rolname = '{ROLE}'"
_HELD = "SELECT coalesce(row_security_active(to_regclass('municipalities')), true)"


def ensure_role(connection: psycopg.Connection, migrated: bool) -> None:
    """Make the role where it is missing and the login may, and let it use every table that there is now."""
    row = connection.execute(_READY.encode()).fetchone()
    if row is not None and row[0] and not migrated:
        return
    connection.execute(_MAKE.encode())
    row = connection.execute(_TAKEN.encode()).fetchone()
    if row is not None and row[0]:
        connection.execute(_GRANT.encode())


async def role_to_take(connection: psycopg.AsyncConnection) -> str | None:
    """The role, where the login may take it."""
    row = await (await connection.execute(_TAKEN.encode())).fetchone()
    return ROLE if row is not None and row[0] else None


async def is_held(connection: psycopg.AsyncConnection) -> bool:
    """Whether row-level security holds whoever the connection is now."""
    row = await (await connection.execute(_HELD)).fetchone()
    return row is not None and bool(row[0])


@asynccontextmanager
async def as_login(connection: psycopg.AsyncConnection) -> AsyncIterator[None]:
    """In a transaction, be the login for a while: only the owner of a table may index it."""
    row = await (await connection.execute("SELECT current_setting('role')")).fetchone()
    assert row is not None, "a SELECT without FROM has a row"
    await connection.execute("SET LOCAL ROLE NONE")
    yield
    await connection.execute("SELECT set_config('role', %s, true)", row)
