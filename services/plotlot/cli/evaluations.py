"""``plotlot eval``: runs against checked values, as files, as tables, and as verdicts on changes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from plotlot.cli.output import console, echo, print_json, progress
from plotlot.domain.errors import InvalidRequest, UnreadableDocument
from plotlot.settings import Settings

if TYPE_CHECKING:
    from plotlot.evaluation.runs import Run

EXIT_CODES = {"pass": 0, "fail": 1, "inconclusive": 2}


async def run_evaluation(
    settings: Settings,
    suite: str,
    root: Path,
    split: str | None,
    towns: Sequence[str],
    out: Path | None,
    html: Path | None,
    tracking: str | None,
    as_json: bool,
    baseline: Path | None = None,
    page: Path | None = None,
    engine: str = "",
) -> int:
    """Measure a suite, or all, and write what is asked for; 1 where one did not measure all of its cases.

    The run and its pages are written anew whenever a suite is through, the baseline only where all are.
    """
    from plotlot.cli.shown import printers
    from plotlot.evaluation.reports.tables import write_tables
    from plotlot.evaluation.runs import run_json, write_run
    from plotlot.evaluation.sources import Sources
    from plotlot.evaluation.suites.suite import run_suite

    sources = Sources(root, real_codes(settings.data_dir), split or "", towns)

    def keep(measured: "Run") -> None:
        if out is not None:
            write_run(measured, out)
        if html is not None:
            run_page(measured, html)
        if page is not None:
            write_tables(measured, page)

    with progress(f"eval {suite}") as follow:
        run = await run_suite(suite, sources, settings, follow, engine, printers(), keep)
    for name, why in run.unfinished.items():
        echo(f"plotlot: {name} did not measure all of its cases: {why}", err=True)
    if baseline is not None and run.unfinished:
        echo(f"plotlot: {baseline} stays as it was", err=True)
    elif baseline is not None:
        write_run(run.compact(), baseline, whole=False)
    if tracking is not None:
        log_run(run, tracking, html)
    print_json(run_json(run)) if as_json else print_run(run, sources.left_out)
    had_its_way = suite == "injection" and any(
        score != 1 for case in run.cases for score in case.scores.values()
    )
    return int(had_its_way or bool(run.unfinished))


def real_codes(folder: Path) -> Path | None:
    """The folder, where it holds real codes and not the state of a PlotLot."""
    return folder if (folder / "ordinances" / "manifest.json").is_file() else None


def print_run(run: "Run", left_out: Sequence[str]) -> None:
    """The metrics of a run, and its worst cases."""
    from rich.table import Table

    from plotlot.evaluation.reports.worst import worst_first

    out = console()
    table = Table(box=None, show_header=False)
    for name, value in run.metrics.items():
        table.add_row(name, f"{value:,.4g}")
    out.print(table)
    failures = worst_first(run.cases)
    for failure in failures[:10]:
        said = " ".join(
            str(failure.case.detail.get("answer") or failure.case.detail.get("error", "")).split()
        )
        out.print(
            f"[bold]{escape(failure.case.id)}[/bold] {escape(', '.join(failure.failed))}: {escape(said[:160])}"
        )
    out.print(f"{len(run.cases)} cases, {len(failures)} of them not wholly right; {run.id} of {run.bundle}")
    if left_out:
        out.print(f"left out, for their codes are not here (--data): {escape(', '.join(left_out))}")


def run_extraction(gold: Path, documents: Path, as_json: bool) -> int:
    """Standards against a file of checked values."""
    from plotlot.evaluation.extraction import evaluate
    from plotlot.evaluation.gold import load_gold

    result = evaluate(load_gold(gold), documents)
    print_json(result) if as_json else print_extraction(result)
    return 0


def print_extraction(result: dict[str, Any]) -> None:
    """Precision, recall and F1 in all, by town, by format and by field, and what went wrong."""
    from rich.table import Table

    table = Table(box=None)
    for heading in ("", "precision", "recall", "F1"):
        table.add_column(heading, justify="right" if heading else "left")
    groups = (result["by_town"], result["by_format"], result["by_field"])
    rows = [("all", result["micro"]), *(row for group in groups for row in sorted(group.items()))]
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


async def run_gate(
    settings: Settings,
    run: Path | None,
    baseline: Path,
    margins: Path | None,
    root: Path,
    out: Path | None,
    as_json: bool,
) -> int:
    """Compare a run, or one that is made now, with the baseline; end with the exit code of the verdict."""
    from plotlot.evaluation.gate.gate import gate, read_margins
    from plotlot.evaluation.gate.table import markdown
    from plotlot.evaluation.runs import read_run

    before = read_run(baseline)
    try:
        measured = read_run(run) if run else await measure(settings, before.suite, root)
        found = gate(measured, before, read_margins(margins))
    except InvalidRequest as error:  # whose exit code would be taken for a verdict
        raise UnreadableDocument(error.message) from error
    table = markdown(found)
    if out is not None:
        write_text(out, table)
    print_json(found.plain()) if as_json else click.echo(table, nl=False)
    return EXIT_CODES[found.verdict]


async def measure(settings: Settings, suite: str, root: Path) -> "Run":
    """A run of a checkout."""
    from plotlot.evaluation.sources import Sources
    from plotlot.evaluation.suites.suite import run_suite

    with progress(f"eval {suite}") as follow:
        return await run_suite(suite, Sources(root, real_codes(settings.data_dir)), settings, follow)


async def run_judge(
    settings: Settings, run: Path | None, against: Path | None, labels: Path, as_json: bool
) -> int:
    """Ask a model to judge, once it was measured beside people."""
    from plotlot.evaluation.judging.judging import judge_runs
    from plotlot.evaluation.runs import read_run

    runs = [read_run(path) if path else None for path in (run, against)]
    result = await judge_runs(settings, labels, *runs)
    print_json(result) if as_json else print_judged(result)
    return 0 if result["trusted"] else 4


def print_judged(result: dict[str, Any]) -> None:
    """The judge's agreement with people, and its opinions in numbers."""
    measured, preferred = result["agreement"], result["preferred"]
    kappa = "none" if measured["kappa"] is None else f"{measured['kappa']:.2f}"
    out = console()
    out.print(
        f"{escape(result['model'])} agrees with people in {measured['agreed']:.0%} of {measured['pairs']} pairs, "
        f"kappa {kappa}; {measured['no_opinion']} without an opinion, {measured['missing']} missing"
    )
    if not result["trusted"]:
        out.print("[bold]too little to be trusted: let people judge[/bold]")
    if preferred:
        words = {
            "a": "the run's answer better",
            "b": "the other's better",
            "tie": "as good",
            "none": "no opinion",
        }
        out.print(
            ", ".join(f"{words.get(label, label)}: {count}" for label, count in sorted(preferred.items()))
        )


