"""The rules of others do what their definitions say, on cases worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.rivals.argo import Argo
from plotlot.evaluation.delivery.rivals.flagger import Flagger
from plotlot.evaluation.delivery.rivals.kayenta import Kayenta
from plotlot.evaluation.delivery.rivals.peeked_z import PeekedZ, z_scores
from plotlot.evaluation.delivery.traffic import MINUTES, Seen


def shown(candidate_bad: dict[int, int], requests: float = 10, stable_bad: float = 0) -> Seen:
    """One run: failures of the candidate by minute, counted from 1; nothing else goes wrong."""
    bad = np.zeros((2, 1, MINUTES))
    for minute, count in candidate_bad.items():
        bad[0, 0, minute - 1] = count
    return Seen(
        candidate_requests=np.full((1, MINUTES), requests),
        candidate_bad=bad,
        stable_requests=np.full((1, MINUTES), 90.0),
        stable_bad=np.stack([np.full((1, MINUTES), stable_bad), np.zeros((1, MINUTES))]),
    )


def test_flagger_rolls_back_at_so_many_failed_checks_in_all() -> None:
    rule = Flagger(0.95, 0.75, threshold=3)
    assert rule.rolled_back(shown({3: 1, 20: 1, 41: 1})) == [41]
    assert rule.rolled_back(shown({3: 1, 20: 1})) == [NEVER]


def test_argo_aborts_at_more_failures_than_its_limit() -> None:
    assert Argo(0.95, 0.75, interval=1, failure_limit=2).rolled_back(shown({3: 1, 20: 1, 41: 1})) == [41]
    assert Argo(0.95, 0.75, interval=1, failure_limit=3).rolled_back(shown({3: 1, 20: 1, 41: 1})) == [NEVER]
    assert Argo(0.95, 0.75, interval=5, failure_limit=0).rolled_back(shown({3: 2})) == [
        NEVER
    ]  # 48 of 50 are good
    assert Argo(0.95, 0.75, interval=5, failure_limit=0).rolled_back(shown({3: 3})) == [5]


@pytest.mark.parametrize("rule", [Flagger(0.95, 0.75, 1), Argo(0.95, 0.75, 5, 0), PeekedZ(1), Kayenta(5)])
def test_no_request_says_nothing_to_any_rule(rule: Flagger | Argo | PeekedZ | Kayenta) -> None:
    assert rule.rolled_back(shown({}, requests=0)) == [NEVER]


def test_z_is_that_of_two_proportions() -> None:
    seen = shown({1: 4}, stable_bad=9)
    pooled = 13 / 100
    expected = (0.4 - 0.1) / (pooled * (1 - pooled) * (1 / 10 + 1 / 90)) ** 0.5
    assert z_scores(seen)[0, 0, 0] == pytest.approx(expected)
    assert expected > norm.ppf(0.95)
    assert PeekedZ(1).rolled_back(seen) == [1]
    assert PeekedZ(10).rolled_back(seen)[0] != 1


def test_a_corrected_z_asks_for_more() -> None:
    seen = shown({1: 3}, stable_bad=9)
    score = z_scores(seen)[0, 0, 0]
    assert norm.ppf(0.95) < score < norm.ppf(1 - 0.05 / 120)
    assert PeekedZ(1).rolled_back(seen) == [1]
    assert PeekedZ(1, corrected=True).rolled_back(seen) == [NEVER]


def test_kayenta_is_high_where_the_whole_interval_of_the_shift_is() -> None:
    random = np.random.default_rng(2)
    points = random.integers(4, 9, MINUTES)
    seen = shown({minute + 1: int(count) for minute, count in enumerate(points)}, stable_bad=9)
    assert Kayenta(5).rolled_back(seen) == [10]
    assert Kayenta(MINUTES).rolled_back(seen) == [MINUTES]


def test_kayenta_lets_pass_what_is_the_same() -> None:
    seen = shown(dict.fromkeys(range(1, MINUTES + 1), 1), stable_bad=9)
    assert Kayenta(5).rolled_back(seen) == [NEVER]


def test_kayentas_interval_is_that_of_the_ordered_differences() -> None:
    """Ten points each, all a step apart: 95 % cuts off 23 of 100 ordered differences (Hollander & Wolfe, table A.5)."""
    candidate, stable = np.arange(10.0)[None] + 4, np.arange(10.0)[None]
    ordered = np.sort((candidate[0][:, None] - stable[0]).ravel())
    rule = Kayenta(5, tolerance=0.0)
    for shift in (0.0, -float(ordered[23])):
        moved = (candidate + shift).astype(np.float32)
        assert rule._high(moved, stable.astype(np.float32)) == (np.sort(ordered)[23] + shift > 0)
