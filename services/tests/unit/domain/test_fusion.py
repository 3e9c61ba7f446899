"""Fused ranks are stable, and depend on nothing but the rankings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.fusion import min_max, min_max_mean, reciprocal_rank_fusion

rankings = st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), max_size=4)
scorings = st.lists(st.dictionaries(st.integers(0, 30), st.integers(-1000, 1000).map(float)), max_size=4)


def test_reciprocal_ranks_add_up() -> None:
    fused = reciprocal_rank_fusion([["a", "b"], ["b", "c"]])
    assert [item for item, _ in fused] == ["b", "a", "c"]
    assert fused[0][1] == pytest.approx(1 / 62 + 1 / 61)


def test_means_of_scores_brought_to_one_scale() -> None:
    fused = dict(min_max_mean([{"a": 30.0, "b": 20.0, "c": 10.0}, {"b": 0.9, "c": 0.5}]))
    assert fused == pytest.approx({"a": 0.5, "b": 0.75, "c": 0.0})


def test_equal_scores_all_count_in_full() -> None:
    assert min_max({"a": 2.0, "b": 2.0}) == {"a": 1.0, "b": 1.0}
    assert min_max({}) == {}


@given(rankings)
def test_rrf_orders_every_item_once_and_ties_by_first_appearance(given_rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(given_rankings)
    first_seen = list(dict.fromkeys(item for ranking in given_rankings for item in ranking))
    assert sorted(item for item, _ in fused) == sorted(first_seen)
    keys = [(-score, first_seen.index(item)) for item, score in fused]
    assert keys == sorted(keys)


@given(st.lists(st.integers(), unique=True, min_size=1), st.integers(1, 5))
def test_fusing_a_ranking_with_itself_changes_nothing(ranking: list[int], times: int) -> None:
    assert [item for item, _ in reciprocal_rank_fusion([ranking] * times)] == ranking


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
