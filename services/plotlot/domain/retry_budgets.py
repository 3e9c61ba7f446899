"""How many requests may be sent again: a share of those sent, so that retries never double an overload."""

from dataclasses import dataclass, replace

SHARE = 0.2  # of requests that may be repeated
PER_SECOND = 0.5  # that may be repeated besides, for those who send few
MOST = 20.0  # saved up


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """What is saved up, at a time in seconds on one clock."""

    balance: float = MOST / 2
    at: float = 0.0

    def sent(self, now: float) -> "RetryBudget":
        """A request is sent for the first time, which saves up a share of a repetition."""
        grown = self._grown(now)
        return replace(grown, balance=min(grown.balance + SHARE, MOST))

    def spent(self, now: float) -> "RetryBudget | None":
        """The budget after one repetition; None where it does not allow one."""
        grown = self._grown(now)
        return replace(grown, balance=grown.balance - 1) if grown.balance >= 1 else None

    def _grown(self, now: float) -> "RetryBudget":
        passed = max(now - self.at, 0.0)
        return RetryBudget(min(self.balance + passed * PER_SECOND, MOST), now)
