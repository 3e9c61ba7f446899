"""What a release must not make worse, by how much, and how boldly that is tested: fixed before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from plotlot.domain.errors import InvalidBundle
from plotlot.domain.texts import LONGEST_NAME, is_plain

LONGEST_SESSION_SECONDS = 3600.0
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


class Measure(StrEnum):
    """How a guardrail makes one number in [0, 1] of an answer; more is worse."""

    FAILURE = "failure"  # 1 where there is no answer
    LATENCY = "latency"  # 1 where it took longer than the objective of its operation
    SCORE = "score"  # 1 less the score of the guardrail's name
    COST = "cost"  # the cost over the scale, at most 1


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One thing that must not get worse by ``margin`` (mean difference of the measure, candidate less stable).

    ``least_ratio`` is the mildest harm bet on: answers that got worse are so many times those that got
    better; milder harm takes longer. ``objectives_seconds`` are by operation, under "" for the others;
    ``scale`` is in units of cost.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    measure: Measure
    margin: float
    least_ratio: float = 1.4
    objectives_seconds: Mapping[str, float] = field(default_factory=dict)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not is_plain(self.name):
            raise InvalidBundle(
                f"the name of a guardrail has 1 to {LONGEST_NAME} characters of plain text", field="name"
            )
        if not 0 < self.margin < 1:
            raise InvalidBundle(f"guardrail {self.name}: a margin lies between 0 and 1", field="margin")
        if not 1 < self.least_ratio <= 10:
            raise InvalidBundle(
                f"guardrail {self.name}: least_ratio lies above 1, up to 10", field="least_ratio"
            )
        if self.measure is Measure.LATENCY and not self.objectives_seconds:
            raise InvalidBundle(f"guardrail {self.name} needs objectives_seconds", field="objectives_seconds")
        if self.scale <= 0 or any(seconds <= 0 for seconds in self.objectives_seconds.values()):
            raise InvalidBundle(f"guardrail {self.name}: scale and objectives lie above 0", field="scale")


DEFAULT = (
    Guardrail("failure", Measure.FAILURE, margin=0.02),
    Guardrail(
        "latency", Measure.LATENCY, margin=0.05, objectives_seconds={"": 1.0, "analyze": 1.0, "ask": 3.0}
    ),
    Guardrail("citations", Measure.SCORE, margin=0.02),
    Guardrail("agreement", Measure.SCORE, margin=0.05),
    Guardrail("refusals", Measure.SCORE, margin=0.05),
    Guardrail("cost", Measure.COST, margin=0.1, scale=4000.0),
)

# How people bring what a guardrail waits for.
LACKING = {
    "agreement": "load questions with known answers (plotlot release gold FILE)",
    "refusals": "load questions that the code does not answer (plotlot release gold FILE)",
}


@dataclass(frozen=True, slots=True)
class Guardrails:
    """All of a release: wrong rollbacks, and wrong promotions, each happen with at most ``alpha``.

    A session's answers count as one; it ends after ``session_seconds`` without a further one. Before a weight
    is raised, ``least_sessions`` of users have met the candidate at it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    alpha: float = 0.05
    least_sessions: int = 20
    session_seconds: float = 30.0
    each: tuple[Guardrail, ...] = DEFAULT

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 0.5:
            raise InvalidBundle("alpha lies above 0, up to 0.5", field="alpha")
        names = [guardrail.name for guardrail in self.each]
        if not names or len(set(names)) != len(names):
            raise InvalidBundle("a release has at least one guardrail, each with its own name", field="each")
        if self.least_sessions < 1:
            raise InvalidBundle("least_sessions is 1 or more", field="least_sessions")
        if not 0 <= self.session_seconds <= LONGEST_SESSION_SECONDS:
            raise InvalidBundle(
                f"session_seconds is 0 to {LONGEST_SESSION_SECONDS:g}", field="session_seconds"
            )
