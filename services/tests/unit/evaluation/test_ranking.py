"""Ranking measures against values worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.evaluation.ranking import ndcg, recall, reciprocal_rank

JUDGED = {"a": 2, "b": 1, "x": 0}


def test_gains_are_discounted_by_the_logarithm_of_the_rank() -> None:
    gained = 1 + 2 / math.log2(4)
    ideal = 2 + 1 / math.log2(3)
    assert ndcg(["b", "x", "a"], JUDGED) == pytest.approx(gained / ideal)
    assert ndcg(["b", "x", "a"], JUDGED, depth=1) == pytest.approx(1 / 2)


def test_recall_counts_the_relevant_within_the_depth() -> None:
    assert recall(["b", "x", "a"], JUDGED, depth=2) == 0.5
    assert recall(["b", "x", "a"], JUDGED) == 1.0


def test_reciprocal_rank_is_that_of_the_first_relevant() -> None:
    assert reciprocal_rank(["x", "z", "b", "a"], JUDGED) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"], JUDGED) == 0.0


@given(
    st.permutations(["a", "b", "c", "d"]),
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3), min_size=1),
)
def test_no_order_beats_the_ideal_one(ranking: list[str], judged: dict[str, int]) -> None:
    ideal = sorted(judged, key=lambda item: -judged[item])
    assert 0 <= ndcg(ranking, judged) <= ndcg(ideal, judged) == pytest.approx(1.0)


def test_nothing_relevant_scores_nothing() -> None:
    assert (ndcg(["a"], {"a": 0}), recall(["a"], {"a": 0}), reciprocal_rank(["a"], {})) == (0, 0, 0)
