"""``plotlot judge``."""

from pathlib import Path

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings


@click.group()
def judge() -> None:
    """The judge of releases."""


@judge.command("simulate")
@click.option(
    "--runs", default=2000, show_default=True, type=click.IntRange(10, 100_000), help="Runs of each."
)
@click.option(
    "--seed", default=20260705, show_default=True, type=click.IntRange(0), help="Seed of the chances."
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures to this page."
)
@JSON
@command
async def judge_simulate(settings: Settings, runs: int, seed: int, page: Path | None, as_json: bool) -> int:
    """How often it is wrong, and how soon it is right, beside its bound and other rules."""
    from plotlot.cli.judge import run_simulate

    return await run_simulate(runs, seed, as_json, page)
