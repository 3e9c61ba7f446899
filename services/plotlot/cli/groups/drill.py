"""``plotlot drill``."""

from datetime import date
from pathlib import Path

import click

from plotlot.cli.command import FOLDER, JSON, stateless
from plotlot.settings import Settings

NAMESPACE = click.option("--namespace", "-n", default="plotlot", show_default=True, help="Of the release.")
RELEASE = click.option(
    "--release", default="plotlot", show_default=True, help="The release, as helm calls it."
)
CONTEXT = click.option(
    "--context", default="", metavar="NAME", help="The cluster that is meant: it must be the current one."
)
KEPT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/drills"),
    show_default=True,
    help="A folder; each drill's timeline goes into one of its name.",
)


@click.group()
def drill() -> None:
    """Drills of incidents: break a running cluster, and mend it by the runbook."""


@drill.command("list")
@JSON
@stateless
async def list_drills(settings: Settings, as_json: bool) -> int:
    """What can be broken, and which alert has to notice."""
    from plotlot.cli.drills import run_list

    return run_list(as_json)


@drill.command("run")
@click.argument("names", nargs=-1, metavar="NAME...")
@NAMESPACE
@RELEASE
@CONTEXT
@click.option("--yes", is_flag=True, help="Do not ask before what cannot be undone.")
@click.option(
    "--turn", type=click.IntRange(1), metavar="N", help="Instead of names: the N whose turn it is today."
)
@click.option("--url", default="", help="The door; default: the address of the release's Gateway.")
@click.option(
    "--rate", default=4.0, show_default=True, type=click.FloatRange(0.5, 50), help="Probes a second."
)
@click.option(
    "--prometheus",
    default="monitoring/prometheus:9090",
    show_default=True,
    help="NAMESPACE/SERVICE:PORT in the cluster, or a URL.",
)
@click.option(
    "--runbooks", type=FOLDER, default=Path("runbooks"), show_default=True, help="Folder of the runbooks."
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures into this page."
)
@KEPT
@JSON
@stateless
async def run(
    settings: Settings,
    names: tuple[str, ...],
    namespace: str,
    release: str,
    context: str,
    yes: bool,
    turn: int | None,
    url: str,
    rate: float,
    prometheus: str,
    runbooks: Path,
    page: Path | None,
    out: Path,
    as_json: bool,
) -> int:
    """Hold drills one after the other: by name, or `all`."""
    from plotlot.cli.drills import Wanted, run_drills

    if bool(names) == (turn is not None):
        raise click.UsageError("name drills, or say --turn N; plotlot drill list")
    day = date.today().toordinal()
    wanted = Wanted(names, (day, turn) if turn else None, namespace, release, context, yes, url, rate)
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    return await run_drills(wanted, prometheus, runbooks, out, page, as_json, key)


@drill.command("restore")
@click.argument("folder", type=FOLDER)
@CONTEXT
@stateless
async def restore(settings: Settings, folder: Path, context: str) -> int:
    """Put back what a drill broke that was killed: FOLDER is the one of its timeline."""
    from plotlot.cli.drills import run_restore

    return await run_restore(folder, context)
