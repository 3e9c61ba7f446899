"""How two rankings of the same things become one.

Search fuses in its SQL statement; these functions say the same in Python, and tests compare the two.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def min_max_mean(scorings: Sequence[Mapping[Item, float]]) -> list[tuple[Item, float]]:
    """Items by the mean of their scores, each scoring first brought to 0..1, best first.

    An item that a scoring lacks has 0 there, as the least item of that scoring has (Lee 1997, CombSUM).
    """
    return weighted_mean(scorings, [1 / len(scorings)] * len(scorings) if scorings else [])


def weighted_mean(
    scorings: Sequence[Mapping[Item, float]], weights: Sequence[float]
) -> list[tuple[Item, float]]:
    """``min_max_mean`` in which scorings count by their weights, which sum to 1."""
    scores = {item: 0.0 for scoring in scorings for item in scoring}
    for scoring, weight in zip(scorings, weights, strict=True):
        for item, value in min_max(scoring).items():
            scores[item] += value * weight
    return ranked(scores)


def reciprocal_ranks(scorings: Sequence[Mapping[Item, float]], k: int = 60) -> list[tuple[Item, float]]:
    """Items by the sum of 1 / (k + rank) over the scorings that have them (Cormack et al. 2009), best first.

    The best of a scoring has rank 1; equal scores share the rank of the first of them.
    """
    scores = {item: 0.0 for scoring in scorings for item in scoring}
    for scoring in scorings:
        for item, rank in ranks(scoring).items():
            scores[item] += 1 / (k + rank)
    return ranked(scores)


def min_max(scoring: Mapping[Item, float]) -> dict[Item, float]:
    """Scores brought to 0..1; where all are equal they are all 1."""
    if not scoring:
        return {}
    low, high = min(scoring.values()), max(scoring.values())
    width = high - low
    return {item: (score - low) / width if width else 1.0 for item, score in scoring.items()}


def ranks(scoring: Mapping[Item, float]) -> dict[Item, int]:
    """One more than how many items score higher."""
    first: dict[float, int] = {}
    for place, score in enumerate(sorted(scoring.values(), reverse=True), start=1):
        first.setdefault(score, place)
    return {item: first[score] for item, score in scoring.items()}


def ranked(scores: Mapping[Item, float]) -> list[tuple[Item, float]]:
    """Items with their scores, best first; among equals the one that came first."""
    return sorted(scores.items(), key=lambda pair: -pair[1])
