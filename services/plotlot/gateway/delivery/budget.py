"""How often something may be done: so many times a second, never in bursts."""

import math
from collections.abc import Callable


class Budget:
    """At most one is saved up: in any span of t seconds, at most ``per_second * t + 1`` are taken."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` tells seconds and never goes back."""
        self._clock = clock
        self._taken_at = -math.inf

    def wait_seconds(self, per_second: float) -> float:
        """How long until one may be taken; endless where there is no budget."""
        if per_second <= 0:
            return math.inf
        return max(self._taken_at + 1 / per_second - self._clock(), 0.0)

    def take(self, per_second: float) -> bool:
        """Whether one may be taken now; it then is."""
        if self.wait_seconds(per_second) > 0:
            return False
        self._taken_at = self._clock()
        return True
