"""Streams have the chances that they say, and bounds are those worked out by hand."""

import math

import numpy as np
import pytest

from plotlot.domain.guardrails import Guardrail, Measure
from plotlot.evaluation.delivery import bounds
from plotlot.evaluation.delivery.effects import Effect
from plotlot.evaluation.delivery.intervals import wilson
from plotlot.evaluation.delivery.simulation import DROP, ERRORS, NO_CHANGE
from plotlot.evaluation.delivery.streams import (
    Change,
    cost_differences,
    differences,
    score_differences,
    session_differences,
)


@pytest.mark.parametrize(
    ("change", "chances"),
    [
        (Change(0.2, 0.25), (0.08, 0.03)),
        (Change(0.2, 0.2), (0.032, 0.032)),
        (Change(0.25, 0.2), (0.03, 0.08)),
        (Change(0.2, 0.25, agreement=0.0), (0.2, 0.15)),
    ],
)
def test_pairs_differ_as_often_as_their_change_says(change: Change, chances: tuple[float, float]) -> None:
    assert change.chances == pytest.approx(chances)
    drawn = differences(np.random.default_rng(1), (400, 1000), change)
    assert ((drawn == 1).mean(), (drawn == -1).mean()) == pytest.approx(chances, abs=0.002)


def test_requests_of_a_session_go_well_or_badly_together() -> None:
    drawn = session_differences(np.random.default_rng(1), 200, 50, 10, Change(0.2, 0.2), repeated=0.9)
    assert drawn.shape == (200, 50, 10)
    alike = (drawn[..., 0] == 1)[..., None] & (drawn[..., 1:] == 1)
    assert alike.sum() / (9 * (drawn[..., 0] == 1).sum()) > 0.7


def test_other_measures_are_of_bundles_that_are_equal_and_stay_in_bounds() -> None:
    random = np.random.default_rng(1)
    for drawn in (score_differences(random, (500, 400), 6, 0.95), cost_differences(random, (500, 400), 1.0)):
        assert np.abs(drawn).max() <= 1
        assert drawn.mean() == pytest.approx(0, abs=0.002)
        assert drawn.std() > 0.01


@pytest.mark.parametrize(("effect", "bound"), [(DROP, 254.06), (NO_CHANGE, 183.1), (ERRORS, 572.5)])
def test_bounds_are_those_worked_out_by_hand(effect: Effect, bound: float) -> None:
    assert effect.bound == pytest.approx(bound, rel=1e-3)


def test_answers_that_are_all_the_same_bound_a_promotion_by_the_margin_alone() -> None:
    same = Change(0.2, 0.2, agreement=1.0)
    assert bounds.noninferior_rate(same, 0.05) == pytest.approx(-math.log(0.95), rel=1e-3)


def test_the_bound_of_one_of_several_guardrails_is_higher_by_their_number() -> None:
    alone, one_of_six = bounds.observations(0.01, 0.05), bounds.observations(0.01, 0.05, 6)
    assert one_of_six - alone == pytest.approx(math.log(6) / 0.01)


def test_no_harm_has_no_bound() -> None:
    with pytest.raises(ValueError, match="no harm"):
        bounds.harm_rate(Change(0.2, 0.2))


@pytest.mark.parametrize(
    ("times", "runs", "low", "high"), [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)]
)
def test_intervals_are_those_of_the_score_test(times: int, runs: int, low: float, high: float) -> None:
    assert wilson(times, runs) == pytest.approx((low, high), abs=1e-4)


def test_the_ratio_that_is_simulated_is_that_of_a_guardrail_as_it_comes() -> None:
    assert DROP.least_ratio == Guardrail("any", Measure.SCORE, margin=0.05).least_ratio
