"""Flagger: an analysis each interval; so many that failed end the canary.

An analysis fails where any metric is outside its thresholdRange (docs.flagger.app, usage/metrics), which adds one to
the failed checks; at ``threshold`` of them the canary is rolled back, and no success takes one away
(fluxcd/flagger, pkg/controller/scheduler.go, advanceCanary). Its docs' example: success >= 99 %, each minute, 5 to 10.
"""

from dataclasses import dataclass

import numpy as np

from plotlot.evaluation.delivery.rivals.lines import below, minute_of
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import Seen


@dataclass(frozen=True)
class Flagger:
    """Lines under the rates of requests that succeed and of answers that are right; ``threshold`` checks."""

    success: float
    right: float
    threshold: int

    @property
    def setting(self) -> str:
        """The setting in a few words."""
        return f"success >= {self.success:.0%}, right >= {self.right:.0%}, threshold {self.threshold}"

    def rolled_back(self, seen: Seen) -> Numbers:
        """The minute of each run's rollback, counted from 1; infinite where there is none."""
        failed = np.logical_or.reduce(below(seen, (self.success, self.right), window=1))
        return minute_of(failed, self.threshold, window=1)


SETTINGS = (
    Flagger(0.95, 0.70, 10),
    Flagger(0.99, 0.75, 5),
    Flagger(0.95, 0.70, 20),
    Flagger(0.90, 0.60, 5),
    Flagger(0.90, 0.60, 10),
)
