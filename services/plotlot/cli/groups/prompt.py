"""``plotlot prompt``."""

from pathlib import Path
from typing import Any

import click

from plotlot.cli.command import FILE, FOLDER, JSON, command
from plotlot.settings import Settings


@click.group("prompt")
def prompt() -> None:
    """What models are asked, as files whose versions bundles name."""


@prompt.command("list")
@JSON
@command
async def list_prompts(settings: Settings, as_json: bool) -> int:
    """Every prompt, with the parameter of a bundle that names it."""
    from plotlot.cli.prompts import run_list

    return run_list(settings, as_json)


@prompt.command("show")
@click.argument("name")
@JSON
@command
async def show_prompt(settings: Settings, name: str, as_json: bool) -> int:
    """The text of a prompt, e.g. standards/1."""
    from plotlot.cli.prompts import run_show

    return run_show(settings, name, as_json)


@prompt.command("diff")
@click.argument("before")
@click.argument("after")
@command
async def diff_prompts(settings: Settings, before: str, after: str) -> int:
    """What changed from one prompt to another, as diff prints it."""
    from plotlot.cli.prompts import run_diff

    return run_diff(settings, before, after)


@prompt.command("register")
@click.argument("names", nargs=-1)
@click.option("--tracking", required=True, metavar="URI", help="The MLflow server or file to register with.")
@JSON
@command
async def register_prompts(settings: Settings, names: tuple[str, ...], tracking: str, as_json: bool) -> int:
    """Put prompts, or all of them, into MLflow's prompt registry; what is there already stays."""
    from plotlot.cli.prompts import run_register

    return run_register(settings, names, tracking, as_json)


@prompt.command("optimise")
@click.option("--gold", type=FILE, required=True, help="JSON lines of checked values.")
@click.option("--documents", type=FOLDER, required=True, help="Folder that the rows' files are relative to.")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the prompt's file and the candidate bundle.",
)
@click.option("--base", default="standards/1", show_default=True, help="The prompt to begin with.")
@click.option("--bundle", type=FILE, help="The bundle to change; default: the one of this code.")
@click.option(
    "--tries", default=8, show_default=True, type=click.IntRange(1), help="Sets of examples to try."
)
@click.option(
    "--most-cases", default=60, show_default=True, type=click.IntRange(2), help="Questions used at most."
)
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
@click.option("--dspy", is_flag=True, help="Let DSPy propose other wordings first; needs plotlot[prompts].")
@JSON
@command
async def optimise_prompt(
    settings: Settings, gold: Path, documents: Path, out: Path, base: str, as_json: bool, **options: Any
) -> int:
    """Look for a prompt that reads better with the model at PLOTLOT_GENERATION_URL. Changes nothing by itself.

    Writes the prompt that did best on towns that it was not made from, and a bundle that names it, which may then
    be released as any other. Writes nothing where none was better.
    """
    from plotlot.cli.prompt_search import run_optimise

    return await run_optimise(settings, gold, documents, out, base, as_json, **options)
