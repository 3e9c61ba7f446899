"""Verdicts: evidence decides, its absence never does, and the reason says what was seen."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.domain.outcomes import LOST, Difference
from plotlot.domain.sequential import Evidence, harm_log_e, none, with_differences, with_event
from plotlot.domain.verdicts import (
    Stage,
    Verdict,
    alone_log_threshold,
    decide,
    log_threshold,
    mean_harm_log_e,
)

FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.05)
CITATIONS = Guardrail("citations", Measure.SCORE, margin=0.05)
BOTH = Guardrails(each=(FAILURE, CITATIONS))


def seen(guardrail: Guardrail, times: int, stable: float, candidate: float) -> Evidence:
    said = Difference(candidate - stable, candidate - stable, stable, candidate)
    return with_differences(none(guardrail), guardrail, [said] * times)


def unchanged(times: int = 100) -> dict[str, Evidence]:
    return {each.name: seen(each, times, 0.0, 0.0) for each in BOTH.each}


def test_what_got_worse_is_rolled_back_at_any_stage_and_named() -> None:
    evidence = unchanged(8) | {"citations": seen(CITATIONS, 8, 0.0, 1.0)}
    for stage in Stage:
        decision = decide(BOTH, evidence, stage)
        assert (decision.verdict, decision.guardrail) == (Verdict.ROLLBACK, "citations")
        assert "citations got worse: mean 0.00 against 1.00 over 8 sessions, e-value" in decision.reason
        assert decision.reason.endswith("where 20 is enough")


def test_events_among_users_are_enough_for_a_rollback() -> None:
    failure = none(FAILURE)
    for _ in range(5):
        failure = with_event(failure, FAILURE, on_candidate=True, share=0.05)
    decision = decide(BOTH, {"failure": failure}, Stage.WATCH)
    assert decision.verdict == Verdict.ROLLBACK
    assert "the candidate had 5 of 5 among users" in decision.reason


def test_all_guardrails_within_their_margins_are_promoted() -> None:
    decision = decide(BOTH, unchanged(), Stage.SHADOW)
    assert decision.verdict == Verdict.PROMOTE
    assert "over 2 guardrails" in decision.reason


def test_a_weight_is_raised_only_once_enough_sessions_met_the_candidate() -> None:
    few = decide(BOTH, unchanged(), Stage.CANARY, candidate_sessions=BOTH.least_sessions - 1)
    assert few.verdict == Verdict.CONTINUE
    assert "19 of 20 sessions" in few.reason
    assert decide(BOTH, unchanged(), Stage.CANARY, BOTH.least_sessions).verdict == Verdict.PROMOTE


@pytest.mark.parametrize("stage", ["watch", "", "promoted", "CANARY"])
def test_only_the_stages_that_ask_for_a_promotion_get_one(stage: str) -> None:
    decision = decide(BOTH, unchanged(), stage, 1000)
    assert decision.verdict == Verdict.CONTINUE
    assert "nothing has been shown to be worse" in decision.reason


def test_one_guardrail_that_is_not_sure_holds_the_others() -> None:
    evidence = unchanged() | {"failure": seen(FAILURE, 10, 0.0, 0.0)}
    decision = decide(BOTH, evidence, Stage.SHADOW)
    assert (decision.verdict, decision.guardrail) == (Verdict.CONTINUE, "failure")
    assert "failure may still be worse by 0.05: 0.0% failed against 0.0% over 10 sessions" in decision.reason


@pytest.mark.parametrize(("name", "hint"), [("agreement", "plotlot release gold"), ("other", "none of")])
def test_a_guardrail_without_answers_blocks_and_says_what_to_do(name: str, hint: str) -> None:
    waiting = Guardrail(name, Measure.SCORE, margin=0.05)
    guardrails = Guardrails(each=(FAILURE, waiting))
    decision = decide(guardrails, unchanged(), Stage.CANARY, 1000)
    assert (decision.verdict, decision.guardrail) == (Verdict.CONTINUE, name)
    assert f"{name} has no answers yet" in decision.reason
    assert hint in decision.reason


@given(st.sampled_from([*Stage]), st.integers(0, 10**6), st.integers(0, 400))
def test_missing_answers_neither_promote_nor_roll_back(stage: Stage, sessions: int, missing: int) -> None:
    evidence = {each.name: with_differences(none(each), each, [LOST] * missing) for each in BOTH.each}
    assert decide(BOTH, evidence, stage, sessions).verdict == Verdict.CONTINUE
    assert decide(BOTH, {}, stage, sessions).verdict == Verdict.CONTINUE


def test_no_single_guardrail_needs_more_than_the_threshold_of_one_alone() -> None:
    for times in itertools.count(1):
        evidence = {"failure": seen(FAILURE, times, 0.0, 1.0)}
        alone = mean_harm_log_e(Guardrails(each=(FAILURE,)), evidence)
        if alone >= alone_log_threshold(BOTH):
            break
    assert mean_harm_log_e(BOTH, evidence) >= log_threshold(BOTH)
    assert alone_log_threshold(BOTH) > log_threshold(BOTH)


def test_what_two_guardrails_show_together_is_their_mean_and_not_their_sum() -> None:
    evidence = {each.name: seen(each, 5, 0.0, 1.0) for each in BOTH.each}
    logs = [harm_log_e(known) for known in evidence.values()]
    assert math.log(10) < min(logs) <= max(logs) < math.log(20)
    assert mean_harm_log_e(BOTH, evidence) == pytest.approx(logs[0])
    assert decide(BOTH, evidence, Stage.WATCH).verdict == Verdict.CONTINUE


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure.FAILURE, "50.0% failed against 0.0%"),
        (Measure.LATENCY, "50.0% too slow against 0.0%"),
        (Measure.SCORE, "mean 0.50 against 1.00"),
        (Measure.COST, "mean 2000 against 0"),
    ],
)
def test_figures_are_in_the_terms_of_the_measure(measure: Measure, words: str) -> None:
    guardrail = Guardrail("any", measure, margin=0.05, objectives_seconds={"": 1.0}, scale=4000.0)
    decision = decide(Guardrails(each=(guardrail,)), {"any": seen(guardrail, 60, 0.0, 0.5)}, Stage.SHADOW)
    assert decision.verdict == Verdict.ROLLBACK
    assert words in decision.reason


def test_evidence_beyond_all_doubt_is_told_in_a_short_number() -> None:
    decision = decide(BOTH, {"failure": seen(FAILURE, 5000, 0.0, 1.0)}, Stage.WATCH)
    assert "e-value over 1,000,000 where 20 is enough" in decision.reason
