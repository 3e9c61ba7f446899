"""The share that assigned a session is that of the moment when it began."""

from datetime import UTC, datetime, timedelta

import pytest

from plotlot.judge.weights import Weight, last_reported, share_at

START = datetime(2026, 1, 1, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


WEIGHTS = [
    Weight(later(0), 0.0, 0.0, reported=True),
    Weight(later(10), 0.0, 0.05, reported=False),
    Weight(later(11), 5.0, 0.05, reported=True),
    Weight(later(20), 5.0, 0.25, reported=False),
]


@pytest.mark.parametrize(
    ("minutes", "share"), [(-5, 0.0), (0, 0.0), (9.9, 0.0), (10, 0.05), (15, 0.05), (20, 0.25), (99, 0.25)]
)
def test_the_larger_share_counts_from_when_it_was_allowed(minutes: float, share: float) -> None:
    assert share_at(WEIGHTS, later(minutes)) == share


def test_before_any_weight_nobody_meets_the_candidate() -> None:
    assert share_at([], START) == 0.0


def test_the_weight_in_force_is_the_last_that_was_told() -> None:
    assert last_reported(WEIGHTS) == WEIGHTS[2]
    assert last_reported([]) is None
