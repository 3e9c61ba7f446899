"""``plotlot eval``."""

from pathlib import Path

import click

from plotlot.cli.command import FILE, FOLDER, JSON, command
from plotlot.settings import Settings


@click.group("eval")
def evaluate() -> None:
    """Measure against checked values."""


@evaluate.command("extraction")
@click.option("--gold", required=True, type=FILE, help="JSON lines of checked values.")
@click.option("--documents", required=True, type=FOLDER, help="Folder that the rows' files are relative to.")
@JSON
@command
async def eval_extraction(settings: Settings, gold: Path, documents: Path, as_json: bool) -> int:
    """Standards read from codes, against checked values."""
    from plotlot.cli.evaluations import run_extraction

    return run_extraction(gold, documents, as_json)


@evaluate.command("retrieval")
@click.option("--dataset", required=True, type=FOLDER, help="A data set in BEIR form.")
@JSON
@command
async def eval_retrieval(settings: Settings, dataset: Path, as_json: bool) -> int:
    """Search, against judged queries."""
    from plotlot.cli.evaluations import run_retrieval

    return await run_retrieval(settings, dataset, as_json)
