"""Evidence by betting: fair odds, one order of nothing lost, and nothing without data."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotlot.domain.guardrails import Guardrail, Measure
from plotlot.domain.outcomes import Difference
from plotlot.domain.sequential import (
    MOST_RATIO,
    Evidence,
    evidence_from,
    harm_log_e,
    harm_mixture,
    harm_ratios,
    none,
    noninferior_log_e,
    noninferior_stake,
    with_differences,
    with_event,
)

FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.05)
DIFFERENCES = st.lists(st.floats(-1, 1), max_size=40)
MARGINS = st.floats(0.005, 0.5)
ROUNDING = 1e-9


def told(harm: float, inferior: float) -> list[Difference]:
    return [Difference(harm, inferior, None, None)]


def after(differences: list[float], guardrail: Guardrail = FAILURE) -> Evidence:
    said = [one for difference in differences for one in told(difference, difference)]
    return with_differences(none(guardrail), guardrail, said)


def test_without_an_answer_nothing_is_known() -> None:
    evidence = none(FAILURE)
    assert (harm_log_e(evidence), noninferior_log_e(evidence)) == pytest.approx((0, 0))
    assert evidence.stable_mean is None
    assert evidence.candidate_mean is None


@pytest.mark.parametrize(("worse", "guardrails"), [(6, 1), (9, 6)])
def test_a_few_answers_in_a_row_that_got_worse_are_enough(worse: int, guardrails: int) -> None:
    evidence = after([1.0] * worse)
    assert harm_log_e(evidence) > math.log(20 * guardrails)
    assert harm_log_e(after([1.0] * (worse - 1))) < math.log(20 * guardrails)
    assert noninferior_log_e(evidence) < 0


def test_answers_that_are_the_same_are_evidence_of_no_loss() -> None:
    evidence = after([0.0] * 75)
    assert harm_log_e(evidence) == pytest.approx(0)
    assert noninferior_log_e(evidence) > math.log(20)


def test_a_missing_answer_harms_nobody_and_counts_at_its_worst_against_promotion() -> None:
    known = after([0.0] * 10)
    evidence = with_differences(known, FAILURE, [Difference(0.0, 1.0, 0.0, None, missing=True)])
    assert harm_log_e(evidence) == harm_log_e(known)
    assert noninferior_log_e(evidence) < noninferior_log_e(known)
    assert (evidence.pairs, evidence.missing, evidence.stable_count, evidence.candidate_count) == (
        11,
        1,
        1,
        0,
    )


@given(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), DIFFERENCES, MARGINS)
def test_odds_are_fair_where_the_candidate_is_just_acceptable(
    spread: float, before: list[float], margin: float
) -> None:
    """Any two outcomes whose mean is the null's leave the expected wealth of each bet where it was."""
    guardrail = replace(FAILURE, margin=margin)
    known = after(before, guardrail)
    for mean, log_e in ((0.0, harm_log_e), (margin, noninferior_log_e)):
        low, high = -1.0, mean + (1 - mean) * (1 + spread) / 2
        chance = (mean - low) / (high - low)
        ends = [with_differences(known, guardrail, told(end, end)) for end in (low, high)]
        expected = (1 - chance) * math.exp(log_e(ends[0])) + chance * math.exp(log_e(ends[1]))
        assert expected == pytest.approx(math.exp(log_e(known)), rel=1e-6)


@given(st.floats(0.001, 0.999), st.lists(st.booleans(), max_size=20))
def test_odds_on_events_are_fair_at_any_share(share: float, before: list[bool]) -> None:
    known = none(FAILURE)
    for on_candidate in before:
        known = with_event(known, FAILURE, on_candidate, 0.3)
    stable, candidate = (with_event(known, FAILURE, on, share) for on in (False, True))
    expected = share * math.exp(harm_log_e(candidate)) + (1 - share) * math.exp(harm_log_e(stable))
    assert expected == pytest.approx(math.exp(harm_log_e(known)), rel=1e-6)
    assert harm_log_e(candidate) >= harm_log_e(stable)


