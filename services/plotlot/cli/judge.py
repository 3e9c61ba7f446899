"""``plotlot judge``: how well the judge of releases decides, on streams whose truth is known."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from plotlot.cli.output import console, print_json, progress

ALONE = 50  # runs up to which other processes are not worth their start
ASKED_SECONDS = 0.1


async def run_simulate(runs: int, seed: int, as_json: bool, page: Path | None) -> int:
    """Simulate, print, and write the page of figures with its pictures where one is named."""
    from plotlot.evaluation.delivery.simulation import scenarios, simulated

    names = list(scenarios())
    results: dict[str, dict[str, Any]] = {}
    with progress("simulating") as follow:
        async for name, result in each(names, runs, seed):
            results[name] = result
            follow("stage", {"stage": name, "done": len(results), "total": len(names)})
    document = simulated(runs, seed, results)
    if page is not None:
        write_page(document, page)
    print_json(document) if as_json else print_simulation(document)
    return 0


async def each(names: list[str], runs: int, seed: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The results of scenarios as they come, by a process for each core where there is much to do."""
    from plotlot.evaluation.delivery.simulation import run

    if runs <= ALONE:
        for name in names:
            yield name, run(name, runs, seed)
        return
    # Leaving the pool ends its processes, whether all is done or somebody has had enough.
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        waiting = {name: pool.apply_async(run, (name, runs, seed)) for name in names}
        while waiting:
            await asyncio.sleep(ASKED_SECONDS)
            for name in [name for name, result in waiting.items() if result.ready()]:
                yield name, waiting.pop(name).get()


def write_page(document: dict[str, Any], path: Path) -> None:
    """Write the simulated half of a page, and its pictures beside it; the rest of the page stays."""
    from plotlot.evaluation.delivery.figures import pictures
    from plotlot.evaluation.delivery.report import page

    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(page(document, before), encoding="utf-8")
    (path.parent / "images").mkdir(exist_ok=True)
    for name, picture in pictures(document).items():
        (path.parent / "images" / name).write_text(picture, encoding="utf-8")


def print_simulation(document: dict[str, Any]) -> None:
    """What is measured beside what it is held to, and each rule in a line."""
    from rich.table import Table

    from plotlot.evaluation.delivery.report import held_to

    out = console()
    held = Table(box=None)
    for heading in ("what", "measured", "held to", ""):
        held.add_column(heading)
    for row in held_to(document):
        held.add_row(row.words, row.figure, row.limit, "" if row.kept else "[bold]missed[/bold]")
    out.print(held)
    rules = Table(box=None)
    for heading in (
        "rule, at its usual setting",
        "false rollbacks",
        "worst day",
        "changes missed",
        "users harmed",
    ):
        rules.add_column(heading, justify="left" if heading.startswith("rule") else "right")
    shown = {
        "this judge, shadow first": document["plotlot"],
        "this judge, users only": document["plotlot_users_only"],
    }
    shown |= {f"{name}: {rule['setting']}": rule["settings"][0] for name, rule in document["others"].items()}
    for name, figures in shown.items():
        false, worst = figures["false_rollback"], figures["false_rollback_worst_day"]
        rules.add_row(
            name, f"{false:.1%}", f"{worst:.1%}", f"{figures['missed']:.1%}", f"{figures['harmed']:.1f}"
        )
    out.print()
    out.print(rules)
