"""When a request is sent again, and after how long."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
BASE_SECONDS = 0.25
MOST_SECONDS = 4.0


def pause_seconds(attempt: int, retry_after: float | None, draw: float) -> float:
    """Time before the attempt after the given one (from 1): all of it drawn, or what the host asked for and a little.

    ``draw`` is from 0 to 1. Whoever was refused together does not come back together
    (M. Brooker, "Exponential Backoff And Jitter": full jitter).
    """
    if retry_after is not None:
        return retry_after + draw * BASE_SECONDS
    return draw * min(MOST_SECONDS, BASE_SECONDS * 2**attempt)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """What the header Retry-After asks for (RFC 9110, section 10.2.3): seconds or a date; None where it says nothing."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((until.astimezone(UTC) - now).total_seconds(), 0.0)
