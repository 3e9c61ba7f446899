"""A budget is never exceeded, whatever is asked of it and when."""

from hypothesis import given
from hypothesis import strategies as st

from plotlot.gateway.delivery.budget import Budget


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@given(
    steps=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=200),
    per_second=st.floats(0.05, 50, allow_nan=False),
)
def test_no_span_of_time_holds_more_than_its_share_and_one(steps: list[float], per_second: float) -> None:
    clock = Clock()
    budget, taken = Budget(clock), []
    for step in steps:
        clock.seconds += step
        if budget.take(per_second):
            taken.append(clock.seconds)
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= per_second * (taken[last] - start) + 1 + 1e-6


def test_what_is_left_of_the_budget_is_used() -> None:
    clock = Clock()
    budget, taken = Budget(clock), 0
    for _ in range(1000):
        clock.seconds += 0.01
        taken += budget.take(5)
    assert 48 <= taken <= 51


def test_without_a_budget_nothing_is_taken_and_the_wait_is_endless() -> None:
    budget = Budget(Clock())
    assert not budget.take(0)
    assert budget.wait_seconds(0) == float("inf")


def test_whoever_waits_as_long_as_told_gets_one() -> None:
    clock = Clock()
    budget = Budget(clock)
    assert budget.take(4)
    assert not budget.take(4)
    clock.seconds += budget.wait_seconds(4)
    assert budget.take(4)
