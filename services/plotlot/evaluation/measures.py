"""Metrics of cases: means, and those by town, slice and kind. A missing score counts as 0, and is counted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, quantiles

from plotlot.evaluation.runs import Case

BY: Mapping[str, Callable[[Case], str]] = {
    "town": lambda case: case.town,
    "slice": lambda case: case.slice,
    "kind": lambda case: case.kind,
}


def means(cases: Sequence[Case]) -> dict[str, float]:
    """The mean of each score over the cases that it applies to."""
    scores: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        for name, score in case.scores.items():
            scores[name].append(0.0 if score is None else score)
    return {name: round(fmean(known), 4) for name, known in sorted(scores.items())}


def missing(cases: Iterable[Case]) -> int:
    """How many scores are missing."""
    return sum(score is None for case in cases for score in case.scores.values())


def effort(cases: Sequence[Case], prefix: str) -> dict[str, float]:
    """The median and the 95th percentile of the latency, and the tokens of a case."""
    spent = sorted(case.latency_ms for case in cases if case.latency_ms is not None)
    found: dict[str, float] = {}
    if len(spent) > 1:
        found[f"{prefix}.latency_p50_ms"] = round(spent[len(spent) // 2], 2)
        found[f"{prefix}.latency_p95_ms"] = round(quantiles(spent, n=20)[-1], 2)
    costs = [case.cost for case in cases if case.cost is not None]
    if costs:
        found[f"{prefix}.tokens"] = round(fmean(costs), 1)
    return found


def grouped(
    cases: Sequence[Case],
    by: Mapping[str, Callable[[Case], str]] = BY,
    measure: Callable[[Sequence[Case]], Mapping[str, float]] = means,
) -> dict[str, dict[str, dict[str, float]]]:
    """The metrics of the cases that share a town, a slice, a kind, and how many they are."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, key in by.items():
        members: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            if key(case):
                members[key(case)].append(case)
        found[name] = {
            each: {"cases": len(members[each]), **measure(members[each])} for each in sorted(members)
        }
    return found
