"""What the judge is asked, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.guardrails import Guardrails
from plotlot.domain.outcomes import named
from plotlot.domain.verdicts import Stage
from plotlot.judge.evidence import Figures

WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may users meet the candidate (shadow), may its weight rise (canary), must it go (watch)?

    Weights are percentages. ``guardrails`` are the caller's, for bundles whose manifest has none.
    """

    stable: str
    candidate: str
    stage: str
    weight: float = 0.0
    next_weight: float = 0.0
    guardrails: Guardrails | None = None

    def __post_init__(self) -> None:
        named(stable=self.stable, candidate=self.candidate)
        if self.stage not in tuple(Stage):
            raise InvalidRequest(f"a stage is {', '.join(Stage)}, not {self.stage!r}", field="stage")
        for name, weight in (("weight", self.weight), ("next_weight", self.next_weight)):
            if not 0 <= weight <= WHOLE:
                raise InvalidRequest(f"{name} is a percentage, 0 to 100, not {weight}", field=name)

    @property
    def weight_now(self) -> float | None:
        """The weight that the question tells of; whoever watches knows none."""
        return {Stage.SHADOW: 0.0, Stage.CANARY: self.weight}.get(Stage(self.stage))

    @property
    def is_last(self) -> bool:
        """Whether a promotion is the end of the release."""
        return self.stage == Stage.CANARY and self.next_weight in (0.0, WHOLE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its reason and the evidence; ``degraded`` where not all of that could be seen."""

    release: str
    verdict: str
    reason: str
    evidence: Sequence[Figures] = ()
    degraded: bool = False
