"""``plotlot prompt``."""

import click

from plotlot.cli.command import JSON, command
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
