"""Repetitions stay a share of what is sent."""

from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.retry_budgets import MOST, PER_SECOND, SHARE, RetryBudget


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 2)), max_size=300))
def test_no_more_is_repeated_than_a_share_of_what_was_sent(events: list[tuple[bool, float]]) -> None:
    budget, now, sent, repeated = RetryBudget(), 0.0, 0, 0
    for first, passed in events:
        now += passed
        if first:
            budget, sent = budget.sent(now), sent + 1
        elif (left := budget.spent(now)) is not None:
            budget, repeated = left, repeated + 1
    assert repeated <= MOST + SHARE * sent + PER_SECOND * now
    assert 0 <= budget.balance <= MOST


def test_an_outage_runs_it_dry_and_time_fills_it_again() -> None:
    budget: RetryBudget | None = RetryBudget()
    count = 0
    while budget is not None:
        last, budget, count = budget, budget.spent(0.0), count + 1
    assert count == MOST / 2 + 1
    assert last.spent(0.0) is None
    assert last.spent(1 / PER_SECOND) is not None
