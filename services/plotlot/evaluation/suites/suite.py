"""Runs a suite: what it measures, one after the other on one running PlotLot, becomes one run."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plotlot.evaluation import extraction, retrieval
from plotlot.evaluation.injection.cases import load_cases
from plotlot.evaluation.injection.outputs import Printer
from plotlot.evaluation.injection.suite import injection_cases
from plotlot.evaluation.runs import Case, Run
from plotlot.evaluation.sources import Checked, Sources
from plotlot.evaluation.stack import Stack, open_stack
from plotlot.evaluation.suites.asking import ask_all
from plotlot.evaluation.suites.atlas import atlas_cases
from plotlot.evaluation.suites.collections import collection_cases
from plotlot.evaluation.suites.measured import Measured, unkept
from plotlot.evaluation.suites.searching import search_all
from plotlot.evaluation.suites.served import served_result, with_engine
from plotlot.evaluation.suites.standards import cases_of
from plotlot.runtime.bundles import own_bundle, release_bundle
from plotlot.settings import Settings

SUITES = ("extraction", "retrieval", "ask", "injection")
Result = Mapping[str, Any]
Follow = Callable[[str, dict[str, Any]], None]


async def run_suite(
    suite: str,
    sources: Sources,
    settings: Settings,
    follow: Follow,
    engine: str = "",
    printers: Mapping[str, Printer] | None = None,
    keep: Callable[[Run], None] = unkept,
) -> Run:
    """The run of one suite, or of ``all``, where one that fails leaves the others be and ``keep`` is given what there is.

    Raises InvalidRequest where there is nothing to measure, and a suite's error where nothing else was measured.
    Where an ``engine`` is named, standards are those that a PlotLot serves whose bundle names it. ``printers`` are
    what the command line shows documents by, which the injection suite looks at too.
    """
    wanted = SUITES if suite == "all" else (suite,)
    words = f"{engine}, {engine_words(settings)}" if engine else engine_words(settings)
    measured = Measured(suite, wanted, release_bundle(settings).id, words, sources, keep)
    if "extraction" in wanted:
        with measured.watching("extraction"):
            follow("extraction", {})
            results = await served(sources, settings, engine) if engine else read(sources)
            measured.add(standards(results, measured.metrics))
            if not engine and sources.data is not None:
                measured.add(atlas_cases(sources.data))
            measured.done("extraction")
    if {"retrieval", "ask"} & set(wanted):
        with measured.watching("retrieval", "ask"):
            follow("start", {})
            async with open_stack(settings) as stack:
                measured.bundle = stack.bundle
                # A task, for what it asks of a PlotLot in this process leaves its deadline with whoever asked.
                await asyncio.create_task(on_stack(stack, measured, follow))
    if "retrieval" in wanted:
        with measured.watching("retrieval"):
            for folder in sources.collections():
                result = await retrieval.evaluate(folder, settings, follow)
                measured.add(collection_cases(folder.name, result))
            measured.done("retrieval")
    if "injection" in wanted:
        with measured.watching("injection"):
            measured.add(await injection_cases(load_cases(sources.root), settings, follow, printers or {}))
            measured.done("injection")
    return measured.run()


async def on_stack(stack: Stack, measured: Measured, follow: Follow) -> None:
    """Measure what needs a running PlotLot."""
    sources = measured.sources
    towns = sorted({question.municipality for question in sources.asked})
    for number, name in enumerate(towns):
        follow("ingest", {"done": number, "total": len(towns)})
        await stack.ingest([sources.towns[name]])
    if "retrieval" in measured.wanted:
        with measured.watching("retrieval"):
            follow("search", {})
            measured.add(await search_all(stack, sources.asked, sources.towns))
    if "ask" in measured.wanted:
        with measured.watching("ask"):
            follow("ask", {})
            measured.add(await ask_all(stack, sources.asked, sources.towns))
            measured.done("ask")


def read(sources: Sources) -> list[tuple[Checked, Result]]:
    """What the deterministic reader made of each list of checked values."""
    return [(checked, extraction.evaluate(checked.rows, checked.folder)) for checked in sources.standards()]


async def served(sources: Sources, settings: Settings, engine: str) -> list[tuple[Checked, Result]]:
    """What an engine behind the gateway made of each list of checked values."""
    found: list[tuple[Checked, Result]] = []
    async with open_stack(settings, with_engine(release_bundle(settings), engine)) as stack:
        for checked in sources.standards():
            found.append((checked, await served_result(stack, checked.rows, checked.folder)))
    return found


def standards(results: Sequence[tuple[Checked, Result]], metrics: dict[str, float]) -> list[Case]:
    """The cases of checked values; what is measured of whole codes goes to ``metrics``."""
    cases: list[Case] = []
    shown = verified = wanted = 0
    found = 0.0
    for checked, result in results:
        cases += cases_of(result, checked.name)
        shown, verified = shown + result["citations"]["shown"], verified + result["citations"]["verified"]
        wanted += len(checked.rows)
        found += result["districts"]["recall"] * len(checked.rows)
    if shown:
        metrics["extraction.citations"] = round(verified / shown, 4)
    if wanted:
        metrics["extraction.districts"] = round(found / wanted, 4)
    return cases


def engine_words(settings: Settings) -> str:
    """What answers: the engines that read, answer and embed."""
    bundle = release_bundle(settings) if settings.bundle_file else own_bundle(settings)
    parameters = bundle.parameters
    return ", ".join((parameters.extraction.engine, parameters.generation.model, parameters.embedding_model))
