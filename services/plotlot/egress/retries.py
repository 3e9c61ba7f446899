"""When a request is sent again, and after how long."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
BASE_SECONDS = 0.25
MOST_SECONDS = 4.0
LONGEST_ASKED_SECONDS = 24 * 3600.0  # a host that asks for more has a clock that jumped


def pause_seconds(attempt: int, retry_after: float | None, draw: float) -> float:
    """Time before the attempt after the given one (from 1): all of it drawn, or what the host asked for and a little.

    ``draw`` is from 0 to 1. Whoever was refused together does not come back together
    (M. Brooker, "Exponential Backoff And Jitter": full jitter).
    """
    if retry_after is not None:
        return retry_after + draw * BASE_SECONDS
    return draw * min(MOST_SECONDS, BASE_SECONDS * 2**attempt)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """What the header Retry-After asks for (RFC 9110, section 10.2.3): seconds or a date; None where it says nothing.

    No more than a day: a process that lives on would never ask again a host whose clock was wrong for a moment.
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()[:9]), LONGEST_ASKED_SECONDS)
    try:
        until = parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return min(max((until - now).total_seconds(), 0.0), LONGEST_ASKED_SECONDS)
