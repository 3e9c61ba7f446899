"""How bundles answered, and what a pair of answers says of each guardrail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import ClassVar

from pydantic import AwareDatetime, ConfigDict

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.guardrails import STRICT, Guardrail, Measure
from plotlot.domain.texts import LONGEST_NAME, is_plain

LONGEST_TEXT = 2000
MOST_COUNTED = 10**12
LEFT = "left"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one bundle answered one question; ``scores`` by guardrail, 0 (wrong) to 1 (right).

    ``failed`` means no answer: a 5xx, a broken connection, none in time. A 4xx is an answer. Where its status
    is ``LEFT``, the user went away before it: all that is known is that it took as long as that, or longer.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    failed: bool = False
    seconds: float = 0.0
    scores: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    status: str = ""
    summary: str = ""

    def __post_init__(self) -> None:
        for name, number in (("seconds", self.seconds), ("cost", self.cost)):
            if not isfinite(number) or number < 0:
                raise InvalidRequest(f"{name} of an outcome is 0 or more, not {number}", field=name)
        for name, score in self.scores.items():
            short(scores=name)
            if not 0 <= score <= 1:
                raise InvalidRequest(f"the score {name!r} lies between 0 and 1, not {score}", field="scores")


@dataclass(frozen=True, slots=True)
class Pair:
    """Both bundles' answers to one question; the candidate's is None where it is not known."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    request_id: str
    stable: Outcome
    candidate: Outcome | None = None
    session: str = ""
    operation: str = ""
    question: str = ""
    source: str = "shadow"
    at: AwareDatetime | None = None

    def __post_init__(self) -> None:
        named(request_id=self.request_id)
        short(session=self.session, operation=self.operation, source=self.source)

    @property
    def unit(self) -> str:
        """What counts once: its session, or itself where it has none."""
        return f"session {self.session}" if self.session else f"request {self.request_id}"


