"""How two rankings of the same things become one."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def min_max_mean(scorings: Sequence[Mapping[Item, float]]) -> list[tuple[Item, float]]:
    """Items by the mean of their scores, each scoring first brought to 0..1, best first.

    An item that a scoring lacks has 0 there, as the least item of that scoring has (Lee 1997, CombSUM).
    """
    scores = {item: 0.0 for scoring in scorings for item in scoring}
    for scoring in scorings:
        for item, value in min_max(scoring).items():
            scores[item] += value / len(scorings)
    return ranked(scores)


def min_max(scoring: Mapping[Item, float]) -> dict[Item, float]:
    """Scores brought to 0..1; where all are equal they are all 1."""
    if not scoring:
        return {}
    low, high = min(scoring.values()), max(scoring.values())
    width = high - low
    return {item: (score - low) / width if width else 1.0 for item, score in scoring.items()}


def ranked(scores: Mapping[Item, float]) -> list[tuple[Item, float]]:
    """Items with their scores, best first; among equals the one that came first."""
    return sorted(scores.items(), key=lambda pair: -pair[1])
