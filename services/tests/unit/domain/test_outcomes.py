"""What answers say of guardrails: also where there is no answer."""

import math
from itertools import product

import numpy as np
import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.guardrails import Guardrail, Measure
from plotlot.domain.outcomes import (
    Difference,
    Exposure,
    ExposureCount,
    Outcome,
    Pair,
    against,
    difference,
    differences,
    event_guardrails,
    measured,
    of_session,
)
from plotlot.domain.sequential import BETS, event_growth, harm_growth

FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.05)
LATENCY = Guardrail("latency", Measure.LATENCY, margin=0.05, objectives_seconds={"": 1.0, "ask": 3.0})
ASKING = Guardrail("asking", Measure.LATENCY, margin=0.05, objectives_seconds={"ask": 3.0})
QUALITY = Guardrail("quality", Measure.SCORE, margin=0.05)
COST = Guardrail("cost", Measure.COST, margin=0.05, scale=100.0)
GOOD = Outcome(seconds=0.5, scores={"quality": 0.75}, cost=50)
SLOW = Outcome(seconds=2.0, scores={"quality": 0.25}, cost=1000)
FAILED = Outcome(failed=True, seconds=9.0, scores={"quality": 1.0}, cost=10)
SILENT = Outcome(seconds=0.5)
LEFT_SOON = Outcome(seconds=0.5, status="left")
LEFT_LATE = Outcome(failed=True, seconds=2.0, scores={"quality": 0.5}, cost=50, status="left")


@pytest.mark.parametrize(
    ("guardrail", "operation", "outcome", "expected"),
    [
        (FAILURE, "", GOOD, 0.0),
        (FAILURE, "", FAILED, 1.0),
        (LATENCY, "search", SLOW, 1.0),
        (LATENCY, "ask", SLOW, 0.0),
        (LATENCY, "search", FAILED, None),
        (ASKING, "search", SLOW, None),
        (QUALITY, "", GOOD, 0.25),
        (QUALITY, "", FAILED, None),
        (QUALITY, "", SILENT, None),
        (COST, "", GOOD, 0.5),
        (COST, "", SLOW, 1.0),
    ],
)
def test_the_measure_of_an_answer(
    guardrail: Guardrail, operation: str, outcome: Outcome, expected: float | None
) -> None:
    assert measured(guardrail, operation, outcome) == expected


@pytest.mark.parametrize(
    ("guardrail", "stable", "candidate", "expected"),
    [
        (FAILURE, GOOD, FAILED, Difference(1, 1, 0, 1)),
        (FAILURE, FAILED, GOOD, Difference(-1, -1, 1, 0)),
        (FAILURE, FAILED, FAILED, Difference(0, 0, 1, 1)),
        (FAILURE, GOOD, None, Difference(0, 1, 0, None, missing=True)),
        (LATENCY, GOOD, SLOW, Difference(1, 1, 0, 1)),
        (LATENCY, GOOD, FAILED, Difference(0, 1, 0, None)),
        (LATENCY, FAILED, SLOW, Difference(0, 0, None, 1)),
        (LATENCY, FAILED, FAILED, None),
        (QUALITY, GOOD, SLOW, Difference(0.5, 0.5, 0.25, 0.75)),
        (QUALITY, GOOD, FAILED, Difference(0, 1, 0.25, None)),
        (QUALITY, GOOD, None, Difference(0, 1, 0.25, None, missing=True)),
        (QUALITY, SILENT, None, None),
        (QUALITY, SILENT, FAILED, None),
        (QUALITY, GOOD, SILENT, Difference(0, 1, 0.25, None, missing=True)),
        (QUALITY, SILENT, GOOD, None),
        (FAILURE, LEFT_SOON, GOOD, Difference(0, 0, None, 0)),
        (FAILURE, LEFT_LATE, FAILED, Difference(0, 1, None, 1)),
        (FAILURE, LEFT_LATE, None, Difference(0, 1, None, None, missing=True)),
        (LATENCY, LEFT_SOON, GOOD, Difference(0, 0, None, 0)),
        (LATENCY, LEFT_SOON, SLOW, Difference(0, 1, None, 1)),
        (LATENCY, LEFT_SOON, FAILED, Difference(0, 1, None, None)),
        (LATENCY, LEFT_LATE, GOOD, Difference(-1, -1, 1, 0)),
        (LATENCY, LEFT_LATE, SLOW, Difference(0, 0, 1, 1)),
        (ASKING, LEFT_SOON, FAILED, None),
        (QUALITY, LEFT_LATE, GOOD, None),
        (COST, LEFT_LATE, GOOD, None),
    ],
)
def test_the_difference_that_a_pair_makes(
    guardrail: Guardrail, stable: Outcome, candidate: Outcome | None, expected: Difference | None
) -> None:
    assert difference(guardrail, Pair("one", stable, candidate)) == expected


