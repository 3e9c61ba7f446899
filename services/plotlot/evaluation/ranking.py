"""Measures of a ranking against judgements."""

import math
from collections.abc import Mapping, Sequence

Judgements = Mapping[str, int]


def ndcg(ranking: Sequence[str], judged: Judgements, depth: int = 10) -> float:
    """Normalised discounted cumulative gain with linear gains (Järvelin and Kekäläinen 2002), as in BEIR."""
    gains = [judged.get(item, 0) for item in ranking[:depth]]
    ideal = discounted(sorted(judged.values(), reverse=True)[:depth])
    return discounted(gains) / ideal if ideal else 0.0


def discounted(gains: Sequence[int]) -> float:
    """The sum of gains, each divided by the logarithm of its rank."""
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def recall(ranking: Sequence[str], judged: Judgements, depth: int = 10) -> float:
    """The share of relevant items among the first ``depth``."""
    relevant = {item for item, grade in judged.items() if grade > 0}
    return len(relevant & set(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], judged: Judgements) -> float:
    """One over the rank of the first relevant item; 0 where there is none."""
    ranks = (rank for rank, item in enumerate(ranking, start=1) if judged.get(item, 0) > 0)
    return next((1 / rank for rank in ranks), 0.0)
