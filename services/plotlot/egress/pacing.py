"""How often a host is asked: so many times a second, and not at all while it said that it wants to be left alone."""

from collections.abc import Callable

BURST = 4.0


class Pacing:
    """When each host may be asked next. ``now`` is a clock in seconds."""

    def __init__(self, per_second: float, now: Callable[[], float]) -> None:
        self._interval = 1 / per_second
        self._now = now
        self._due: dict[str, float] = {}
        self._closed_until: dict[str, float] = {}

    def wait(self, host: str, delay_seconds: float, most_seconds: float) -> tuple[float, bool]:
        """Seconds until a request to a host may go out, and whether it may wait so long; then its place is taken.

        ``delay_seconds`` is what the host itself asks for between requests.
        """
        now = self._now()
        interval = max(self._interval, delay_seconds)
        burst = 0.0 if delay_seconds > self._interval else (BURST - 1) * interval
        due = max(self._due.get(host, 0.0), now - burst)
        starts = max(due, now, self._closed_until.get(host, 0.0))
        if starts - now > most_seconds:
            return starts - now, False
        self._due[host] = max(due, starts - burst) + interval
        return starts - now, True

    def leave_alone(self, host: str, seconds: float) -> None:
        """Ask a host nothing for a time."""
        self._closed_until[host] = max(self._closed_until.get(host, 0.0), self._now() + seconds)
