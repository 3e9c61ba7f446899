"""Which fields the ensemble takes from a model, how certain they must be, and what certainty is made of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from plotlot.extraction.learned.decode import WEIGHTS, Choice, evidence
from plotlot.extraction.learned.evidence import FIELDS
from plotlot.training.scores import Outcome, counts

GRID = tuple(round(0.3 + 0.02 * step, 2) for step in range(34))
LEAST_PRECISION = 0.92
"""What share of a field's values must be right at its threshold, on towns that the trees had not seen."""
LEAST_ADDED = 0.85
"""What share of those that the rules do not show must be right: they are the harder ones."""
_FEWEST = 25
_FEWEST_ADDED = 8
_RIDGE = 1.0
_STEPS = 25


def thresholds(at: Mapping[float, Sequence[Outcome]], precision: float = LEAST_PRECISION) -> dict[str, float]:
    """For each field the lowest certainty from which on its values are precise enough; fields without are left out.

    ``at`` holds the outcomes under each certainty of ``GRID``.
    """
    found: dict[str, float] = {}
    for name in FIELDS:
        for floor in GRID:
            of_field = counts(one for one in at[floor] if one.field == name)
            shown = of_field.right + of_field.wrong
            if shown < _FEWEST:
                break
            if of_field.right / shown >= precision:
                found[name] = floor
                break
    return found


def better(learned: Sequence[Outcome], rules: Sequence[Outcome]) -> tuple[str, ...]:
    """The fields that are read better than by rules: more are right, and no larger share is wrong."""
    found = []
    for name in FIELDS:
        mine = counts(one for one in learned if one.field == name)
        theirs = counts(one for one in rules if one.field == name)
        precise = mine.scores()["precision"] >= min(theirs.scores()["precision"], LEAST_PRECISION)
        if precise and mine.scores()["f1"] > theirs.scores()["f1"]:
            found.append(name)
    return tuple(found)


def added(
    at: Mapping[float, Sequence[Outcome]], rules: Sequence[Outcome], thresholds: Mapping[str, float]
) -> dict[str, float]:
    """For each field the lowest certainty from which on what it adds to the rules is right often enough."""
    found: dict[str, float] = {}
    for name, threshold in thresholds.items():
        for floor in (one for one in GRID if one >= threshold):
            alone = [
                mine.right
                for mine, theirs in zip(at[floor], rules, strict=True)
                if mine.field == name and mine.is_shown and not theirs.is_shown
            ]
            if len(alone) < _FEWEST_ADDED:
                break
            if sum(alone) >= LEAST_ADDED * len(alone):
                found[name] = floor
                break
    return found


def weighed(found: Sequence[tuple[Choice, bool]]) -> dict[str, float]:
    """Weights of a logistic regression of being right on what speaks for a choice, by Newton's method."""
    names = (*WEIGHTS, *FIELDS)
    if not found:
        return dict.fromkeys(names, 0.0)
    held = [evidence(choice) for choice, _ in found]
    voices = np.array(_voices([choice for choice, _ in found]))
    rows = np.array([[one.get(name, 0.0) for name in names] for one in held])
    right = np.array([float(hit) for _, hit in found])
    weights = np.zeros(len(names))
    ridge = np.eye(len(names)) * _RIDGE
    for _ in range(_STEPS):
        sure = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (voices * (right - sure)) - ridge @ weights
        curvature = (rows * (voices * sure * (1 - sure))[:, None]).T @ rows + ridge
        weights = weights + np.linalg.solve(curvature, gradient)
    return {name: round(weight, 6) for name, weight in zip(names, weights.tolist(), strict=True)}


def _voices(found: Sequence[Choice]) -> list[float]:
    """What each choice counts: one number that speaks for every district of a town is one witness, not many."""
    places = [(id(choice.candidate.found), choice.candidate.field) for choice in found]
    often = Counter(places)
    return [1 / often[place] for place in places]


def bins(found: Sequence[Outcome], count: int = 10) -> list[dict[str, float]]:
    """Confidence beside the share that was right, in bins of equal width."""
    edges = np.linspace(0, 1, count + 1)
    shown = [(one.confidence, one.right) for one in found if one.confidence is not None]
    rows = []
    for low, high in pairwise(edges.tolist()):
        members = [(sure, right) for sure, right in shown if low <= sure < high or (high == 1 and sure == 1)]
        if members:
            rows.append(
                {
                    "confidence": round(sum(sure for sure, _ in members) / len(members), 3),
                    "right": round(sum(right for _, right in members) / len(members), 3),
                    "values": float(len(members)),
                }
            )
    return rows
