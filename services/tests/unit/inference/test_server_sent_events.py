"""Events come out as they went in, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.inference.server_sent_events import EventReader, EventTooLong

STREAM = ': hello\r\n\r\ndata: {"a": "½"}\r\n\r\nevent: x\ndata:two\ndata: lines\n\nerror: {"b": 1}\ndata: [DONE]\n\n'.encode()
EVENTS = ['{"a": "½"}'.encode(), b"two\nlines", b'{"b": 1}', b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_do_not_depend_on_where_the_bytes_are_cut(cuts: list[int]) -> None:
    reader, found, start = EventReader(), [], 0
    for end in (*sorted(cuts), len(STREAM)):
        found += reader.feed(STREAM[start:end])
        start = end
    assert found == EVENTS


def test_an_event_without_end_is_given_up() -> None:
    reader = EventReader(longest_bytes=100)
    with pytest.raises(EventTooLong):
        list(reader.feed(b"data: " + b"x" * 200))
    reader = EventReader(longest_bytes=100)
    with pytest.raises(EventTooLong):
        list(reader.feed(b"data: x\n" * 50))
