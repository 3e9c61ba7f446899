"""``plotlot index``."""

from pathlib import Path

import click

from plotlot.cli.command import FILE, JSON, command
from plotlot.settings import Settings

ANYWAY = click.option(
    "--anyway",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="The same number again: do it all the same.",
)


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
    """Every generation: its status, how much of what is stored it holds, and why it failed where it did."""
    from plotlot.cli.index import run_list

    return await run_list(settings, as_json)


@index_group.command("check")
@click.argument("generation", type=click.IntRange(min=1))
@click.option(
    "--against", type=click.IntRange(min=1), help="The generation to compare with; else the live one."
)
@click.option(
    "--golden", type=FILE, multiple=True, metavar="FILE",
    help="Golden questions as JSON lines, again for each file; else sections are asked for.",
)  # fmt: skip
@click.option("--results", type=click.IntRange(1, 100), default=10, show_default=True, help="k of recall@k.")
@click.option(
    "--sampled", type=click.IntRange(0, 5000), default=100, show_default=True, help="Sections to ask for."
)
@JSON
@command
async def check_index(
    settings: Settings,
    generation: int,
    against: int | None,
    golden: tuple[Path, ...],
    results: int,
    sampled: int,
    as_json: bool,
) -> int:
    """Compare a generation with the live one: what it holds by town, what it finds, and whether what was cited stands.

    Ends with 0 where it may serve, 4 where something speaks against it, 1 where everything does.
    """
    from plotlot.cli.index import run_check

    return await run_check(settings, generation, against, golden, results, sampled, as_json)


@index_group.command("use")
@click.argument("generation", type=click.IntRange(min=1))
@ANYWAY
@JSON
@command
async def use_index(settings: Settings, generation: int, anyway: int | None, as_json: bool) -> int:
    """Make a ready generation the live one; the one that was live is ready from then on.

    One that never served has to have passed its check.
    """
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "use", anyway, as_json)


@index_group.command("retire")
@click.argument("generation", type=click.IntRange(min=1))
@ANYWAY
@JSON
@command
async def retire_index(settings: Settings, generation: int, anyway: int | None, as_json: bool) -> int:
    """Remove what a generation holds, also of one whose build was cut short; one that a bundle names stays."""
    from plotlot.cli.index import run_change

    return await run_change(settings, generation, "retire", anyway, as_json)