def test_a_session_says_its_mean_of_what_is_known() -> None:
    said = [Difference(1, 1, 0, 1), Difference(0, 1, 0.5, None, missing=True), Difference(-1, -1, 1, 0)]
    assert of_session(said) == Difference(0, 1 / 3, 0.5, 0.5, missing=True)
    assert of_session([Difference(0, 1, None, None)]) == Difference(0, 1, None, None)


def test_pairs_are_ordered_by_what_counts_most_against_the_candidate() -> None:
    guardrails = (FAILURE, LATENCY, QUALITY)
    ranked = [
        Pair("failed", GOOD, FAILED),
        Pair("slow", GOOD, SLOW),
        Pair("worse", GOOD, Outcome(scores={"quality": 0.5})),
        Pair("same", GOOD, GOOD),
        Pair("better", GOOD, Outcome(scores={"quality": 1.0})),
    ]
    counted = [against(differences(guardrails, pair)) for pair in ranked]
    assert counted == [1.0, 1.0, 0.25, 0.0, -0.25]
    assert against(differences(guardrails, Pair("missing", GOOD))) == 1.0
    assert against({}) == 0.0


def test_a_request_that_failed_or_was_slow_is_an_event() -> None:
    guardrails = (FAILURE, LATENCY, QUALITY, COST)
    assert event_guardrails(guardrails, Exposure("one", "b", FAILED)) == ("failure",)
    assert event_guardrails(guardrails, Exposure("one", "b", SLOW)) == ("latency",)
    assert event_guardrails(guardrails, Exposure("one", "b", SLOW, operation="ask")) == ()
    assert event_guardrails(guardrails, Exposure("one", "b", FAILED, shadowed=True)) == ()


@pytest.mark.parametrize("told", ["as it is", "twice"])
def test_bets_on_a_session_are_fair_as_long_as_it_is_told_of_in_one_way(told: str) -> None:
    chance, weight, share = 0.1, 0.25, 0.5
    expected = np.zeros(BETS)
    for stable_fails, candidate_fails, met_candidate, in_sample in product((False, True), repeat=4):
        probability = 1.0
        for happens, odds in (
            (stable_fails, chance), (candidate_fails, chance), (met_candidate, weight), (in_sample, share)
        ):  # fmt: skip
            probability *= odds if happens else 1 - odds
        growth = np.zeros(BETS)
        if in_sample and not met_candidate:
            pair = Pair("one", Outcome(failed=stable_fails), Outcome(failed=candidate_fails))
            growth = growth + harm_growth(FAILURE, differences([FAILURE], pair)["failure"].harm)
        outcome = Outcome(failed=candidate_fails if met_candidate else stable_fails)
        shadowed = in_sample and told == "as it is"
        if event_guardrails([FAILURE], Exposure("one", "b", outcome, shadowed=shadowed)):
            growth = growth + event_growth(FAILURE, met_candidate, weight)
        expected += probability * np.exp(growth)
    fair = np.all(expected <= 1 + 1e-12)
    assert fair == (told == "as it is")


def test_a_pair_is_its_own_unit_unless_it_has_a_session() -> None:
    assert Pair("one", GOOD, session="s").unit == Pair("two", GOOD, session="s").unit
    assert Pair("s", GOOD).unit != Pair("one", GOOD, session="s").unit


@pytest.mark.parametrize("seconds", [-1.0, math.inf, math.nan])
def test_times_that_cannot_be_are_refused(seconds: float) -> None:
    with pytest.raises(InvalidRequest):
        Outcome(seconds=seconds)


@pytest.mark.parametrize("scores", [{"quality": 1.01}, {"quality": math.nan}, {"x" * 201: 1.0}])
def test_scores_that_cannot_be_are_refused(scores: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest):
        Outcome(scores=scores)


@pytest.mark.parametrize(("requests", "sessions"), [(-1, 0), (0, -1), (10**13, 0), (0, 10**13)])
def test_counts_that_cannot_be_are_refused(requests: int, sessions: int) -> None:
    with pytest.raises(InvalidRequest):
        ExposureCount("b", requests, sessions)


@pytest.mark.parametrize("name", ["", " ", "a\0b", "\ud800", "x" * 201])
def test_names_that_cannot_be_kept_are_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        Pair(name, GOOD)
