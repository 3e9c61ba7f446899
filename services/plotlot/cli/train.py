"""``plotlot train``: models from coded towns, and the page of their figures."""

from pathlib import Path
from typing import Any

from plotlot.cli.output import console, print_json
from plotlot.training.pipeline import Plan, train_reader
from plotlot.training.report import write_page


def run_reader(plan: Plan, page: Path | None, as_json: bool) -> int:
    """Train the learned reader, write its file, and say what it is worth."""
    found = train_reader(plan)
    if page is not None:
        write_page(found, page)
    print_json(found) if as_json else print_reader(found, plan.out)
    return 0


def print_reader(found: dict[str, Any], out: Path) -> None:
    """The figures of each way of reading on the towns held out, and which fields the model joins."""
    from rich.table import Table

    table = Table(box=None)
    for heading in ("", "precision", "recall", "F1"):
        table.add_column(heading, justify="right" if heading else "left")
    for reader, by_field in found["unseen"].items():
        figures = by_field["micro"]
        table.add_row(reader, *(f"{figures[key]:.3f}" for key in ("precision", "recall", "f1")))
    screen = console()
    screen.print(table)
    screen.print(f"joins: {', '.join(sorted(found['joins'])) or 'nowhere'}")
    screen.print(f"{found['engine']} in {out}")
