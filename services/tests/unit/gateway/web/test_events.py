"""Streams of events: what each reader gets, whatever is in them and however they end."""

import json
from collections.abc import AsyncIterator

import httpx

from plotlot.cli.session import sent_events
from plotlot.domain.errors import UnknownAddress
from plotlot.gateway.web.events import Event, encoded

QUOTE = "a yard\u2028of 20 feet\x85or more\u2029\n\r\x0c\x1cé\u200b"


async def told(*events: Event, error: Exception | None = None) -> list[Event]:
    """The events as the command line reads them."""

    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event
        if error is not None:
            raise error

    content = "".join([text async for text in encoded(source())]).encode()
    lines = httpx.Response(200, content=content).aiter_lines()
    return [event async for event in sent_events(lines)]


async def test_ends_of_lines_inside_a_text_end_no_line_of_the_stream() -> None:
    assert await told(("result", {"quote": QUOTE})) == [("result", {"quote": QUOTE})]


async def test_an_error_is_the_last_event() -> None:
    first, (name, problem) = await told(("stage", {}), error=UnknownAddress("no parcel is there"))
    assert first == ("stage", {})
    assert (name, problem["status"], problem["detail"]) == ("problem", 404, "no parcel is there")


async def test_a_fault_is_told_without_what_it_said() -> None:
    ((name, problem),) = await told(error=KeyError("secret"))
    assert (name, problem["status"]) == ("problem", 500)
    assert "KeyError" in problem["detail"]
    assert "secret" not in json.dumps(problem)