@given(DIFFERENCES, st.floats(-1, 1), st.floats(-1, 1))
def test_a_worse_answer_is_never_less_evidence_of_harm(before: list[float], one: float, other: float) -> None:
    better, worse = sorted((one, other))
    known = after(before)
    harm = [harm_log_e(with_differences(known, FAILURE, told(end, 0.0))) for end in (better, worse)]
    sure = [noninferior_log_e(with_differences(known, FAILURE, told(0.0, end))) for end in (better, worse)]
    assert harm[1] >= harm[0] - ROUNDING
    assert sure[1] <= sure[0] + ROUNDING


@given(DIFFERENCES, st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), max_size=10))
def test_evidence_survives_json(differences: list[float], events: list[tuple[bool, float]]) -> None:
    evidence = after(differences)
    for on_candidate, share in events:
        evidence = with_event(evidence, FAILURE, on_candidate, share)
    again = evidence_from(json.loads(json.dumps(evidence.values())))
    assert again == evidence
    said = told(0.5, 0.5)
    assert with_differences(again, FAILURE, said) == with_differences(evidence, FAILURE, said)


def test_evidence_of_other_bets_is_refused() -> None:
    values = none(FAILURE).values()
    with pytest.raises(ValueError, match="bets"):
        evidence_from({**values, "harm": [0.0] * 3})


@pytest.mark.parametrize("difference", [1.01, -1.01, math.nan])
def test_a_difference_outside_its_bounds_is_refused(difference: float) -> None:
    with pytest.raises(ValueError, match="lies in"):
        with_differences(none(FAILURE), FAILURE, told(difference, 0.0))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_event_that_only_one_bundle_could_have_is_counted_and_says_nothing(share: float) -> None:
    evidence = with_event(none(FAILURE), FAILURE, share == 1.0, share)
    assert harm_log_e(evidence) == pytest.approx(0)
    assert evidence.stable_events + evidence.candidate_events == 1


@given(st.floats(1.01, 10))
def test_bets_reach_from_the_mildest_harm_to_the_boldest(least_ratio: float) -> None:
    ratios = harm_ratios(least_ratio)
    assert ratios[0] == pytest.approx(least_ratio)
    assert ratios[-1] == pytest.approx(MOST_RATIO)
    assert np.all(np.diff(ratios) > 0)


@pytest.mark.parametrize(("margin", "chance"), [(0.05, 0.032), (0.02, 0.1), (0.1, 0.001)])
def test_the_stake_on_no_change_is_the_one_that_grows_fastest(margin: float, chance: float) -> None:
    stakes = np.linspace(0.001, 0.999 / (1 - margin), 20_000)
    growth = (
        chance * np.log1p(stakes * (margin - 1))
        + chance * np.log1p(stakes * (margin + 1))
        + (1 - 2 * chance) * np.log1p(stakes * margin)
    )
    seen = 10**7
    assert noninferior_stake(margin, seen, 2 * chance * seen) == pytest.approx(
        stakes[growth.argmax()], rel=1e-3
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["coin", "rare", "uniform", "skewed"]))
def test_mixtures_over_many_streams_are_those_of_one(seed: int, kind: str) -> None:
    """Arrays of streams, as the simulation has them, are worth what one stream after the other is."""
    from plotlot.domain.sequential import harm_growth

    random = np.random.default_rng(seed)
    draws = {
        "coin": random.choice([-1.0, 1.0], size=(3, 25)),
        "rare": random.choice([0.0, 0.0, 0.0, 1.0], size=(3, 25)),
        "uniform": random.uniform(-1, 1, (3, 25)),
        "skewed": random.beta(0.5, 3, (3, 25)),
    }[kind]
    together = harm_mixture(harm_growth(FAILURE, draws).sum(axis=1))
    assert together == pytest.approx([harm_log_e(after(list(stream))) for stream in draws], abs=1e-9)
