"""The verdict on a release: promote, rollback or continue, and why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from plotlot.domain.guardrails import LACKING, Guardrail, Guardrails, Measure
from plotlot.domain.sequential import Evidence, harm_log_e, mean_log_e, none, noninferior_log_e

SHADOWED = "none of the questions asked of both bundles says anything about it"
MOST_SHOWN = 1e6
Action = Literal["promote", "abort", "stop_shadow", "start_shadow"]
"""What a person decides over the judge."""


class Verdict(StrEnum):
    """What a release does next."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    CONTINUE = "continue"


class Stage(StrEnum):
    """What is asked: may users meet it, may its weight rise, must it go?"""

    SHADOW = "shadow"
    CANARY = "canary"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, why in one sentence, and the guardrail that it comes from, empty where it comes from none."""

    verdict: Verdict
    reason: str
    guardrail: str = ""


def log_threshold(guardrails: Guardrails) -> float:
    """What the mean of the e-values of harm must reach for a rollback, and each of non-inferiority, as logarithm."""
    return -math.log(guardrails.alpha)


def alone_log_threshold(guardrails: Guardrails) -> float:
    """What one guardrail's e-value of harm must reach for a rollback where the others say nothing, as logarithm."""
    return log_threshold(guardrails) + math.log(len(guardrails.each))


def mean_harm_log_e(guardrails: Guardrails, evidence: Mapping[str, Evidence]) -> float:
    """Logarithm of the mean of the e-values of harm: itself one, so all guardrails share one alpha."""
    return float(mean_log_e([harm_log_e(_of(evidence, guardrail)) for guardrail in guardrails.each]))


def decide(
    guardrails: Guardrails, evidence: Mapping[str, Evidence], stage: str, candidate_sessions: int = 0
) -> Decision:
    """The verdict on what is known; a guardrail without evidence counts as one that nobody has bet on.

    Rollback once the mean e-value of harm is 1 / alpha: wrongly with at most alpha, over all guardrails and all
    looks. Promotion once each e-value of non-inferiority is: wrongly with at most alpha, for whichever guardrail is
    worse by its margin (intersection-union). ``candidate_sessions`` of users met the candidate at this weight.
    """
    threshold = log_threshold(guardrails)
    if mean_harm_log_e(guardrails, evidence) >= threshold:
        return _rollback(guardrails, evidence)
    if stage not in (Stage.SHADOW, Stage.CANARY):
        return _watched(guardrails, evidence)
    for guardrail in guardrails.each:
        if not _of(evidence, guardrail).pairs:
            hint = LACKING.get(guardrail.name, SHADOWED)
            return Decision(
                Verdict.CONTINUE, f"continue: {guardrail.name} has no answers yet: {hint}", guardrail.name
            )
    slowest = min(guardrails.each, key=lambda each: noninferior_log_e(_of(evidence, each)))
    if noninferior_log_e(_of(evidence, slowest)) < threshold:
        return _unproven(guardrails, slowest, _of(evidence, slowest))
    if stage == Stage.CANARY and candidate_sessions < guardrails.least_sessions:
        met = f"{candidate_sessions} of {guardrails.least_sessions} sessions have met the candidate at this weight"
        return Decision(Verdict.CONTINUE, f"continue: nothing is worse by its margin, but only {met}")
    return _promote(guardrails, evidence, slowest)


def _rollback(guardrails: Guardrails, evidence: Mapping[str, Evidence]) -> Decision:
    worst = max(guardrails.each, key=lambda each: harm_log_e(_of(evidence, each)))
    known = _of(evidence, worst)
    weighed = _weighed(mean_harm_log_e(guardrails, evidence), guardrails)
    reason = f"rollback: {worst.name} got worse: {_figures(worst, known)}, {weighed}"
    return Decision(Verdict.ROLLBACK, reason, worst.name)


def _watched(guardrails: Guardrails, evidence: Mapping[str, Evidence]) -> Decision:
    weighed = _weighed(mean_harm_log_e(guardrails, evidence), guardrails)
    return Decision(Verdict.CONTINUE, f"continue: nothing has been shown to be worse, {weighed}")


def _unproven(guardrails: Guardrails, guardrail: Guardrail, known: Evidence) -> Decision:
    weighed = _weighed(noninferior_log_e(known), guardrails)
    reason = (
        f"continue: {guardrail.name} may still be worse by {guardrail.margin:g}: "
        f"{_figures(guardrail, known)}, {weighed}"
    )
    return Decision(Verdict.CONTINUE, reason, guardrail.name)


def _promote(guardrails: Guardrails, evidence: Mapping[str, Evidence], slowest: Guardrail) -> Decision:
    known = _of(evidence, slowest)
    weighed = _weighed(noninferior_log_e(known), guardrails)
    count = len(guardrails.each)
    reason = (
        f"promote: nothing is worse by its margin, over {count} guardrail{'s' if count > 1 else ''}; "
        f"least sure is {slowest.name}: {_figures(slowest, known)}, {weighed}"
    )
    return Decision(Verdict.PROMOTE, reason, slowest.name)


def _figures(guardrail: Guardrail, known: Evidence) -> str:
    """What was seen of a guardrail, in its own terms."""
    parts = []
    if known.stable_mean is not None and known.candidate_mean is not None:
        means = _compared(guardrail, known.candidate_mean, known.stable_mean)
        parts.append(f"{means} over {known.pairs} session{'s' if known.pairs > 1 else ''}")
    if known.missing:
        parts.append(f"{known.missing} of the candidate's answers missing")
    events = known.stable_events + known.candidate_events
    if events:
        parts.append(f"the candidate had {known.candidate_events} of {events} among users")
    return ", ".join(parts)


def _compared(guardrail: Guardrail, candidate: float, stable: float) -> str:
    match guardrail.measure:
        case Measure.SCORE:
            return f"mean {1 - candidate:.2f} against {1 - stable:.2f}"
        case Measure.COST:
            return f"mean {candidate * guardrail.scale:.4g} against {stable * guardrail.scale:.4g}"
        case Measure.FAILURE:
            return f"{candidate:.1%} failed against {stable:.1%}"
        case Measure.LATENCY:
            return f"{candidate:.1%} too slow against {stable:.1%}"


def _weighed(log_e: float, guardrails: Guardrails) -> str:
    return f"e-value {_shown(log_e)} where {1 / guardrails.alpha:g} is enough"


def _shown(log_e: float) -> str:
    if log_e > math.log(MOST_SHOWN):
        return f"over {MOST_SHOWN:,.0f}"
    value = math.exp(log_e)
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _of(evidence: Mapping[str, Evidence], guardrail: Guardrail) -> Evidence:
    return evidence.get(guardrail.name) or none(guardrail)
