"""``plotlot feedback``."""

from pathlib import Path

import click

from plotlot.cli.command import JSON, MUNICIPALITY, command
from plotlot.settings import Settings


@click.group()
def feedback() -> None:
    """What people say of values that were shown to them."""


@feedback.command("list")
@MUNICIPALITY
@JSON
@command
async def feedback_list(settings: Settings, municipality: str, as_json: bool) -> int:
    """Remarks, the newest first."""
    from plotlot.cli.feedback import run_list

    return await run_list(settings, municipality, as_json)


@feedback.command("export")
@MUNICIPALITY
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File; default is here."
)
@command
async def feedback_export(settings: Settings, municipality: str, output: Path | None) -> int:
    """The gold cases that remarks propose, as JSON lines for `plotlot release gold`, once a person checked them."""
    from plotlot.cli.feedback import run_export

    return await run_export(settings, municipality, output)


@feedback.command("settle")
@click.argument("remark", metavar="ID")
@click.argument("outcome", type=click.Choice(["accepted", "dismissed", "open"]))
@command
async def feedback_settle(settings: Settings, remark: str, outcome: str) -> int:
    """Say what became of a remark: it was right, or the value was; `open` takes that back."""
    from plotlot.cli.feedback import run_settle

    return await run_settle(settings, remark, outcome)
