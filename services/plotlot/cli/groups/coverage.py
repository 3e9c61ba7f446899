"""``plotlot discover``, ``plotlot refresh`` and ``plotlot coverage``: their options."""

import click

from plotlot.cli.command import JSON, command
from plotlot.cli.stopping import stop_signals
from plotlot.domain.errors import InvalidRequest
from plotlot.settings import Settings

STATE = click.option("--state", default="", metavar="FL", help="A state, by its two letters.")
COUNTY = click.option("--county", default="", metavar="NAME", help="One county of it, e.g. Miami-Dade.")


@click.command()
@click.option("--state", required=True, metavar="FL", help="A state, by its two letters.")
@COUNTY
@click.option("--anew", is_flag=True, help="Ask publishers again, however lately they were asked.")
@JSON
@command
async def discover(settings: Settings, state: str, county: str, anew: bool, as_json: bool) -> int:
    """List the towns whose codes are published: where, and how new they are."""
    from plotlot.cli.coverage import run_discover

    return await run_discover(settings, state, county, anew, as_json)


@click.command()
@STATE
@COUNTY
@click.option(
    "--town", "towns", multiple=True, metavar="NAME", help="A town, e.g. 'Miami, FL'; may be repeated."
)
@click.option(
    "--all", "every", is_flag=True, help="Every town that is known: all states looked through before."
)
@click.option("--failed", is_flag=True, help="The towns whose last refresh failed or was held back.")
@click.option("--accept", is_flag=True, help="Take codes also where they look wrong.")
@click.option("--worker", is_flag=True, help="Work on what others ask for, until stopped.")
@JSON
@command
async def refresh(
    settings: Settings,
    state: str,
    county: str,
    towns: tuple[str, ...],
    every: bool,
    failed: bool,
    accept: bool,
    worker: bool,
    as_json: bool,
) -> int:
    """Fetch towns' codes and index what changed. Again, after a kill, goes on where it was."""
    from plotlot.cli.coverage import run_refresh, run_refresh_all, run_worker
    from plotlot.gateway.refreshing.refresh_client import Wanted

    wanted = Wanted(state, county, towns, failed, accept)
    if not (worker or every or state or county or towns or failed):
        raise InvalidRequest("say which towns: --all, --state, --town or --failed", field="towns")
    if every and (state or county or towns or failed):
        raise InvalidRequest("--all takes every town: say no others with it", field="all")
    if not worker:
        return await (
            run_refresh_all(settings, accept, as_json) if every else run_refresh(settings, wanted, as_json)
        )
    if every or wanted != Wanted():
        raise InvalidRequest("--worker works on what others ask for: say no towns with it", field="worker")
    if settings.url:
        raise InvalidRequest("--worker works here, not at a gateway: unset PLOTLOT_URL", field="worker")
    with stop_signals() as asked:
        return await run_worker(settings, asked)


@click.group()
def coverage() -> None:
    """The towns that were refreshed, and the runs that did it."""


@coverage.command("towns")
@JSON
@command
async def towns_of_coverage(settings: Settings, as_json: bool) -> int:
    """Every town that is listed or was refreshed, as its last refresh left it, with the reason where that failed."""
    from plotlot.cli.coverage import run_towns

    return await run_towns(settings, as_json)


@coverage.command("runs")
@JSON
@command
async def runs_of_coverage(settings: Settings, as_json: bool) -> int:
    """The newest refreshes."""
    from plotlot.cli.coverage import run_runs

    return await run_runs(settings, as_json)


@coverage.command("cancel")
@click.argument("run")
@JSON
@command
async def cancel_run(settings: Settings, run: str, as_json: bool) -> int:
    """End a refresh; towns that it did not come to stay as they were."""
    from plotlot.cli.coverage import run_cancel

    return await run_cancel(settings, run, as_json)
