"""Agreement beyond chance, against values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.agreement import cohens_kappa, share_agreed

labels = st.lists(st.sampled_from(["a", "b", "tie"]), min_size=1, max_size=30)


def test_kappa_is_what_is_left_of_chance() -> None:
    one, other = ["a"] * 20 + ["b"] * 30, ["a"] * 15 + ["b"] * 5 + ["a"] * 10 + ["b"] * 20
    assert share_agreed(one, other) == 0.7
    assert cohens_kappa(one, other) == pytest.approx(0.4)


@given(labels)
def test_who_agrees_with_himself_agrees_fully(given_labels: list[str]) -> None:
    kappa = cohens_kappa(given_labels, given_labels)
    assert kappa == (pytest.approx(1) if len(set(given_labels)) > 1 else None)


@given(labels)
def test_the_order_of_the_judges_says_nothing(one: list[str]) -> None:
    other = sorted(one)
    assert cohens_kappa(one, other) == pytest.approx(cohens_kappa(other, one))


def test_one_label_for_everything_says_nothing() -> None:
    assert cohens_kappa([], []) is None
    assert cohens_kappa(["a", "b"], ["a", "a"]) == 0
    with pytest.raises(ValueError, match="same cases"):
        cohens_kappa(["a"], [])
