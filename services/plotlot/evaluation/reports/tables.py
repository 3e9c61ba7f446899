"""Tables of a run, and of embedding models, for docs/benchmarks.md."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plotlot.evaluation.page_parts import Part
from plotlot.evaluation.runs import Run

TABLES = Part("evals", "plotlot eval all --page")
MODELS = Part("embeddings", "plotlot eval embeddings --page")
READ = ("extraction.precision", "extraction.recall", "extraction.f1")
ASKED = (
    "ask.correct", "ask.answered", "ask.refused", "ask.cited", "ask.grounded", "retrieval.section@5", "retrieval.ndcg@10",
)  # fmt: skip
HELD = {
    "extraction.districts": ">= 0.95",
    "extraction.citations": "1",
    "atlas.agreement": ">= 0.80",
    "retrieval.section@5": ">= 0.95",
    "scifact.fused.ndcg@10": ">= 0.725",
    "ask.refused": ">= 0.95",
    "ask.answered": ">= 0.97",
}


def write_tables(run: Run, path: Path) -> None:
    """Write the tables into a page."""
    TABLES.write(path, "\n".join(lines(run)))


def write_models(result: Mapping[str, Any], path: Path) -> None:
    """Write a comparison of embedding models into a page."""
    MODELS.write(path, "\n".join(model_lines(result)))


def model_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """A row for each model: how well it ranks, how long it takes."""
    yield from ("## Embedding models", "")
    yield (
        f"As measured by `plotlot eval embeddings` on {result['documents']:,} documents and {result['queries']:,} queries "
        f"of {result['dataset']}, ranked by exact cosine; times are those of the machine."
    )
    yield ""
    names = tuple(next(iter(result["models"].values())))
    rows = (
        [model, *(f"{figures[name]:,.4g}" for name in names)] for model, figures in result["models"].items()
    )
    yield from table(("model", *(name.replace("_", " ") for name in names)), rows)


def lines(run: Run) -> Iterator[str]:
    """The tables: metrics, then what was read by field, format and town, then what was asked."""
    yield from (
        "## Evals",
        "",
        f"As measured by `plotlot eval {run.suite}` with {run.engine}: {len(run.cases):,} cases.",
        "",
    )
    if run.unfinished:
        yield from ("**These suites did not measure all of their cases:**", "")
        yield from (f"- `{suite}`: {plain(why)}" for suite, why in run.unfinished.items())
        yield ""
    yield from table(
        ("metric", "value", "held to"),
        ([f"`{name}`", f"{value:,.4g}", HELD.get(name, "")] for name, value in run.metrics.items()),
    )
    for by, words in (
        ("source", "source: `gold/dev.jsonl` is held to F1 >= 0.92 and precision >= 0.96"),
        ("field", "field"),
        ("format", "format of the code"),
        ("town", "town"),
    ):
        yield from section(run, f"Standards read, by {words}", by, READ)
    for by in ("town", "kind", "slice"):
        yield from section(run, f"Questions and sections, by {by}", by, ASKED)


def section(run: Run, title: str, by: str, columns: tuple[str, ...]) -> Iterator[str]:
    """One table of a kind of group, of the groups that have one of the columns."""
    groups = {
        name: values
        for name, values in run.groups.get(by, {}).items()
        if any(column in values for column in columns)
    }
    if groups:
        short = [column.partition(".")[2] for column in columns]
        yield from ("", f"### {title}", "")
        yield from table((by, *short), ([name, *cells(values, columns)] for name, values in groups.items()))


def plain(text: str) -> str:
    """Words that a page shows as they are."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text)


def cells(values: Mapping[str, float], columns: tuple[str, ...]) -> Iterator[str]:
    """The metrics of a group; what it does not have is empty."""
    for column in columns:
        yield f"{values[column]:.3f}" if column in values else ""


def table(headings: tuple[str, ...], rows: Iterator[list[str]]) -> Iterator[str]:
    """A table in Markdown, its first column words and the others figures."""
    yield f"| {' | '.join(headings)} |"
    yield f"|---|{'---:|' * (len(headings) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
