"""A refresh that is watched, which tells what a test says."""

from collections.abc import AsyncIterator
from typing import Any

from plotlot.domain.errors import PlotLotError

Turn = tuple[str, dict[str, Any]] | PlotLotError


class Watched:
    """Tells by calls, the last of them again and again; an error ends a call."""

    def __init__(self, *calls: list[Turn]) -> None:
        self.calls, self.after, self.slept = list(calls), list[int](), 0

    async def watch(self, refresh: str, after: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """What is told after a step."""
        self.after.append(after)
        for turn in self.calls.pop(0) if len(self.calls) > 1 else self.calls[0]:
            if isinstance(turn, PlotLotError):
                raise turn
            yield turn

    async def sleep(self, seconds: float) -> None:
        """Notes that somebody sleeps between calls."""
        self.slept += 1
