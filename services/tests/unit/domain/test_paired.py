"""The gate's statistics: what never fails, what always does, and how often chance alone decides."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.paired import (
    ALPHA,
    CasePair,
    GateVerdict,
    Margin,
    cases_needed,
    compare,
    gains_by_town,
    gains_of,
    overall,
)
from plotlot.domain.quantiles import student

RIGHT = Margin("right", 0.05)
COST = Margin("tokens", 0.1, higher_is_better=False, relative=True)

scores = st.floats(0, 1)
towns = st.sampled_from(["Aford", "Beford", "Ceford", "Deford"])


def draws() -> np.random.Generator:
    return np.random.default_rng(1)


def pairs_of(*changes: tuple[str, float | None, float | None]) -> list[CasePair]:
    return [CasePair(str(number), *change) for number, change in enumerate(changes)]


@given(st.lists(st.tuples(towns, scores), min_size=1, max_size=40))
def test_what_changes_nothing_passes(cases: list[tuple[str, float]]) -> None:
    pairs = pairs_of(*((town, score, score) for town, score in cases))
    found = compare(RIGHT, pairs, draws())
    assert (found.verdict, found.difference, found.worse, found.needed) == (GateVerdict.PASS, 0, 0, None)


@given(st.lists(st.tuples(towns, scores, scores), min_size=1, max_size=40))
def test_a_change_for_the_better_passes_however_unequal(cases: list[tuple[str, float, float]]) -> None:
    pairs = pairs_of(*((town, min(one, two), max(one, two)) for town, one, two in cases))
    assert compare(RIGHT, pairs, draws()).verdict is GateVerdict.PASS


@given(st.lists(st.tuples(towns, scores, scores), min_size=2, max_size=40))
def test_the_order_of_cases_and_the_towns_names_say_nothing(cases: list[tuple[str, float, float]]) -> None:
    there = compare(RIGHT, pairs_of(*cases), draws())
    renamed = [(f"Town {town}", before, after) for town, before, after in reversed(cases)]
    back = compare(RIGHT, pairs_of(*renamed), draws())
    assert (there.low, there.high) == pytest.approx((back.low, back.high))


@pytest.mark.parametrize("count", [1, 3, 8, 25])
def test_a_drop_over_the_margin_fails(count: int) -> None:
    right = {1: 4, 3: 0}.get(count, 6)  # the fewer the towns, the more it takes
    pairs = pairs_of(
        *(
            (f"Town {town}", 1.0, float(case < right + town % 2))
            for town in range(count)
            for case in range(12)
        )
    )
    found = compare(RIGHT, pairs, draws())
    assert found.verdict is GateVerdict.FAIL
    assert found.high < -RIGHT.margin
    assert found.towns == count


def chances(count: int, harm: float, runs: int = 200) -> float:
    """How often the gate fails a change that makes so many of the cases of so many towns worse, by chance."""
    chance = np.random.default_rng(7)
    failed = 0
    for _ in range(runs):
        level = chance.beta(8, 2, size=count)  # towns differ in how hard they are
        pairs = [
            CasePair(
                f"{town}/{case}",
                str(town),
                float(chance.random() < each),
                float(chance.random() < each - harm),
            )
            for town, each in enumerate(level)
            for case in range(10)
        ]
        failed += compare(RIGHT, pairs, chance).verdict is GateVerdict.FAIL
    return failed / runs


@pytest.mark.parametrize("count", [2, 6, 24])
def test_noise_alone_fails_no_more_often_than_it_may(count: int) -> None:
    assert chances(count, harm=0.0) <= ALPHA


@pytest.mark.parametrize("count", [3, 24])
def test_harm_of_exactly_the_margin_fails_about_as_often_as_it_may(count: int) -> None:
    allowed = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / 200)
    assert chances(count, harm=RIGHT.margin) <= allowed


def test_great_harm_is_seen_nearly_always() -> None:
    assert chances(24, harm=0.35, runs=60) >= 0.95


def test_a_missing_score_counts_against_the_change_and_is_told() -> None:
    pairs = pairs_of(("A", 0.8, None), ("A", None, 1.0), ("B", None, None), ("B", 0.5, 0.5))
    assert gains_of(RIGHT, pairs) == [-0.8, 0.0, 0.0, 0.0]
    found = compare(RIGHT, pairs, draws())
    assert (found.missing, found.cases, found.worse) == (3, 4, 1)


def test_all_scores_missing_after_a_change_fail_it() -> None:
    pairs = pairs_of(*((f"Town {number}", 1.0, None) for number in range(6)))
    assert compare(RIGHT, pairs, draws()).verdict is GateVerdict.FAIL


def test_a_cost_is_better_where_it_is_less_and_its_margin_is_a_share() -> None:
    pairs = pairs_of(("A", 100.0, 110.0), ("A", 300.0, 290.0), ("A", 200.0, None))
    assert gains_of(COST, pairs) == [-0.05, 0.05, -1.0]


def test_each_town_counts_the_same_whatever_its_cases() -> None:
    pairs = pairs_of(("A", 1.0, 0.0), *(("B", 1.0, 1.0),) * 9)
    assert gains_by_town(pairs, gains_of(RIGHT, pairs)) == [[-1.0], [0.0] * 9]
    assert compare(RIGHT, pairs, draws()).difference == -0.5


def test_a_single_case_that_got_worse_decides_nothing() -> None:
    found = compare(RIGHT, pairs_of(("A", 1.0, 0.0)), draws())
    assert (found.verdict, found.needed) == (GateVerdict.INCONCLUSIVE, None)


@given(st.integers(2, 18), st.floats(0.01, 0.4), st.integers(1, 9))
def test_so_many_cases_would_decide_and_fewer_would_not(units: int, error: float, each: int) -> None:
    needed = cases_needed(units, error, RIGHT.margin, cases=units * each)
    assert needed is not None
    spread = error * math.sqrt(units)

    def decided(count: int) -> bool:
        return student(1 - ALPHA, count - 1) * spread / math.sqrt(count) < RIGHT.margin

    assert decided(needed // each)
    assert needed == units * each or not decided(needed // each - 1)


def test_the_gate_fails_by_one_metric_and_passes_by_all() -> None:
    same = compare(RIGHT, pairs_of(("A", 1.0, 1.0)), draws())
    open_ = compare(RIGHT, pairs_of(("A", 1.0, 0.0)), draws())
    worse = compare(RIGHT, pairs_of(*((str(n), 1.0, 0.0) for n in range(5))), draws())
    assert overall([same, same]) is GateVerdict.PASS
    assert overall([same, open_]) is GateVerdict.INCONCLUSIVE
    assert overall([same, open_, worse]) is GateVerdict.FAIL
    assert overall([]) is GateVerdict.INCONCLUSIVE


def test_a_metric_without_cases_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no case has right"):
        compare(RIGHT, [], draws())
