"""Kayenta: a Mann-Whitney test of each metric's points, run again at each interval.

A metric is High where the whole 95 % confidence interval of the shift (Hodges-Lehmann) lies above 0.25 times its
estimate (spinnaker/kayenta, MannWhitneyClassifier.scala: fraction 0.25, confLevel 0.95; the interval in
MannWhitney.scala is R's wilcox.test). One High metric of two halves the score, which then fails. Points are rates of
bad answers by minute. We take the interval from the ordered differences of all points, which R's root search
approximates, without its correction for ties.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import MINUTES, Seen


@dataclass(frozen=True)
class Kayenta:
    """A run each ``interval`` minutes on all points so far, from the tenth minute on."""

    interval: int
    tolerance: float = 0.25
    confidence: float = 0.95

    @property
    def setting(self) -> str:
        """The setting in a few words."""
        runs = f"each {self.interval} min" if self.interval < MINUTES else "one run at the end"
        return f"{runs}, tolerance {self.tolerance:g}, confidence {self.confidence:.0%}"

    def rolled_back(self, seen: Seen) -> Numbers:
        """The minute of each run's rollback, counted from 1; infinite where there is none."""
        minutes = np.full(len(seen.candidate_requests), NEVER)
        for minute in range(max(self.interval, 10), MINUTES + 1, self.interval):
            going = np.flatnonzero(minutes == NEVER)
            if not len(going):
                break
            high = np.zeros(len(going), bool)
            for candidate, stable in zip(seen.candidate_bad, seen.stable_bad, strict=True):
                high |= self._high(
                    _rates(candidate, seen.candidate_requests, going, minute),
                    _rates(stable, seen.stable_requests, going, minute),
                )
            minutes[going[high]] = minute
        return minutes

    def _high(self, candidate: NDArray[np.float32], stable: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each run's points are High, from points [runs, minutes] of both arms."""
        apart = (candidate[:, :, None] - stable[:, None, :]).reshape(len(candidate), -1)
        apart.sort(axis=1)  # minutes without a request are not a number, and sort last
        points, controls = (~np.isnan(candidate)).sum(axis=1), stable.shape[1]
        low, middle = _places(points, controls, self.confidence)
        rows = np.arange(len(apart))
        estimate = (apart[rows, middle] + apart[rows, points * controls - 1 - middle]) / 2
        high: NDArray[np.bool_] = apart[rows, low] > self.tolerance * np.abs(estimate)
        return high


def _rates(bad: Numbers, requests: Numbers, runs: NDArray[np.intp], minutes: int) -> NDArray[np.float32]:
    with np.errstate(invalid="ignore"):
        return (bad[runs, :minutes] / requests[runs, :minutes]).astype(np.float32)


def _places(
    points: NDArray[np.intp], controls: int, confidence: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the interval's lower end and of the lower median among the ordered differences."""
    pairs = points * controls
    spread = np.sqrt(pairs * (points + controls + 1) / 12)
    quantile = NormalDist().inv_cdf((1 + confidence) / 2)
    low = np.floor(pairs / 2 - quantile * spread - 0.5).astype(np.intp)
    return np.maximum(low, 0), (pairs - 1) // 2


SETTINGS = (
    Kayenta(5),
    Kayenta(5, confidence=0.99),
    Kayenta(5, tolerance=0.5),
    Kayenta(15),
    Kayenta(MINUTES),
)
