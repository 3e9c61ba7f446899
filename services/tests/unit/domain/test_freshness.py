"""How old towns are, in figures whose number does not grow with theirs."""

from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.freshness import AGES, DAY_SECONDS, OLDER, age_class, by_age, oldest


def test_an_age_is_of_the_least_class_that_holds_it() -> None:
    days = {0: "1d", 1: "1d", 1.01: "7d", 30: "30d", 31: "90d", 365: "365d", 400: OLDER}
    assert {day: age_class(day * DAY_SECONDS) for day in days} == days


@given(st.lists(st.floats(0, 1e9)))
def test_each_town_is_counted_once_in_as_many_classes_as_ever(ages: list[float]) -> None:
    counted = by_age(ages)
    assert sum(counted.values()) == len(ages)
    assert list(counted) == [*AGES, OLDER]


def test_the_oldest_are_named_first_and_no_more_than_asked_for() -> None:
    assert list(oldest({"a": 1.0, "b": 3.0, "c": 3.0, "d": 2.0}, 3)) == ["b", "c", "d"]
