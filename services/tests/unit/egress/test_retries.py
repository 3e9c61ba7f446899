from datetime import UTC, datetime

import pytest

from plotlot.egress.retries import MOST_SECONDS, pause_seconds, retry_after_seconds

NOW = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("Wed, 01 Jul 2026 12:01:30 GMT", 90.0),
        ("Wed, 01 Jul 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("9" * 40, 86_400.0),
        ("Tue, 01 Jul 2056 12:00:00 GMT", 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


def test_pauses_grow_and_are_drawn() -> None:
    assert [pause_seconds(attempt, None, 1.0) for attempt in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, MOST_SECONDS]
    assert pause_seconds(3, None, 0.0) == 0
    assert 7 < pause_seconds(1, 7.0, 0.5) < 7.5
