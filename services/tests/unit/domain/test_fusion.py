"""Fused ranks are stable, and depend on nothing but the rankings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.fusion import min_max, min_max_mean, ranks, reciprocal_ranks, weighted_mean

scorings = st.lists(st.dictionaries(st.integers(0, 30), st.integers(-1000, 1000).map(float)), max_size=4)


def test_means_of_scores_brought_to_one_scale() -> None:
    fused = dict(min_max_mean([{"a": 30.0, "b": 20.0, "c": 10.0}, {"b": 0.9, "c": 0.5}]))
    assert fused == pytest.approx({"a": 0.5, "b": 0.75, "c": 0.0})


def test_equal_scores_all_count_in_full() -> None:
    assert min_max({"a": 2.0, "b": 2.0}) == {"a": 1.0, "b": 1.0}
    assert min_max({}) == {}


@given(scorings)
def test_ties_stand_in_the_order_in_which_they_came(given_scorings: list[dict[int, float]]) -> None:
    fused = min_max_mean(given_scorings)
    first_seen = list(dict.fromkeys(item for scoring in given_scorings for item in scoring))
    keys = [(-score, first_seen.index(item)) for item, score in fused]
    assert keys == sorted(keys)


@given(st.dictionaries(st.integers(), st.integers(-1000, 1000).map(float), min_size=1), st.integers(1, 5))
def test_fusing_a_scoring_with_itself_keeps_its_order(scoring: dict[int, float], times: int) -> None:
    assert [item for item, _ in min_max_mean([scoring] * times)] == [
        item for item, _ in min_max_mean([scoring])
    ]


@given(scorings)
def test_means_lie_between_0_and_1_best_first(given_scorings: list[dict[int, float]]) -> None:
    fused = min_max_mean(given_scorings)
    assert {item for item, _ in fused} == {item for scoring in given_scorings for item in scoring}
    scores = [score for _, score in fused]
    assert all(0 <= score <= 1 + 1e-9 for score in scores)
    assert scores == sorted(scores, reverse=True)


@given(scorings, st.integers(1, 50), st.integers(-50, 50))
def test_the_scale_of_a_scoring_does_not_matter(
    given_scorings: list[dict[int, float]], factor: int, offset: int
) -> None:
    moved = [{item: score * factor + offset for item, score in each.items()} for each in given_scorings]
    before, after = dict(min_max_mean(given_scorings)), dict(min_max_mean(moved))
    assert after == pytest.approx(before)


def test_a_weight_is_how_much_of_1_a_scoring_counts() -> None:
    fused = dict(weighted_mean([{"a": 3.0, "b": 2.0, "c": 1.0}, {"c": 5.0, "b": 1.0}], [0.25, 0.75]))
    assert fused == pytest.approx({"a": 0.25, "b": 0.125, "c": 0.75})


def test_equal_scores_share_a_rank() -> None:
    assert ranks({"a": 1.0, "b": 3.0, "c": 3.0, "d": 0.0}) == {"b": 1, "c": 1, "a": 3, "d": 4}


def test_reciprocal_ranks_are_added_where_both_rankings_have_an_item() -> None:
    fused = dict(reciprocal_ranks([{"a": 9.0, "b": 1.0}, {"b": 0.5}], k=1))
    assert fused == pytest.approx({"a": 1 / 2, "b": 1 / 3 + 1 / 2})


@given(scorings, st.integers(1, 50), st.integers(-50, 50))
def test_only_the_order_of_a_scoring_matters_to_ranks(
    given_scorings: list[dict[int, float]], factor: int, offset: int
) -> None:
    moved = [{item: score * factor + offset for item, score in each.items()} for each in given_scorings]
    assert reciprocal_ranks(moved) == reciprocal_ranks(given_scorings)
