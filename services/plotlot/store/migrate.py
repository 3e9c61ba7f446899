"""Plain SQL migrations: all that are missing in one transaction, so that a failed one changes nothing."""

from importlib import resources
from importlib.resources.abc import Traversable

import psycopg

from plotlot.domain.errors import StoreUnavailable
from plotlot.store.service_role import ensure_role

LOCK = 7_106_871_507  # any constant: the advisory lock that migrations take
TURN_TIMEOUT = "30s"  # for those that migrate at the same time
# A statement that waits for a table holds up every later reader of it: give up instead.
LOCK_TIMEOUT = "10s"


def migrate(conninfo: str) -> int:
    """Apply what is missing and return how many were; processes that start at once wait for one another.

    Raises StoreUnavailable, and the schema is then as it was.
    """
    try:
        with psycopg.connect(conninfo) as connection:
            connection.execute(f"SET LOCAL lock_timeout = '{TURN_TIMEOUT}'")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            applied = apply_missing(connection)
            ensure_role(connection, migrated=applied > 0)
            return applied
    except psycopg.errors.LockNotAvailable as error:
        raise StoreUnavailable("another process is changing the schema; try again") from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"cannot reach the database: {in_a_line(error)}") from error
    except psycopg.Error as error:
        raise StoreUnavailable(f"the schema cannot be changed: {error}") from error


def apply_missing(connection: psycopg.Connection) -> int:
    """Apply every migration that the database has not recorded, in the order of their names."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations"
        " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    done = {row[0] for row in connection.execute("SELECT name FROM schema_migrations")}
    missing = [file for file in migrations() if file.name not in done]
    for file in missing:
        apply(connection, file)
    return len(missing)


def apply(connection: psycopg.Connection, file: Traversable) -> None:
    """Apply one migration and record it. Raises StoreUnavailable naming it."""
    try:
        connection.execute(file.read_text().encode())
        connection.execute("INSERT INTO schema_migrations (name) VALUES (%s)", (file.name,))
    except psycopg.errors.FeatureNotSupported as error:
        raise StoreUnavailable(
            f"this Postgres lacks an extension; install pgvector and the contrib modules: {error}"
        ) from error
    except psycopg.Error as error:
        raise StoreUnavailable(f"the migration {file.name} failed, nothing was changed: {error}") from error


def migrations() -> list[Traversable]:
    """The migrations of this code, in the order in which they are applied."""
    folder = resources.files("plotlot.store") / "migrations"
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted(files, key=lambda file: file.name)


def in_a_line(error: BaseException) -> str:
    """What the database's client says, which it says on several lines."""
    return " ".join(str(error).split())
