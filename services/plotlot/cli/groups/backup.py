"""``plotlot backup``."""

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings

FROM = click.argument("location", metavar="FROM")
JOBS = click.option(
    "--jobs", "-j", default=2, show_default=True, type=click.IntRange(1, 64), help="Tables at a time."
)


@click.group()
def backup() -> None:
    """Copies of the database: made, looked through, put back, and compared row by row.

    They are kept in a folder, or in a bucket as s3://BUCKET/PREFIX. FROM is one of them, or where they are kept: the
    newest complete one is meant then.
    """


@backup.command("create")
@click.option("--to", "location", required=True, metavar="DIR|s3://...", help="Where backups are kept.")
@click.option("--keep", type=click.IntRange(1), help="Remove all but so many of the newest afterwards.")
@JOBS
@JSON
@command
async def create_backup(settings: Settings, location: str, keep: int | None, jobs: int, as_json: bool) -> int:
    """Back up the database of PLOTLOT_DATABASE_URL or --data while it is used."""
    from plotlot.cli.backups import run_create

    return await run_create(settings, location, keep, jobs, as_json)


@backup.command("list")
@FROM
@JSON
@command
async def list_backups(settings: Settings, location: str, as_json: bool) -> int:
    """Every backup, the oldest first, and what is wrong with those that cannot be used."""
    from plotlot.cli.backups import run_list

    return await run_list(location, as_json)


@backup.command("restore")
@FROM
@click.option(
    "--into", "url", metavar="URL", help="An empty database; default: that of PLOTLOT_DATABASE_URL or --data."
)
@click.option("--overwrite", metavar="NAME", help="Replace what the database of this name holds.")
@JOBS
@JSON
@command
async def restore_backup(
    settings: Settings, location: str, url: str | None, overwrite: str | None, jobs: int, as_json: bool
) -> int:
    """Put a backup into an empty database, and compare every table with it."""
    from plotlot.cli.backups import run_restore

    return await run_restore(settings, location, url, overwrite, jobs, as_json)


@backup.command("verify")
@FROM
@click.option("--against", "url", metavar="URL", help="A database to compare every table with.")
@JSON
@command
async def verify_backup(settings: Settings, location: str, url: str | None, as_json: bool) -> int:
    """Whether a backup is whole, and a database has its rows; exit code 3 where it has others."""
    from plotlot.cli.backups import run_verify

    return await run_verify(location, url, as_json)


@backup.command("watch")
@FROM
@click.option(
    "--every", default=60.0, show_default=True, type=click.FloatRange(1), help="Seconds between looks."
)
@command
async def watch_backups(settings: Settings, location: str, every: float) -> int:
    """Serve, as metrics on PLOTLOT_METRICS_PORT, when the newest complete backup was taken, until stopped."""
    from plotlot.cli.backups import run_watch

    return await run_watch(settings, location, every)
