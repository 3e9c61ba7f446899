"""``plotlot bench inference``: runs loads one after the other, and prints their figures."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from plotlot.cli.command import ANSWERED, FAILED
from plotlot.cli.output import console, print_json


@dataclass(frozen=True, slots=True)
class Load:
    """A closed loop of so many users, or an open one of so many requests a second."""

    users: int = 0
    per_second: float = 0.0

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return f"{self.users} users" if self.users else f"{self.per_second:g} requests/s"


async def run_inference(
    url: str,
    model: str,
    loads: Sequence[Load],
    shape: tuple[int, int, int, int],
    objective: tuple[float, float],
    as_json: bool,
) -> int:
    """Run the loads on what the URL names; ``shape`` is requests, words of a prompt, tokens and seed."""
    from plotlot.evaluation.serving.figures import Objective, figures
    from plotlot.evaluation.serving.load import ask_of, closed_loop, open_loop
    from plotlot.evaluation.serving.targets import target

    requests, words, max_tokens, seed = shape
    results: list[dict[str, Any]] = []
    asked = target(url, model)
    try:
        for round_, load in enumerate(loads):
            asks = [ask_of(round_ * requests + each, seed, words, max_tokens) for each in range(requests)]
            if load.users:
                outcomes = await closed_loop(asked, asks, load.users)
            else:
                outcomes = await open_loop(asked, asks, load.per_second, random.Random(seed).random)
            results.append({"load": load.name, **figures(outcomes, Objective(*objective))})
    finally:
        await asked.close()
    print_json({"url": url, "results": results}) if as_json else print_results(results)
    return ANSWERED if any(each["answered"] for each in results) else FAILED


def print_results(results: Sequence[dict[str, Any]]) -> None:
    """A row for each load; times in milliseconds."""
    table = Table(
        "load", "answered", "TTFT p50", "p99", "per token p50", "p99", "tokens/s", "good/s", "errors"
    )
    for each in results:
        errors = ", ".join(f"{count} {name}" for name, count in each["errors"].items())
        table.add_row(
            each["load"],
            f"{each['answered']}/{each['requests']}",
            *(shown(each[name][rank]) for name in ("first_token_ms", "token_ms") for rank in ("p50", "p99")),
            f"{each['tokens_per_second']:.0f}",
            f"{each['goodput_per_second']:.1f}",
            errors,
        )
    console().print(table)


def shown(milliseconds: float | None) -> str:
    """A time, or a dash where there is none."""
    return "-" if milliseconds is None else f"{milliseconds:.1f}"
