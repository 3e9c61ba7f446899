"""A z-test of two proportions, looked at again and again as on a dashboard.

The pooled test of any textbook (NIST/SEMATECH e-Handbook 7.3.3), one-sided, on all requests so far; it is made for
one look. With ``corrected`` its level is divided by the looks and the metrics (Bonferroni).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from plotlot.evaluation.delivery.rivals.lines import minute_of
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import MINUTES, Seen

ALPHA = 0.05


@dataclass(frozen=True)
class PeekedZ:
    """A look each ``interval`` minutes, at 5 % each, or at 5 % over all looks and metrics."""

    interval: int
    corrected: bool = False

    @property
    def setting(self) -> str:
        """The setting in a few words."""
        level = "5 % over all looks" if self.corrected else "5 % at each look"
        return (
            f"each {self.interval} min, {level}"
            if self.interval < MINUTES
            else f"one look at the end, {level}"
        )

    def rolled_back(self, seen: Seen) -> Numbers:
        """The minute of each run's rollback, counted from 1; infinite where there is none."""
        metrics = len(seen.candidate_bad)
        tests = metrics * MINUTES // self.interval if self.corrected else 1
        critical = NormalDist().inv_cdf(1 - ALPHA / tests)
        looks = z_scores(seen)[..., self.interval - 1 :: self.interval]
        high = np.logical_or.reduce(looks > critical)
        return minute_of(high, 1, self.interval)


def z_scores(seen: Seen) -> Numbers:
    """How far the candidate's rate of bad answers is above the stable one's, of all until each minute."""
    candidate, stable = seen.candidate_requests.cumsum(axis=-1), seen.stable_requests.cumsum(axis=-1)
    candidate_bad, stable_bad = seen.candidate_bad.cumsum(axis=-1), seen.stable_bad.cumsum(axis=-1)
    arms = np.maximum(candidate, 1), np.maximum(stable, 1)
    pooled = (candidate_bad + stable_bad) / (candidate + stable)
    error = np.sqrt(pooled * (1 - pooled) * (1 / arms[0] + 1 / arms[1]))
    apart = candidate_bad / arms[0] - stable_bad / arms[1]
    return np.where(error > 0, apart / np.where(error > 0, error, 1), 0.0)


SETTINGS = (
    PeekedZ(1),
    PeekedZ(10),
    PeekedZ(MINUTES),
    PeekedZ(1, corrected=True),
    PeekedZ(10, corrected=True),
)
