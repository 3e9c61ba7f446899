"""Whether requests pass to a replica: a circuit breaker that is also how outliers are ejected.

Failures in a row open it; after a rest one request may try, whose fate closes or opens it again, for twice as long.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

FAILURES = 3  # in a row, after which a replica is left alone
REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 30.0


class CircuitState(StrEnum):
    """closed: requests pass; open: none does; half_open: one may try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Circuit:
    """What became of the last requests to a replica; times in seconds on one clock."""

    failures: int = 0
    openings: int = 0
    open_until: float | None = None
    trying: bool = False

    def state(self, now: float) -> CircuitState:
        """Whether requests pass now."""
        if self.open_until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now < self.open_until else CircuitState.HALF_OPEN

    def admits(self, now: float) -> bool:
        """Whether one more request may pass."""
        state = self.state(now)
        return state is CircuitState.CLOSED or (state is CircuitState.HALF_OPEN and not self.trying)

    def tried(self, now: float) -> "Circuit":
        """A request passes."""
        return replace(self, trying=True) if self.state(now) is CircuitState.HALF_OPEN else self

    def succeeded(self) -> "Circuit":
        """A request was answered: all is well."""
        return Circuit()

    def failed(self, now: float) -> "Circuit":
        """A request failed by the replica's fault. One that began before the circuit opened changes nothing more."""
        if self.state(now) is CircuitState.OPEN:
            return self
        if self.state(now) is CircuitState.HALF_OPEN or self.failures + 1 >= FAILURES:
            return self.opened(now)
        return replace(self, failures=self.failures + 1)

    def left(self) -> "Circuit":
        """A request ended without telling anything of the replica: its caller left."""
        return replace(self, trying=False)

    def opened(self, now: float) -> "Circuit":
        """The replica is left alone for a while, longer each time."""
        rest = min(REST_SECONDS * 2**self.openings, LONGEST_REST_SECONDS)
        return Circuit(0, min(self.openings + 1, 16), now + rest, False)

    def rested(self, now: float) -> "Circuit":
        """The replica answers again: one request may try at once."""
        return self if self.open_until is None else replace(self, open_until=min(self.open_until, now))
