"""The pictures of ``docs/benchmarks-delivery.md``."""

import math
from typing import Any

import numpy as np

from plotlot.domain.sequential import harm_growth, harm_mixture
from plotlot.evaluation.delivery.pictures import Chart, Line, svg
from plotlot.evaluation.delivery.simulation import ONE, SAME, WORSE
from plotlot.evaluation.delivery.streams import Change, Numbers, differences

CANDIDATES, SHOWN, EACH = 6, 600, 6


def pictures(results: dict[str, Any]) -> dict[str, str]:
    """Each by its file's name."""
    return {"delivery-false-alarms.svg": false_alarms(results), "delivery-paths.svg": paths(results["seed"])}


def false_alarms(results: dict[str, Any]) -> str:
    """Healthy candidates rolled back, against how long they were looked at."""
    seen = results["peeking"]

    def line(name: str, words: str, colour: str) -> Line:
        return Line(list(zip(seen["pairs"], seen[name], strict=True)), colour, words)

    most = math.ceil(max(seen["z_each_50"]) * 10) / 10
    ticks = [(step / 10, f"{step * 10} %") for step in range(round(most * 10) + 1)]
    return svg(
        Chart(
            title="False alarms of a z-test grow with each look; those of the judge stay under 5 %",
            x_label="pairs, looked at all the while",
            y_label="healthy candidates rolled back so far; blue: this judge, asked after each pair",
            x_ticks=seen["pairs"],
            y_ticks=ticks,
            limit=(0.05, "5 %"),
            lines=(line("judge", "", "a"), line("z_each_50", "z-test, each 50", "b")),
            logarithmic=True,
        )
    )


def paths(seed: int) -> str:
    """E-values of harm of some candidates that got worse and some that did not."""
    random = np.random.default_rng(seed)
    lines = []
    for change, colour in ((WORSE, "b"), (SAME, "a")):
        for path in _log_e(random, change):
            points = [(pair, path[pair - 1]) for pair in range(1, SHOWN + 1, EACH)]
            lines.append(Line(points, colour))
    return svg(
        Chart(
            title="E-values of harm: six candidates that got worse, and six that did not",
            x_label="pairs",
            y_label="e-value of harm: orange: 75 % right instead of 80 %, blue: unchanged",
            x_ticks=tuple(range(0, SHOWN + 1, 100)),
            y_ticks=[(math.log(value), f"{value:g}") for value in (0.01, 0.1, 1, 10, 100, 1000, 10_000)],
            limit=(math.log(20), "20: rolled back"),
            lines=lines,
        )
    )


def _log_e(random: np.random.Generator, change: Change) -> Numbers:
    stream = differences(random, (CANDIDATES, SHOWN), change)
    return harm_mixture(np.cumsum(harm_growth(ONE.each[0], stream), axis=1))
