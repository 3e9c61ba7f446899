"""A backup put back: into an empty database, then held to its manifest table by table."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

from plotlot.backups.contents import contents_of, tables_of
from plotlot.backups.creating import column, files_of
from plotlot.backups.logins import connected, for_copies, row_security, seen_as, server_version
from plotlot.backups.manifest import Difference, Manifest, differences, from_json
from plotlot.backups.places import DUMP, MANIFEST
from plotlot.backups.programs import programs_for, run, without_password
from plotlot.domain.errors import InvalidBackup, InvalidRequest
from plotlot.store.migrate import migrate

# Rows that the schema makes itself: a database that has these alone is as good as empty.
OF_THE_SCHEMA = frozenset({"public.schema_migrations", "public.content_changes"})
_HIDING = re.compile(r"\d+; \d+ \d+ (POLICY|ROW SECURITY) ")
_OTHERS = """
SELECT coalesce(nullif(application_name, ''), usename, 'unnamed') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1
"""
_AVAILABLE = "SELECT name FROM pg_available_extensions"
_OF_OURS = """
SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name) FROM (
    SELECT 1 AS turn, 'TABLE' AS kind, c.oid::regclass::text AS name, 'pg_class'::regclass AS catalog, c.oid
    FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 2, 'ROUTINE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
    FROM pg_proc AS p WHERE p.pronamespace = current_schema()::regnamespace
) AS ours
WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = catalog AND objid = ours.oid AND deptype = 'e')
ORDER BY turn
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore took, in seconds by its steps, and what is not as the backup has it.

    Where anything is not, the schema was left as restored; else ``migrations`` were applied that came after the backup.
    """

    seconds: dict[str, float]
    differences: tuple[Difference, ...]
    migrations: int


async def restore(
    folder: Path, manifest: Manifest, conninfo: str, overwrite: str | None, jobs: int
) -> Restored:
    """Put a backup's rows into an empty database, or into the one that is named to be overwritten, and compare them.

    Raises InvalidRequest where the database is not to be written to, and BackupFailed where it could not be.
    """
    copying, seconds = for_copies(conninfo), dict[str, float]()
    async with connected(copying) as connection:
        await refuse_others(connection, manifest, overwrite)
        await clear(connection)
    with timed(seconds, "restore"):
        await filled(copying, folder / DUMP, manifest, jobs)
    with timed(seconds, "analyze"):
        async with connected(copying) as connection:
            await connection.execute("ANALYZE")
    with timed(seconds, "compare"):
        different = await compared(conninfo, manifest)
    if different:
        return Restored(seconds, different, 0)
    with timed(seconds, "migrate"):
        applied = await asyncio.to_thread(migrate, conninfo)
    return Restored(seconds, (), applied)


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    """Note how long a step took."""
    started = time.perf_counter()
    yield
    seconds[step] = round(time.perf_counter() - started, 3)


async def filled(conninfo: str, dump: Path, manifest: Manifest, jobs: int) -> None:
    """Run pg_restore. Roles belong to a server: whoever restores owns all, and the migration after grants anew.

    Policies come last: a table that has row-level security on, and no policy yet, shows nobody the rows that the foreign
    keys of others are checked by.
    """
    programs = programs_for(int(manifest.origin.client.split(".")[0]), "the backup")
    async with connected(conninfo) as connection:
        policies = row_security(await seen_as(connection))
    how = ["--exit-on-error", "--no-owner", "--no-privileges", "--no-comments", *policies]
    with without_password(conninfo) as named, TemporaryDirectory(prefix="plotlot-restore-") as scratch:
        folder = Path(scratch)
        await run("pg_restore", programs.folder, "--list", f"--file={folder / 'all'}", str(dump))
        for turn, entries in enumerate(in_turns((folder / "all").read_text())):
            listed = folder / str(turn)
            listed.write_text(entries)
            parts = [f"--use-list={listed}", f"--jobs={jobs}", f"--dbname={named}", str(dump)]
            await run("pg_restore", programs.folder, *how, *parts)


def in_turns(listing: str) -> tuple[str, str]:
    """The entries of a dump as pg_restore lists them: all but those that hide rows, and those."""
    lines = listing.splitlines(keepends=True)
    hiding = [line for line in lines if _HIDING.match(line)]
    return "".join(line for line in lines if not _HIDING.match(line)), "".join(hiding)


async def refuse_others(
    connection: psycopg.AsyncConnection, manifest: Manifest, overwrite: str | None
) -> None:
    """Raise InvalidRequest where the backup cannot go into this database, or would replace rows that nobody named."""
    major, version = server_version(connection)
    if major < int(manifest.origin.server.split(".")[0]):
        raise InvalidRequest(
            f"the backup is of Postgres {manifest.origin.server}, and this server is {version}:"
            " restore into one that is no older"
        )
    if missing := sorted(set(manifest.origin.extensions) - set(await column(connection, _AVAILABLE))):
        raise InvalidRequest(
            f"this Postgres lacks {', '.join(missing)}: install it there (pgvector, contrib modules)"
        )
    if others := await column(connection, _OTHERS):
        raise InvalidRequest(
            f"this database is used by {', '.join(sorted(set(others)))} ({len(others)} in all): stop PlotLot's services,"
            " and leave psql, before anything is restored"
        )
    name = connection.info.dbname
    if overwrite is not None and overwrite != name:
        raise InvalidRequest(
            f"the address is that of the database {name}, and {overwrite} is to be overwritten"
        )
    full = await tables_with_rows(connection)
    if full and overwrite is None:
        raise InvalidRequest(
            f"the database {name} is not empty: {', '.join(full[:3])}{', ...' if full[3:] else ''} have rows;"
            f" restore into an empty one, or say --overwrite {name}"
        )


async def tables_with_rows(connection: psycopg.AsyncConnection) -> list[str]:
    """The tables that hold what somebody wrote."""
    full = []
    for name in await tables_of(connection):
        some = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(*name.split(".", 1)))
        row = await (await connection.execute(some)).fetchone()
        if name not in OF_THE_SCHEMA and row is not None and row[0]:
            full.append(name)
    return full


async def clear(connection: psycopg.AsyncConnection) -> None:
    """Drop the tables and functions of the schema, all or none; extensions stay."""
    async with connection.transaction():
        for statement in await column(connection, _OF_OURS):
            await connection.execute(statement.encode())


def manifest_in(folder: Path) -> Manifest:
    """The manifest of a backup's folder, every file of which is as it says. Raises InvalidBackup naming one that is not."""
    try:
        manifest = from_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise InvalidBackup("it has no manifest: it was never finished") from error
    here = {file.path: file for file in files_of(folder)}
    for file in manifest.files:
        if file.path not in here:
            raise InvalidBackup(f"{file.path} is missing from the backup")
        if here[file.path] != file:
            raise InvalidBackup(f"{file.path} was changed after the backup was made")
    return manifest


async def compared(conninfo: str, manifest: Manifest) -> tuple[Difference, ...]:
    """How a database differs from a backup of it. Raises BackupFailed where it cannot be asked."""
    async with connected(for_copies(conninfo)) as connection:
        found = await contents_of(connection, manifest.contents.tables)
    return tuple(differences(manifest.contents, found))
