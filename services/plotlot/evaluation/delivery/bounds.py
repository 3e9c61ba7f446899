"""The least that any test of its level can need, on average, of an effect that it was told (Wald 1945)."""

import math

import numpy as np

from plotlot.evaluation.delivery.streams import Change


def observations(rate: float, alpha: float, guardrails: int = 1) -> float:
    """Wald's bound: log(k / alpha) over the information of one observation, for one of k guardrails."""
    return math.log(guardrails / alpha) / rate


def harm_rate(change: Change) -> float:
    """Information of a pair against "no worse": the growth of the best bet (KL_inf, Honda & Takemura 2010)."""
    worse, better = change.chances
    if worse <= better:
        raise ValueError("a candidate that is no worse has no harm to find")
    both = worse + better
    return both * divergence(worse / both, 0.5)


def noninferior_rate(change: Change, margin: float) -> float:
    """Information of a pair against "worse by the margin", likewise."""
    worse, better = change.chances
    stakes = np.linspace(0, 1 / (1 - margin), 100_001)[1:-1]
    growth = (
        worse * np.log1p(stakes * (margin - 1))
        + better * np.log1p(stakes * (margin + 1))
        + (1 - worse - better) * np.log1p(stakes * margin)
    )
    return float(growth.max())


def event_rate(stable: float, candidate: float, share: float) -> float:
    """Information of a request among users: how likely an event is, times what it says about whose it was."""
    any_event = share * candidate + (1 - share) * stable
    return any_event * divergence(share * candidate / any_event, share)


def divergence(chance: float, supposed: float) -> float:
    """Kullback-Leibler divergence of two coins, in nats."""
    terms = ((chance, supposed), (1 - chance, 1 - supposed))
    return sum(true * math.log(true / model) for true, model in terms if true)
