"""``plotlot eval``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from plotlot.cli.command import FILE, FOLDER, JSON, command
from plotlot.cli.groups.bundle import name_and_value
from plotlot.settings import Settings

OUT = click.Path(dir_okay=False, path_type=Path)
ROOT = click.option(
    "--root", type=FOLDER, default=Path(), show_default="this folder",
    help="A checkout, for its golden questions, checked values and towns.",
)  # fmt: skip
MEASURED = (
    ROOT,
    click.option("--split", type=click.Choice(("dev", "test")), help="Only the questions of one split."),
    click.option("--town", "towns", multiple=True, metavar="NAME", help="Only this town, again for each."),
    click.option("-o", "--out", type=OUT, help="Write the run to this file."),
    click.option("--html", type=OUT, help="Write a report as one page."),
    click.option("--tracking", metavar="URI", help="Log the run to this MLflow server or file."),
    JSON,
)  # fmt: skip


REAL = "Folder with ordinances, gold and retrieval, which are then measured on too."


def measured(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that make a run."""
    for option in reversed(MEASURED):
        function = option(function)
    return function


@click.group("eval")
def evaluate() -> None:
    """Measure against checked values."""


@evaluate.command("extraction")
@click.option("--gold", type=FILE, help="JSON lines of checked values, instead of the checkout's.")
@click.option("--documents", type=FOLDER, help="Folder that the rows' files are relative to.")
@click.option("--engine", default="", help="Measure this engine as it is served, e.g. ensemble/1.")
@measured
@command
async def eval_extraction(
    settings: Settings, gold: Path | None, documents: Path | None, as_json: bool, **options: Any
) -> int:
    """Standards read from codes, against checked values."""
    from plotlot.cli.evaluations import run_evaluation, run_extraction

    if gold and options["engine"]:
        raise click.UsageError("--engine measures the checkout's values, or those of --data")
    if bool(gold) != bool(documents):
        raise click.UsageError("--gold and --documents are given together")
    if gold and documents:
        return run_extraction(gold, documents, as_json)
    return await run_evaluation(settings, "extraction", as_json=as_json, **options)


@evaluate.command("retrieval")
@click.option("--dataset", type=FOLDER, help="A data set in BEIR form, instead of the golden questions.")
@measured
@command
async def eval_retrieval(settings: Settings, dataset: Path | None, as_json: bool, **options: Any) -> int:
    """Search, against judged queries."""
    from plotlot.cli.evaluations import run_evaluation, run_retrieval

    if dataset is not None:
        return await run_retrieval(settings, dataset, as_json)
    return await run_evaluation(settings, "retrieval", as_json=as_json, **options)


@evaluate.command("ask")
@measured
@command
async def eval_ask(settings: Settings, **options: Any) -> int:
    """Answers to golden questions: right, cited, grounded, and refused where the code is silent."""
    from plotlot.cli.evaluations import run_evaluation

    return await run_evaluation(settings, "ask", **options)


@evaluate.command("injection")
@measured
@command
async def eval_injection(settings: Settings, **options: Any) -> int:
    """Words planted in codes, questions and names, before a model that obeys them: exit code 1 where any has its way."""
    from plotlot.cli.evaluations import run_evaluation

    return await run_evaluation(settings, "injection", **options)


@evaluate.command("all")
@click.option("--write-baseline", "baseline", type=OUT, help="Write what a gate compares with to this file.")
@click.option("--page", type=OUT, help="Write tables by field and town between the markers of this page.")
@measured
@command
async def eval_all(settings: Settings, **options: Any) -> int:
    """Extraction, retrieval, answers and injections in one run."""
    from plotlot.cli.evaluations import run_evaluation

    return await run_evaluation(settings, "all", **options)


@evaluate.command("gate")
@click.argument("run", type=FILE, required=False)
@click.option("--baseline", required=True, type=FILE, help="The run to compare with.")
@click.option("--margins", type=FILE, help='JSON of margins by metric, e.g. {"ask.correct": 0.05}.')
@ROOT
@click.option("-o", "--out", type=OUT, help="Write the table to this file, in Markdown.")
@JSON
@command
async def eval_gate(settings: Settings, **options: Any) -> int:
    """Whether RUN is worse than the baseline, case by case: exit code 0 pass, 1 fail, 2 inconclusive.

    Without RUN, what the baseline measured is measured now. Files that cannot be compared end with 1 too.
    """
    from plotlot.cli.evaluations import run_gate

    return await run_gate(settings, **options)


@evaluate.command("judge")
@click.argument("run", type=FILE, required=False)
@click.option("--against", type=FILE, help="Another run, whose answers are judged beside RUN's.")
@click.option(
    "--labels", type=FOLDER, default=Path("evals/judgements"), show_default=True,
    help="Pairs of answers that people judged, which the judge is measured on.",
)  # fmt: skip
@JSON
@command
async def eval_judge(
    settings: Settings, run: Path | None, against: Path | None, labels: Path, as_json: bool
) -> int:
    """A model's opinion of two runs' answers, and how far it agrees with people.

    The model is that of PLOTLOT_GENERATION_URL. Exit code 4 where it agrees with people too little to be trusted.
    """
    from plotlot.cli.evaluations import run_judge

    if bool(run) != bool(against):
        raise click.UsageError("RUN and --against are given together, or neither")
    return await run_judge(settings, run, against, labels, as_json)


@evaluate.command("report")
@click.argument("run", type=FILE)
@click.option("--html", required=True, type=OUT, help="The page to write.")
@command
async def eval_report(settings: Settings, run: Path, html: Path) -> int:
    """The report of a run as one page, the worst failures first."""
    from plotlot.cli.evaluations import run_report

    return run_report(run, html)


@evaluate.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="Port.")
@command
async def eval_serve(settings: Settings) -> int:
    """MLflow's page of runs, until stopped: its rows in PLOTLOT_DATABASE_URL, or in SQLite in the data folder."""
    from plotlot.cli.evaluations import run_tracking_server

    return await run_tracking_server(settings)


@evaluate.command("embeddings")
@click.option(
    "--model", "models", multiple=True, metavar="NAME=KIND", callback=name_and_value,
    help="A model to compare: minilm-int8, minilm-fp32, words, or the URL of an OpenAI-compatible server. "
    "Again for each; default: all that need no server.",
)  # fmt: skip
@click.option("--dataset", required=True, type=FOLDER, help="A data set in BEIR form.")
@click.option(
    "--most", type=click.IntRange(1), help="Only so many of its queries, and what they are judged on."
)
@click.option("--page", type=OUT, help="Write the figures between the markers of this page.")
@click.option("--tracking", metavar="URI", help="Log each model's run to this MLflow server or file.")
@JSON
@command
async def eval_embeddings(settings: Settings, **options: Any) -> int:
    """Embedding models side by side: how well they rank, how long they take."""
    from plotlot.cli.evaluations import run_embeddings

    return await run_embeddings(settings, **options)


for measuring in (eval_extraction, eval_retrieval, eval_ask, eval_all, eval_gate):
    for parameter in measuring.params:
        if isinstance(parameter, click.Option) and parameter.name == "data":
            parameter.help = REAL  # these commands keep no state
