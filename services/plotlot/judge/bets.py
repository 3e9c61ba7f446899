"""Bets on what was recorded: each session once, on the mean of what its pairs say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from plotlot.domain.guardrails import Guardrail
from plotlot.domain.outcomes import LOST, Difference, of_session
from plotlot.domain.sequential import Evidence, harm_growth, noninferior_growth
from plotlot.judge.evidence import Known

# Of pairs that were lost, so many at a time: with more, a promotion would be no less possible.
MOST_LOST = 100_000

Session = Sequence[Mapping[str, Difference]]


def bet(guardrails: Iterable[Guardrail], sessions: Sequence[Session], known: Known) -> Known:
    """Bet on sessions in their order, on each guardrail that they say something of."""
    for guardrail in guardrails:
        said = [
            of_session(pairs)
            for session in sessions
            if (pairs := [pair[guardrail.name] for pair in session if guardrail.name in pair])
        ]
        if said:
            known = known.with_evidence(guardrail, with_differences(known.of(guardrail), guardrail, said))
    return known


def with_lost(guardrails: Iterable[Guardrail], lost: int, known: Known) -> Known:
    """Bet on pairs of which nothing is known: no harm, and the worst for non-inferiority of each guardrail."""
    said = [LOST] * min(lost, MOST_LOST)
    for guardrail in guardrails:
        known = known.with_evidence(guardrail, with_differences(known.of(guardrail), guardrail, said))
    return known


def with_differences(before: Evidence, guardrail: Guardrail, said: Sequence[Difference]) -> Evidence:
    """What ``with_difference`` makes of one after another, at once."""
    harm = np.array([one.harm for one in said])
    inferior = np.array([one.inferior for one in said])
    squares = inferior * inferior
    earlier = before.squares + np.cumsum(squares) - squares
    grown = noninferior_growth(guardrail, inferior, before.pairs + np.arange(len(said)), earlier)
    stable = [one.stable for one in said if one.stable is not None]
    candidate = [one.candidate for one in said if one.candidate is not None]
    return replace(
        before,
        harm=tuple((np.array(before.harm) + harm_growth(guardrail, harm).sum(axis=0)).tolist()),
        noninferior=tuple((np.array(before.noninferior) + grown.sum(axis=0)).tolist()),
        pairs=before.pairs + len(said),
        missing=before.missing + sum(one.missing for one in said),
        squares=before.squares + float(squares.sum()),
        stable_sum=before.stable_sum + sum(stable),
        stable_count=before.stable_count + len(stable),
        candidate_sum=before.candidate_sum + sum(candidate),
        candidate_count=before.candidate_count + len(candidate),
    )
