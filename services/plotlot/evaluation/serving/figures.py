"""Figures of a load: time to first token, time per token, tokens a second, goodput under an objective."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from plotlot.evaluation.serving.targets import Outcome

PERCENTILES = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Objective:
    """What an answer has to keep to count: seconds to the first token, and per token after it."""

    first_token_seconds: float = 1.0
    token_seconds: float = 0.2


def first_token_seconds(outcome: Outcome) -> float:
    """From when a request was due to its first text."""
    return outcome.arrivals[0] - outcome.due


def token_seconds(outcome: Outcome) -> float:
    """Per token after the first; 0 where there is only one."""
    return (outcome.arrivals[-1] - outcome.arrivals[0]) / max(outcome.tokens - 1, 1)


def keeps(outcome: Outcome, objective: Objective) -> bool:
    """Whether an answer came, and as fast as it has to."""
    return (
        not outcome.error
        and bool(outcome.arrivals)
        and first_token_seconds(outcome) <= objective.first_token_seconds
        and token_seconds(outcome) <= objective.token_seconds
    )


def figures(outcomes: Sequence[Outcome], objective: Objective) -> dict[str, Any]:
    """The figures of a load; times in milliseconds, None where nothing was answered."""
    answered = [each for each in outcomes if not each.error and each.arrivals]
    begun = min((each.due for each in outcomes), default=0.0)
    seconds = max((each.ended for each in outcomes), default=begun) - begun
    gaps = [after - before for each in answered for before, after in pairwise(each.arrivals)]
    refused = [each.ended - each.due for each in outcomes if each.error not in ("", "displaced")]
    good = sum(keeps(each, objective) for each in outcomes)
    return {
        "requests": len(outcomes),
        "answered": len(answered),
        "errors": dict(Counter(each.error for each in outcomes if each.error)),
        "seconds": seconds,
        "first_token_ms": percentiles([first_token_seconds(each) for each in answered]),
        "token_ms": percentiles([token_seconds(each) for each in answered]),
        "gap_ms": percentiles(gaps),
        "refusal_ms": percentiles(refused),
        "tokens_per_second": sum(each.tokens for each in answered) / seconds if seconds else 0.0,
        "requests_per_second": len(answered) / seconds if seconds else 0.0,
        "goodput_per_second": good / seconds if seconds else 0.0,
        "good_share": good / len(outcomes) if outcomes else 0.0,
    }


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    """The percentiles of times in seconds, in milliseconds."""
    if not values:
        return dict.fromkeys((f"p{each}" for each in PERCENTILES), None)
    found = np.percentile(np.array(values), PERCENTILES) * 1000
    return {f"p{each}": float(value) for each, value in zip(PERCENTILES, found, strict=True)}
