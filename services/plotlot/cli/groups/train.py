"""``plotlot train``."""

from pathlib import Path

import click

from plotlot.cli.command import FILE, FOLDER, JSON, stateless
from plotlot.settings import Settings

_OUT = click.Path(file_okay=False, path_type=Path)
_PAGE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def train() -> None:
    """Train models on coded towns."""


@train.command("reader")
@click.option("--data", "archive", required=True, type=FILE, help="Archive of texts and coded rows.")
@click.option("--out", required=True, type=_OUT, help="Folder for the model and its figures.")
@click.option(
    "--trials", default=12, show_default=True, type=click.IntRange(0, 500), help="Trials of tuning."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed of every choice.")
@click.option("--tracking", default="", metavar="URI", help="MLflow server, or sqlite:///FILE, to log to.")
@click.option("--alias", default="candidate", show_default=True, help="Alias that MLflow gives the model.")
@click.option("--cache", type=_OUT, help="Folder that keeps what earlier runs saw of the towns.")
@click.option("--gold", type=FILE, help="Checked values of other places, to measure on.")
@click.option("--documents", type=FOLDER, help="Folder that their files are relative to.")
@click.option("--page", type=_PAGE, help="Write the figures to this page, its charts beside it.")
@JSON
@stateless
async def train_reader(
    settings: Settings,
    archive: Path,
    out: Path,
    trials: int,
    seed: int,
    tracking: str,
    alias: str,
    cache: Path | None,
    gold: Path | None,
    documents: Path | None,
    page: Path | None,
    as_json: bool,
) -> int:
    """The learned reader, measured on towns held out."""
    from plotlot.cli.train import run_reader
    from plotlot.training.pipeline import Plan

    if bool(gold) != bool(documents):
        raise click.UsageError("--gold and --documents go together")
    plan = Plan(archive, out, trials, seed, cache, tracking, alias, gold, documents)
    return run_reader(plan, page, as_json)
