"""The least that any test of its level can need, on average, of an effect that it was told (Wald 1945)."""

import math

import numpy as np

from plotlot.evaluation.delivery.streams import Change, Numbers


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
    stake = noninferior_stake(change, margin)
    return float(_growth(change, margin, np.array([stake]))[0])


def noninferior_stake(change: Change, margin: float) -> float:
    """The stake whose wealth grows fastest, of so many that the next best is hardly worse."""
    stakes = np.linspace(0, 1 / (1 - margin), 20_001)[1:-1]
    return float(stakes[_growth(change, margin, stakes).argmax()])


def _growth(change: Change, margin: float, stakes: Numbers) -> Numbers:
    worse, better = change.chances
    growth: Numbers = (
        worse * np.log1p(stakes * (margin - 1))
        + better * np.log1p(stakes * (margin + 1))
        + (1 - worse - better) * np.log1p(stakes * margin)
    )
    return growth


def divergence(chance: float, supposed: float) -> float:
    """Kullback-Leibler divergence of two coins, in nats."""
    terms = ((chance, supposed), (1 - chance, 1 - supposed))
    return sum(true * math.log(true / model) for true, model in terms if true)
