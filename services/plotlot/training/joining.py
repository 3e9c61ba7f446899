"""Which fields the ensemble takes from a model, at which scores, and what its scores are worth."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from plotlot.extraction.learned.evidence import FIELDS
from plotlot.training.scores import Outcome, counts

GRID = tuple(round(0.1 + 0.02 * step, 2) for step in range(45))
LEAST_PRECISION = 0.93
"""What of a field's values must be right at its threshold, on towns that the trees had not seen."""
_FEWEST = 25
_KNOTS = 12
_MOST_SURE = 0.99


def thresholds(at: Mapping[float, Sequence[Outcome]], precision: float = LEAST_PRECISION) -> dict[str, float]:
    """For each field the lowest score from which on its values are precise enough; fields without are left out.

    ``at`` holds the outcomes under each score of ``GRID``.
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


def calibrated(found: Sequence[Outcome]) -> tuple[tuple[float, float], ...]:
    """Pairs of a score and the share of values of that score that were right, rising; few, so that they hold."""
    shown = [(one.confidence, one.right) for one in found if one.confidence is not None]
    if len(shown) < _FEWEST:
        return ()
    blocks = _rising(sorted(shown))
    knots = np.quantile([score for score, _ in shown], np.linspace(0, 1, _KNOTS))
    scores, shares = zip(*blocks, strict=True)
    held = {round(float(knot), 3): round(float(np.interp(knot, scores, shares)), 3) for knot in knots}
    return tuple(sorted(held.items()))


def _rising(shown: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Mean score and share of right ones of blocks that never fall: pooled adjacent violators (Ayer et al. 1955)."""
    blocks: list[list[float]] = []  # count, sum of scores, sum of right
    for score, right in shown:
        blocks.append([1.0, score, float(right)])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][0] >= blocks[-1][2] * blocks[-2][0]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    return [(total / count, min(hits / count, _MOST_SURE)) for count, total, hits in blocks]


def confidence_at(pairs: Sequence[tuple[float, float]], score: float) -> float:
    """The calibrated confidence of a score."""
    if not pairs:
        return score
    scores, shares = zip(*pairs, strict=True)
    return float(np.interp(score, scores, shares))


def bins(
    found: Sequence[Outcome], pairs: Sequence[tuple[float, float]], count: int = 10
) -> list[dict[str, float]]:
    """Calibrated confidence beside the share that was right, in bins of equal width."""
    edges = np.linspace(0, 1, count + 1)
    shown = [(confidence_at(pairs, one.confidence), one.right) for one in found if one.confidence is not None]
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
