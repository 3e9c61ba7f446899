"""``plotlot release``."""

from pathlib import Path

import click

from plotlot.cli.command import FILE, JSON, command
from plotlot.settings import Settings


@click.group()
def release() -> None:
    """Releases: how they go, why, and a person's decision over the judge's."""


RELEASE = click.argument("id", required=False, default="", metavar="[ID]")
RELEASE_REQUIRED = click.argument("id", metavar="ID")
WHY = click.option("--why", required=True, metavar="TEXT", help="Why; it is kept with the release.")
BY = click.option("--by", default="", metavar="NAME", help="Who decides; default: your user's name.")


@release.command("list")
@JSON
@command
async def release_list(settings: Settings, as_json: bool) -> int:
    """Releases, the newest first."""
    from plotlot.cli.releases import run_list

    return await run_list(settings, as_json)


@release.command("status")
@RELEASE
@click.option("--watch", is_flag=True, help="Follow it until it is decided; wait for one that has not begun.")
@click.option(
    "--every", default=5.0, show_default=True, type=click.FloatRange(0.1, 3600), help="Seconds between looks."
)
@click.option(
    "--timeout", "limit", type=click.FloatRange(0), help="Seconds to follow it for; exit code 4 after them."
)
@JSON
@command
async def release_status(
    settings: Settings, id: str, watch: bool, every: float, limit: float | None, as_json: bool
) -> int:
    """How a release goes; exit code 3 where it was turned down.

    ID is the release's, its candidate's, or STABLE..CANDIDATE; without it, the newest.
    """
    from plotlot.cli.releases import run_status, run_watch

    if watch:
        return await run_watch(settings, id, as_json, every, limit)
    return await run_status(settings, id, as_json)


@release.command("explain")
@RELEASE
@JSON
@command
async def release_explain(settings: Settings, id: str, as_json: bool) -> int:
    """Why the verdict is what it is: each guardrail, the worst pairs, and what would decide it."""
    from plotlot.cli.releases import run_explain

    return await run_explain(settings, id, as_json)


@release.command("promote")
@RELEASE_REQUIRED
@WHY
@BY
@JSON
@command
async def release_promote(settings: Settings, id: str, why: str, by: str, as_json: bool) -> int:
    """Take the next step, whatever is not known yet: users meet the candidate, or more of them do."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, "promote", by, why, as_json)


@release.command("abort")
@RELEASE_REQUIRED
@WHY
@BY
@JSON
@command
async def release_abort(settings: Settings, id: str, why: str, by: str, as_json: bool) -> int:
    """Send everyone back to the stable bundle, for good."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, "abort", by, why, as_json)


@release.command("shadow")
@click.argument("action", type=click.Choice(("stop", "start")))
@RELEASE
@click.option("--why", default="", metavar="TEXT", help="Why; it is kept with the release.")
@BY
@JSON
@command
async def release_shadow(settings: Settings, action: str, id: str, why: str, by: str, as_json: bool) -> int:
    """Stop asking the candidate what users ask, at once, or start again."""
    from plotlot.cli.releases import run_steer

    return await run_steer(settings, id, f"{action}_shadow", by, why or f"shadow {action} by hand", as_json)


@release.command("gold")
@click.argument("file", type=FILE)
@JSON
@command
async def release_gold(settings: Settings, file: Path, as_json: bool) -> int:
    """Bring in questions whose answers are known."""
    from plotlot.cli.releases import run_gold

    return await run_gold(settings, file, as_json)
