"""``plotlot backup``: copies of the database, and what they are held to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from plotlot.backups.creating import create, keep_newest
from plotlot.backups.locations import found, place_at
from plotlot.backups.manifest import Difference, Manifest
from plotlot.backups.places import Kept
from plotlot.backups.restoring import compared, manifest_in, restore
from plotlot.cli.command import ANSWERED, FAILED, REFUSED
from plotlot.cli.output import echo, print_json, print_rows
from plotlot.settings import Settings
from plotlot.store.server import postgres_server


async def run_create(settings: Settings, location: str, keep: int | None, jobs: int, as_json: bool) -> int:
    """Make a backup, then let old ones go."""
    place, now = place_at(location), datetime.now(UTC)
    async with database_of(settings) as conninfo:
        made = await create(conninfo, place, now, jobs)
    removed = await asyncio.to_thread(keep_newest, place, keep, now) if keep else []
    if as_json:
        print_json({**summary(made), "removed": removed})
        return ANSWERED
    click.echo(
        f"{made.name}: {made.contents.rows:,} rows of {len(made.contents.tables)} tables as of {shown(made.taken_at)},"
        f" {made.size / 1e6:,.1f} MB, in {made.seconds:.1f} s"
    )
    for name in removed:
        click.echo(f"removed {name}")
    return ANSWERED


async def run_list(location: str, as_json: bool) -> int:
    """Every backup of a place."""
    kept = await asyncio.to_thread(place_at(location).kept)
    if as_json:
        print_json({"backups": [entry(one) for one in kept]})
        return ANSWERED
    headings = ("Name", "Taken at", "Rows", "MB", "Schema", "PlotLot", "Postgres", "State")
    print_rows(headings, [row_of(one) for one in kept], f"No backup in {location}.", numbers=("Rows", "MB"))
    return ANSWERED


async def run_restore(
    settings: Settings, location: str, url: str | None, overwrite: str | None, jobs: int, as_json: bool
) -> int:
    """Bring a backup here, see that it is whole, put it back, compare."""
    place, name = await asyncio.to_thread(found, location)
    with place.fetched(name) as folder:
        manifest = await asyncio.to_thread(manifest_in, folder)
        async with database_of(settings, url) as conninfo:
            restored = await restore(folder, manifest, conninfo, overwrite, jobs)
    if as_json:
        print_json({**summary(manifest), **asdict(restored)})
        return FAILED if restored.differences else ANSWERED
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in restored.seconds.items())
    click.echo(f"{name} as of {shown(manifest.taken_at)}, restored: {steps}")
    if restored.differences:
        complain_of(restored.differences)
        return FAILED
    click.echo(
        f"every one of {manifest.contents.rows:,} rows in {len(manifest.contents.tables)} tables is as backed up;"
        f" migrations applied since: {restored.migrations}"
    )
    return ANSWERED


async def run_verify(location: str, url: str | None, as_json: bool) -> int:
    """See that a backup is whole, and compare a database with it where one is named."""
    place, name = await asyncio.to_thread(found, location)
    with place.fetched(name) as folder:
        manifest = await asyncio.to_thread(manifest_in, folder)
    different = await compared(url, manifest) if url else ()
    if as_json:
        print_json({**summary(manifest), "differences": [asdict(each) for each in different]})
    elif different:
        complain_of(different)
    else:
        compared_with = ", and the database has its every row" if url else ""
        click.echo(
            f"{name} is whole: {len(manifest.files)} files, {manifest.size / 1e6:,.1f} MB{compared_with}"
        )
    return REFUSED if different else ANSWERED


async def run_watch(settings: Settings, location: str, every: float) -> int:
    """Serve the metrics of a place's backups."""
    from plotlot.backups.watching import watch
    from plotlot.runtime.process import metrics_server
    from plotlot.telemetry import Metrics

    metrics = Metrics()
    server = metrics_server(settings.metrics_port or 0, metrics)
    try:
        click.echo(f"metrics of {location} on port {server.server_port}", err=True)
        await watch(place_at(location), metrics, every)
    finally:
        await asyncio.to_thread(server.shutdown)
    return ANSWERED


@asynccontextmanager
async def database_of(settings: Settings, url: str | None = None) -> AsyncIterator[str]:
    """The address of the database that was named, or of that of the settings, started where it is ours."""
    if url:
        yield url
        return
    server = postgres_server(settings)
    try:
        yield await asyncio.to_thread(server.start)
    finally:
        await asyncio.to_thread(server.stop)


def complain_of(differences: Sequence[Difference]) -> None:
    """Every difference on standard error, a line each."""
    for difference in differences:
        echo(f"plotlot: {difference.name} {difference.how}", err=True)


def entry(kept: Kept) -> dict[str, Any]:
    """A backup of a list."""
    told = summary(kept.manifest) if kept.manifest else {"name": kept.name}
    return {**told, "complete": kept.manifest is not None, "problem": kept.problem}


def summary(manifest: Manifest) -> dict[str, Any]:
    """A backup in a few figures."""
    return {
        "name": manifest.name,
        "taken_at": manifest.taken_at.isoformat(),
        "tables": len(manifest.contents.tables),
        "rows": manifest.contents.rows,
        "bytes": manifest.size,
        "made_in_seconds": manifest.seconds,
        "schema": manifest.schema,
        "plotlot": manifest.origin.plotlot,
        "postgres": manifest.origin.server,
    }


def row_of(kept: Kept) -> tuple[str, ...]:
    """A backup as a row of the table."""
    if kept.manifest is None:
        return (kept.name, "", "", "", "", "", "", kept.problem)
    made, origin = kept.manifest, kept.manifest.origin
    figures = (shown(made.taken_at), f"{made.contents.rows:,}", f"{made.size / 1e6:,.1f}")
    return (made.name, *figures, made.schema, origin.plotlot, origin.server, "complete")


def shown(at: datetime) -> str:
    """A time for people, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
