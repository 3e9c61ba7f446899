"""``plotlot index``."""

import click

from plotlot.cli.command import JSON, command
from plotlot.settings import Settings


@click.group("index")
def index_group() -> None:
    """Generations of the search index, which bundles name."""


@index_group.command("build")
@click.option(
    "--municipality", "-m", "municipalities", multiple=True, metavar="NAME",
    help="A municipality that it is to hold, again for each; else all.",
)  # fmt: skip
@JSON
@command
async def build_index(settings: Settings, municipalities: tuple[str, ...], as_json: bool) -> int:
    """Build a generation beside the live one, from the documents that are stored."""
    from plotlot.cli.index import run_build

    return await run_build(settings, municipalities, as_json)


@index_group.command("list")
@JSON
@command
async def list_index(settings: Settings, as_json: bool) -> int:
    """Every generation: its status, and how much of what is stored it holds."""
    from plotlot.cli.index import run_list

    return await run_list(settings, as_json)


@index_group.command("use")
@click.argument("generation", type=click.IntRange(min=1))
@JSON
@command
async def use_index(settings: Settings, generation: int, as_json: bool) -> int:
    """Make a ready generation the live one; the one that was live is ready from then on."""
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "use", as_json)


@index_group.command("retire")
@click.argument("generation", type=click.IntRange(min=1))
@JSON
@command
async def retire_index(settings: Settings, generation: int, as_json: bool) -> int:
    """Remove what a generation holds, also of one whose build was cut short."""
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "retire", as_json)