def run_report(path: Path, html: Path) -> int:
    """The page of a run that was written."""
    from plotlot.evaluation.runs import read_run

    run_page(read_run(path), html)
    return 0


def write_text(path: Path, text: str) -> None:
    """Write a file."""
    path.write_text(text, encoding="utf-8")


def run_page(run: "Run", html: Path) -> None:
    """Write a run's report."""
    from plotlot.evaluation.reports.report import page

    write_text(html, page(run))


def log_run(run: "Run", uri: str, html: Path | None) -> None:
    """Log a run to MLflow and say where it is."""
    from plotlot.evaluation.tracking import log_run as log

    click.echo(f"logged to {uri} as run {log(run, uri, html)}", err=True)


async def run_tracking_server(settings: Settings) -> int:
    """MLflow's server, its rows in the database of the settings or in SQLite, until stopped."""
    from plotlot.evaluation.tracking_server import serve

    url = f"http://{settings.host}:{settings.port}"
    click.echo(f"plotlot: runs at {url} in a moment; log one with --tracking {url}", err=True)
    database = settings.database_url.get_secret_value() if settings.database_url else ""
    return await serve(settings.data_dir / "mlflow", settings.host, settings.port, database)


async def run_embeddings(
    settings: Settings,
    models: Sequence[tuple[str, str]],
    dataset: Path,
    most: int | None,
    page: Path | None,
    tracking: str | None,
    as_json: bool,
) -> int:
    """Embedding models side by side."""
    from plotlot.evaluation.embeddings.comparison import compare_models
    from plotlot.evaluation.reports.tables import write_models

    with progress(dataset.name) as follow:
        result = await compare_models(settings, models, dataset, most, follow)
    if tracking is not None:
        from plotlot.evaluation.tracking import log_models

        log_models(result, tracking)
    if page is not None:
        write_models(result, page)
    print_json(result) if as_json else print_embeddings(result)
    return 0


def print_embeddings(result: dict[str, Any]) -> None:
    """Each model's figures in a row."""
    from rich.table import Table

    table = Table(box=None)
    names = list(next(iter(result["models"].values())))
    for heading in ("model", *names):
        table.add_column(heading.replace("_", " "), justify="left" if heading == "model" else "right")
    for name, figures in result["models"].items():
        table.add_row(escape(name), *(shown(figures[each]) for each in names))
    console().print(table)
    console().print(f"{result['documents']} documents, {result['queries']} queries")


def shown(value: Any) -> str:
    """A figure in few characters."""
    return f"{value:,.4g}" if isinstance(value, int | float) else str(value)
