"""Tables of a run for docs/benchmarks.md, written between markers; the rest of the page stays."""

from collections.abc import Iterator, Mapping

from plotlot.evaluation.runs import Run

BEGIN = "<!-- evals: written by `plotlot eval all --page`, edit nothing until the end -->"
END = "<!-- evals: end -->"
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


def page_with_tables(run: Run, before: str) -> str:
    """The page with its tables as measured: between its markers, else at its end."""
    part = "\n".join((BEGIN, *lines(run), END))
    if BEGIN in before and END in before:
        head, rest = before.split(BEGIN, 1)
        return head + part + rest.split(END, 1)[1]
    return f"{before.rstrip()}\n\n{part}\n".lstrip()


def lines(run: Run) -> Iterator[str]:
    """The tables: metrics, then what was read by field, format and town, then what was asked."""
    yield from (
        "## Evals",
        "",
        f"As measured by `plotlot eval {run.suite}` with {run.engine}: {len(run.cases):,} cases.",
        "",
    )
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
