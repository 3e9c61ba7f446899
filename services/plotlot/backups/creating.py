"""A backup: pg_dump and the count of every table, both in one snapshot."""

import asyncio
import importlib.metadata
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from plotlot.backups.contents import contents_of, extensions_of, tables_of
from plotlot.backups.logins import connected, for_copies, row_security, seen_as, server_version
from plotlot.backups.manifest import NAME_FORMAT, Contents, DumpFile, Manifest, Origin, as_json
from plotlot.backups.places import DUMP, MANIFEST, Place, superseded
from plotlot.backups.programs import Programs, compression, programs_for, run, without_password
from plotlot.domain.errors import InvalidRequest

LOCK_WAIT = "10s"  # a migration holds the tables, and ends soon or not at all


async def create(conninfo: str, place: Place, now: datetime, jobs: int) -> Manifest:
    """Write a backup of the database into a place. Raises BackupFailed, and there is then no trace of it."""
    name = now.astimezone(UTC).strftime(NAME_FORMAT)
    with place.writing(name) as folder:
        manifest = await written(for_copies(conninfo), folder, name, jobs)
        (folder / MANIFEST).write_text(as_json(manifest))
    return manifest


def keep_newest(place: Place, keep: int, now: datetime) -> list[str]:
    """Remove all but the newest complete backups, and what was abandoned; returns what went."""
    gone = superseded(place.kept(), keep, now)
    for name in gone:
        place.remove(name)
    return gone


async def written(conninfo: str, folder: Path, name: str, jobs: int) -> Manifest:
    """Dump into the folder, and tell what is dumped. Tables are locked against changes of the schema until then."""
    started = time.perf_counter()
    async with connected(conninfo) as connection:
        major, version = server_version(connection)
        programs = programs_for(major, "the server")
        held = await seen_as(connection)
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await lock_schema(connection)
            cursor = await connection.execute("SELECT pg_export_snapshot(), now()")
            snapshot, taken_at = (await cursor.fetchall())[0]
            origin = await origin_of(connection, version, programs, held)
            dump = dumped(conninfo, folder / DUMP, programs, snapshot, jobs, held)
            contents = await beside(dump, contents_of(connection))
    files = await asyncio.to_thread(files_of, folder)
    seconds = round(time.perf_counter() - started, 3)
    return Manifest(name, taken_at, seconds, origin, contents, files)


async def beside(dump: Coroutine[Any, Any, None], count: Coroutine[Any, Any, Contents]) -> Contents:
    """Both at once; where one fails, the other is ended, and the first error is told."""
    dumping, counting = asyncio.ensure_future(dump), asyncio.ensure_future(count)
    try:
        await asyncio.gather(dumping, counting)
        return counting.result()
    except BaseException:
        dumping.cancel()
        counting.cancel()
        await asyncio.gather(dumping, counting, return_exceptions=True)
        raise


async def lock_schema(connection: psycopg.AsyncConnection) -> None:
    """Keep every table as it is, which lets everybody read and write it. Raises InvalidRequest where there is none."""
    names = [sql.Identifier(*name.split(".", 1)) for name in await tables_of(connection)]
    if not any(name.as_string().endswith('"schema_migrations"') for name in names):
        raise InvalidRequest("this database holds no PlotLot: check its name in the address")
    await connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(names)))


async def dumped(conninfo: str, to: Path, programs: Programs, snapshot: str, jobs: int, held: str) -> None:
    """Run pg_dump on a snapshot that somebody holds."""
    with without_password(conninfo) as named:
        await run(
            "pg_dump",
            programs.folder,
            "--format=directory",
            f"--jobs={jobs}",
            f"--compress={await asyncio.to_thread(compression, programs)}",
            f"--snapshot={snapshot}",
            f"--lock-wait-timeout={LOCK_WAIT}",
            *row_security(held),
            f"--file={to}",
            f"--dbname={named}",
        )


async def origin_of(
    connection: psycopg.AsyncConnection, server: str, programs: Programs, held: str
) -> Origin:
    """What is told of the database besides its rows."""
    return Origin(
        plotlot=importlib.metadata.version("plotlot"),
        migrations=tuple(await column(connection, "SELECT name FROM schema_migrations ORDER BY name")),
        server=server,
        client=programs.version,
        extensions=await extensions_of(connection),
        generations=dict(
            await rows(connection, "SELECT id::text, status FROM generations ORDER BY generations.id")
        ),
        bundles=tuple(await column(connection, "SELECT id FROM bundles ORDER BY registered_at, id")),
        seen_as=held,
    )


async def rows(connection: psycopg.AsyncConnection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return await (await connection.execute(query.encode())).fetchall()


async def column(connection: psycopg.AsyncConnection, query: str) -> list[str]:
    """The only column of a query."""
    return [row[0] for row in await rows(connection, query)]


def files_of(folder: Path) -> tuple[DumpFile, ...]:
    """Every file of a folder with its size and digest, the manifest's left out."""
    paths: Sequence[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(
        DumpFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest_of(path))
        for path in paths
        if path.relative_to(folder) != Path(MANIFEST)
    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()
