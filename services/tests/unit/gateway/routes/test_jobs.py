"""Where a stream goes on."""

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.routes.jobs import seen


@pytest.mark.parametrize(("sent", "number"), [(None, 0), (" ", 0), ("0", 0), (" 17 ", 17)])
def test_a_stream_goes_on_after_the_event_that_was_seen(sent: str | None, number: int) -> None:
    assert seen(sent) == number


@pytest.mark.parametrize(
    "sent", ["-1", "1.5", "seven", "१२", "99999999999", "0" * 11 + "9" * 20, "0" * 11 + "9" * 5000]
)
def test_no_event_has_an_id_that_is_no_number_or_larger_than_any(sent: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        seen(sent)
    assert refused.value.field == "Last-Event-ID"
