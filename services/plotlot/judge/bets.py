"""Bets on what was recorded: each session once, on the mean of what its pairs say."""

from collections.abc import Iterable, Mapping, Sequence

from plotlot.domain.guardrails import Guardrail
from plotlot.domain.outcomes import LOST, Difference, of_session
from plotlot.domain.sequential import with_differences
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