@dataclass(frozen=True, slots=True)
class Exposure:
    """A user's request that failed or took longer than its objective, on either bundle.

    ``session_started_at`` is when the session met its bundle first: the weight of that moment decided which.
    ``shadowed`` where its session is in the sample whose questions are asked of both, whichever it met.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    request_id: str
    bundle: str
    outcome: Outcome
    session: str = ""
    session_started_at: AwareDatetime | None = None
    at: AwareDatetime | None = None
    operation: str = ""
    question: str = ""
    shadowed: bool = False

    def __post_init__(self) -> None:
        named(request_id=self.request_id, bundle=self.bundle)
        short(session=self.session, operation=self.operation)


@dataclass(frozen=True, slots=True)
class ExposureCount:
    """How many users' requests a bundle answered, and how many sessions began with them."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    bundle: str
    requests: int
    sessions: int
    operation: str = ""

    def __post_init__(self) -> None:
        named(bundle=self.bundle)
        short(operation=self.operation)
        if not (0 <= self.requests <= MOST_COUNTED and 0 <= self.sessions <= MOST_COUNTED):
            raise InvalidRequest(f"requests and sessions are 0 to {MOST_COUNTED:,}", field="counts")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a pair, or a session of them, says of one guardrail.

    ``harm`` and ``inferior`` are the candidate's measure less the stable's, in [-1, 1], more being worse: as
    the bets on harm and on non-inferiority take it. They differ where the candidate's measure is not known.
    """

    harm: float
    inferior: float
    stable: float | None
    candidate: float | None
    missing: bool = False

    def values(self) -> tuple[float | None, ...]:
        """The fields in their order, as they are kept."""
        return (self.harm, self.inferior, self.stable, self.candidate, self.missing)


LOST = Difference(harm=0.0, inferior=1.0, stable=None, candidate=None, missing=True)


def measured(guardrail: Guardrail, operation: str, outcome: Outcome) -> float | None:
    """The measure of an answer, 0 to 1, more being worse; None where the answer says nothing about it."""
    if outcome.status == LEFT:
        latency = guardrail.measure is Measure.LATENCY
        return 1.0 if latency and _too_slow(guardrail, operation, outcome) else None
    if guardrail.measure is Measure.FAILURE:
        return float(outcome.failed)
    if outcome.failed:
        return None
    if guardrail.measure is Measure.LATENCY:
        slow = _too_slow(guardrail, operation, outcome)
        return None if slow is None else float(slow)
    if guardrail.measure is Measure.SCORE:
        score = outcome.scores.get(guardrail.name)
        return None if score is None else 1.0 - score
    return min(outcome.cost / guardrail.scale, 1.0)


def _too_slow(guardrail: Guardrail, operation: str, outcome: Outcome) -> bool | None:
    objective = objective_seconds(guardrail, operation)
    return None if objective is None else outcome.seconds > objective


def objective_seconds(guardrail: Guardrail, operation: str) -> float | None:
    """The objective of an operation; None where the guardrail has none for it."""
    objectives = guardrail.objectives_seconds
    return objectives.get(operation, objectives.get(""))


def difference(guardrail: Guardrail, pair: Pair) -> Difference | None:
    """What a pair says of a guardrail; None where it says nothing.

    No answer of the candidate is no harm but to the failure guardrail, and counts at its worst against
    non-inferiority; so does a measure that only its answer lacks. No answer of the stable bundle is no merit of
    the candidate's but to that guardrail.
    """
    stable = measured(guardrail, pair.operation, pair.stable)
    candidate = measured(guardrail, pair.operation, pair.candidate) if pair.candidate else None
    if stable is not None and candidate is not None:
        return Difference(candidate - stable, candidate - stable, stable, candidate)
    failed = pair.candidate is not None and pair.candidate.failed
    if stable is not None:
        return Difference(0.0, 1.0, stable, None, missing=not failed)
    if pair.stable.status == LEFT:
        return _without_stable(guardrail, pair.operation, candidate, failed)
    if candidate is not None and pair.stable.failed:
        return Difference(0.0, 0.0, None, candidate)
    return None


def _without_stable(
    guardrail: Guardrail, operation: str, candidate: float | None, failed: bool
) -> Difference | None:
    """What a pair says whose user went away: no harm, and at worst that the stable bundle did well.

    Users go away from slow answers, so to leave the pair out would hide where the candidate is slow or fails too.
    """
    if guardrail.measure not in (Measure.FAILURE, Measure.LATENCY):
        return None
    if guardrail.measure is Measure.LATENCY and objective_seconds(guardrail, operation) is None:
        return None
    missing = candidate is None and not failed
    return Difference(0.0, 1.0 if candidate is None else candidate, None, candidate, missing=missing)


def differences(guardrails: Iterable[Guardrail], pair: Pair) -> dict[str, Difference]:
    """What a pair says, by guardrail."""
    found = ((guardrail.name, difference(guardrail, pair)) for guardrail in guardrails)
    return {name: said for name, said in found if said is not None}


def of_session(said: Sequence[Difference]) -> Difference:
    """What the pairs of one session say together: their mean, for they are not independent."""
    return Difference(
        harm=sum(one.harm for one in said) / len(said),
        inferior=sum(one.inferior for one in said) / len(said),
        stable=_mean([one.stable for one in said if one.stable is not None]),
        candidate=_mean([one.candidate for one in said if one.candidate is not None]),
        missing=any(one.missing for one in said),
    )


def against(said: Mapping[str, Difference]) -> float:
    """How much a pair counts against the candidate: its worst guardrail, or its best where none is worse."""
    changes = [one.inferior if one.missing else one.harm for one in said.values()]
    return max(changes, key=lambda change: (change > 0, abs(change)), default=0.0)


def event_guardrails(guardrails: Iterable[Guardrail], exposure: Exposure) -> tuple[str, ...]:
    """The guardrails that a user's request is an event for: it failed, or it was slower than its objective.

    It is none where pairs tell of its session. A failure of the stable bundle would count in both, one of the
    candidate's never: a healthy candidate would then be rolled back more often than alpha allows.
    """
    if exposure.shadowed:
        return ()
    return tuple(
        guardrail.name
        for guardrail in guardrails
        if guardrail.measure in (Measure.FAILURE, Measure.LATENCY)
        and measured(guardrail, exposure.operation, exposure.outcome) == 1.0
    )


def named(**texts: str) -> None:
    """Raise InvalidRequest for a name that is missing or too long."""
    for name, text in texts.items():
        if not text.strip():
            raise InvalidRequest(f"{name} is missing", field=name)
    short(**texts)


def short(**texts: str) -> None:
    """Raise InvalidRequest for a name that is too long to be one, or holds what no text does."""
    for name, text in texts.items():
        if len(text) > LONGEST_NAME or not is_plain(text):
            raise InvalidRequest(f"{name} has at most {LONGEST_NAME} characters of plain text", field=name)


def kept_text(text: str) -> str:
    """A text as it is kept for people to compare: not too long, and without what no database takes."""
    return text[:LONGEST_TEXT].replace("\0", "").encode(errors="replace").decode()


def _mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None
