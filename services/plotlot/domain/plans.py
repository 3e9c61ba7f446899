"""What a gateway is to do for the release that its bundle takes part in."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of one gateway: ``share`` of sessions is shadowed, with so many requests a second at most.

    One without a release asks for nothing. ``objectives_seconds`` are by operation, under "" for the others.
    """

    release: str = ""
    stable: str = ""
    candidate: str = ""
    stage: str = ""
    shadows: bool = False
    share: float = 0.0
    per_second: float = 0.0
    gold_per_second: float = 0.0
    deadline_seconds: float = 0.0
    objectives_seconds: Mapping[str, float] = field(default_factory=dict)

    def slow(self, operation: str, seconds: float) -> bool:
        """Whether an answer took longer than the objective of its operation, where it has one."""
        objective = self.objectives_seconds.get(operation, self.objectives_seconds.get("", 0.0))
        return 0 < objective < seconds
