"""``plotlot eval``: figures against checked values, as JSON or as a table."""

from pathlib import Path
from typing import Any

from plotlot.cli.output import console, print_json, progress
from plotlot.settings import Settings


def run_extraction(gold: Path, documents: Path, as_json: bool) -> int:
    """Standards against a file of checked values."""
    from plotlot.evaluation.extraction import evaluate
    from plotlot.evaluation.gold import load_gold

    result = evaluate(load_gold(gold), documents)
    print_json(result) if as_json else print_extraction(result)
    return 0


def print_extraction(result: dict[str, Any]) -> None:
    """Precision, recall and F1 in all, by town and by field, and what went wrong."""
    from rich.table import Table

    table = Table(box=None)
    for heading in ("", "precision", "recall", "F1"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = [("all", result["micro"]), *sorted(result["by_town"].items()), *sorted(result["by_field"].items())]
    for name, figures in rows:
        table.add_row(name, *(f"{figures[key]:.3f}" for key in ("precision", "recall", "f1")))
    out = console()
    out.print(table)
    citations = result["citations"]
    out.print(f"districts found: {result['districts']['recall']:.3f}")
    out.print(f"citations verified: {citations['verified']} of {citations['shown']}")


async def run_retrieval(settings: Settings, dataset: Path, as_json: bool) -> int:
    """Search against judged queries."""
    from plotlot.evaluation.retrieval import evaluate

    with progress(dataset.name) as follow:
        result = await evaluate(dataset, settings, follow)
    if as_json:
        print_json(result)
        return 0
    for method, figures in result["methods"].items():
        words = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        console().print(f"{method:8} {words}")
    console().print(f"{result['queries']} queries in {result['seconds']:.1f} s")
    return 0
