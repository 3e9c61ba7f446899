"""Plain SQL migrations, applied at start; processes that start at once wait for one another."""

from importlib import resources

import psycopg

from plotlot.domain.errors import StoreUnavailable

LOCK = 7_106_871_507  # any constant: the advisory lock that migrations take


def migrate(conninfo: str) -> int:
    """Apply what is missing, each file in its own transaction, and return how many were."""
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            return apply_missing(connection)
    except psycopg.errors.FeatureNotSupported as error:
        raise StoreUnavailable(
            f"this Postgres lacks an extension; install pgvector and the contrib modules: {error}"
        ) from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"cannot reach the database: {error}") from error


def apply_missing(connection: "psycopg.Connection") -> int:
    """Apply every migration that the database has not recorded, in the order of their names."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_migrations"
        " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    done = {row[0] for row in connection.execute("SELECT name FROM schema_migrations")}
    folder = resources.files("plotlot.store") / "migrations"
    missing = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql") and file.name not in done),
        key=lambda file: file.name,
    )
    for file in missing:
        with connection.transaction():
            connection.execute(file.read_text().encode())
            connection.execute("INSERT INTO schema_migrations (name) VALUES (%s)", (file.name,))
    return len(missing)
