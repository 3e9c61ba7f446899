"""Argo Rollouts: measurements against a successCondition; more failures than failureLimit abort.

"FailureLimit is the maximum number of times the measurement is allowed to fail, before the entire metric is
considered Failed (default: 0)" (argoproj/argo-rollouts, pkg/apis/rollouts/v1alpha1/analysis_types.go; counted in
analysis/analysis.go, assessMetricStatus); one failed metric fails the run. Its docs' example: success >= 95 %, each 5 minutes, 3.
"""

from dataclasses import dataclass

import numpy as np

from plotlot.evaluation.delivery.rivals.lines import below, minute_of
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import Seen


@dataclass(frozen=True)
class Argo:
    """Lines as success conditions, measured each ``interval`` minutes; each metric has its ``failure_limit``."""

    success: float
    right: float
    interval: int
    failure_limit: int

    @property
    def setting(self) -> str:
        """The setting in a few words."""
        lines = f"success >= {self.success:.0%}, right >= {self.right:.0%}"
        return f"{lines}, each {self.interval} min, failureLimit {self.failure_limit}"

    def rolled_back(self, seen: Seen) -> Numbers:
        """The minute of each run's rollback, counted from 1; infinite where there is none."""
        each = below(seen, (self.success, self.right), self.interval)
        minutes = [minute_of(failed, self.failure_limit + 1, self.interval) for failed in each]
        return np.minimum.reduce(minutes)


SETTINGS = (
    Argo(0.95, 0.75, 5, 3),
    Argo(0.95, 0.75, 5, 0),
    Argo(0.95, 0.75, 1, 3),
    Argo(0.95, 0.75, 1, 10),
    Argo(0.95, 0.70, 2, 5),
    Argo(0.90, 0.60, 5, 1),
)
