"""Bets on many sessions at once are those on one after another."""

import pytest

from plotlot.domain.guardrails import Guardrail, Measure
from plotlot.domain.outcomes import LOST, Difference
from plotlot.domain.sequential import Evidence, none, with_differences
from plotlot.judge.bets import bet, with_lost
from plotlot.judge.evidence import Known

QUALITY = Guardrail("quality", Measure.SCORE, margin=0.05)
FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.02)
WORSE, BETTER = Difference(0.5, 0.5, 0.25, 0.75), Difference(-1.0, -1.0, 1.0, 0.0)
MISSING = Difference(0.0, 1.0, 0.5, None, missing=True)


def one_by_one(guardrail: Guardrail, said: list[Difference]) -> Evidence:
    evidence = none(guardrail)
    for one in said:
        evidence = with_differences(evidence, guardrail, [one])
    return evidence


def same(evidence: Evidence, expected: Evidence) -> bool:
    values, others = evidence.values(), expected.values()
    return (
        all(values[name] == pytest.approx(others[name]) for name in others) and values.keys() == others.keys()
    )


def test_bets_at_once_are_those_one_by_one() -> None:
    said = [WORSE, BETTER, MISSING, WORSE, LOST, BETTER]
    known = bet([QUALITY], [[{"quality": one}] for one in said[:3]], Known({}))
    known = bet([QUALITY], [[{"quality": one}] for one in said[3:]], known)
    assert same(known.of(QUALITY), one_by_one(QUALITY, said))


def test_a_session_is_bet_on_once_and_on_what_it_says_something_of() -> None:
    session = [{"quality": WORSE}, {"quality": BETTER, "failure": WORSE}, {}]
    known = bet([QUALITY, FAILURE], [session, [{}]], Known({}))
    assert known.of(QUALITY).pairs == known.of(FAILURE).pairs == 1
    assert known.of(QUALITY).candidate_mean == pytest.approx(0.375)
    assert same(known.of(FAILURE), one_by_one(FAILURE, [WORSE]))


def test_lost_pairs_are_bet_on_for_every_guardrail() -> None:
    known = with_lost([QUALITY, FAILURE], 30, Known({}))
    assert same(known.of(QUALITY), one_by_one(QUALITY, [LOST] * 30))
    assert same(known.of(FAILURE), one_by_one(FAILURE, [LOST] * 30))
