"""Runs a suite: what it measures, one after the other on one running PlotLot, becomes one run."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation import extraction, retrieval
from plotlot.evaluation.injection.cases import load_cases
from plotlot.evaluation.injection.outputs import Printer
from plotlot.evaluation.injection.suite import injection_cases
from plotlot.evaluation.measures import effort, grouped, means, missing
from plotlot.evaluation.runs import Case, Groups, Run
from plotlot.evaluation.sources import Checked, Sources
from plotlot.evaluation.stack import Stack, open_stack
from plotlot.evaluation.suites.asking import ask_all
from plotlot.evaluation.suites.atlas import atlas_cases
from plotlot.evaluation.suites.collections import collection_cases
from plotlot.evaluation.suites.searching import search_all
from plotlot.evaluation.suites.served import served_result, with_engine
from plotlot.evaluation.suites.standards import cases_of, field_scores
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
) -> Run:
    """The run of one suite, or of ``all``. Raises InvalidRequest where there is nothing to measure.

    Where an ``engine`` is named, standards are those that a PlotLot serves whose bundle names it. ``printers`` are
    what the command line shows documents by, which the injection suite looks at too.
    """
    wanted = SUITES if suite == "all" else (suite,)
    cases: list[Case] = []
    metrics: dict[str, float] = {}
    if "extraction" in wanted:
        follow("extraction", {})
        results = await served(sources, settings, engine) if engine else read(sources)
        cases += standards(results, metrics)
        if not engine and sources.data is not None:
            cases += atlas_cases(sources.data)
    bundle = release_bundle(settings).id
    if {"retrieval", "ask"} & set(wanted):
        follow("start", {})
        async with open_stack(settings) as stack:
            bundle = stack.bundle
            # A task, for what it asks of a PlotLot in this process leaves its deadline with whoever asked.
            cases += await asyncio.create_task(on_stack(stack, sources, wanted, follow))
    if "retrieval" in wanted:
        for folder in sources.collections():
            result = await retrieval.evaluate(folder, settings, follow)
            cases += collection_cases(folder.name, result)
    if "injection" in wanted:
        cases += await injection_cases(load_cases(sources.root), settings, follow, printers or {})
    if not cases:
        raise InvalidRequest(f"there is nothing to measure in {sources.root}", field="suite")
    run = finished(suite, bundle, settings, sources, cases, metrics)
    return replace(run, engine=f"{engine}, {run.engine}").named() if engine else run


async def on_stack(stack: Stack, sources: Sources, wanted: Sequence[str], follow: Follow) -> list[Case]:
    """The cases that need a running PlotLot."""
    towns = sorted({question.municipality for question in sources.asked})
    for number, name in enumerate(towns):
        follow("ingest", {"done": number, "total": len(towns)})
        await stack.ingest([sources.towns[name]])
    cases: list[Case] = []
    if "retrieval" in wanted:
        follow("search", {})
        cases += await search_all(stack, sources.asked, sources.towns)
    if "ask" in wanted:
        follow("ask", {})
        cases += await ask_all(stack, sources.asked, sources.towns)
    return cases


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


def finished(
    suite: str,
    bundle: str,
    settings: Settings,
    sources: Sources,
    cases: Sequence[Case],
    more: dict[str, float],
) -> Run:
    """The run of cases with its metrics."""
    by_suite = {name: [case for case in cases if case.id.startswith(f"{name}/")] for name in SUITES}
    metrics = {**means(cases), **more, "missing": float(missing(cases))}
    for name, members in by_suite.items():
        metrics |= effort(members, name)
    read = by_suite["extraction"]
    if read:
        metrics |= {f"extraction.{name}": value for name, value in field_scores(read).items()}
    asked = {sources.towns[case.town] for case in cases if case.town in sources.towns}
    return Run(
        suite=suite,
        bundle=bundle,
        engine=engine_words(settings),
        data=sources.digests(sorted(asked, key=lambda town: town.name)),
        metrics=dict(sorted(metrics.items())),
        cases=sorted(cases, key=lambda case: case.id),
        groups=groups_of(read, [case for case in cases if case not in read]),
    ).named()


def groups_of(read: Sequence[Case], asked: Sequence[Case]) -> Groups:
    """Metrics by town, slice and kind of what was asked, by town, field and format of what was read."""
    found = grouped(asked)
    by_field = {
        "field": lambda case: case.slice,
        "format": lambda case: str(case.detail.get("format", "")),
        "source": lambda case: str(case.detail.get("source", "")),
        "town": lambda case: case.town,
    }
    for name, groups in grouped(read, by_field, field_scores).items():
        target = found.setdefault(name, {})
        for key, values in groups.items():
            named = {f"extraction.{each}": value for each, value in values.items() if each != "cases"}
            target[key] = {**target.get(key, {}), **named}
    return {name: dict(sorted(groups.items())) for name, groups in found.items() if groups}


def engine_words(settings: Settings) -> str:
    """What answers: the engines that read, answer and embed."""
    bundle = release_bundle(settings) if settings.bundle_file else own_bundle(settings)
    parameters = bundle.parameters
    return ", ".join((parameters.extraction.engine, parameters.generation.model, parameters.embedding_model))
