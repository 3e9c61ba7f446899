"""What a rule is: from what dashboards show, the minute at which it rolls back."""

from typing import Protocol

from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import Seen


class Rule(Protocol):
    """One rule at one setting."""

    @property
    def setting(self) -> str:
        """The setting in a few words."""
        ...

    def rolled_back(self, seen: Seen) -> Numbers:
        """The minute of each run's rollback, counted from 1; infinite where there is none."""
        ...
