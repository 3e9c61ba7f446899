"""Server-sent events, for callers that accept them."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from plotlot.domain.errors import PlotLotError
from plotlot.http.problems import problem_document, unforeseen

log = logging.getLogger(__name__)

Event = tuple[str, dict[str, Any]]


def wants_events(request: Request) -> bool:
    """Whether the caller asked for a stream of events."""
    return "text/event-stream" in request.headers.get("accept", "")


def event_response(events: AsyncIterator[Event]) -> StreamingResponse:
    """Events as they happen; an error becomes the event ``problem``, which is the last."""
    return StreamingResponse(
        encoded(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def encoded(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Events in the format of the HTML standard, section 9.2."""
    number = 0
    try:
        async for name, data in events:
            yield encode(number, name, data)
            number += 1
    except PlotLotError as error:
        yield encode(number, "problem", problem_document(error))
    except Exception as error:  # the answer has begun: only an event can still say that it ends here
        log.error("a stream of events failed", exc_info=error)
        yield encode(number, "problem", problem_document(unforeseen(error)))


def encode(number: int, name: str, data: dict[str, Any]) -> str:
    """One event, in ASCII: codes hold characters that some readers take for the end of a line."""
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


async def last(events: AsyncIterator[Event]) -> dict[str, Any]:
    """The data of the last event, for callers that want only the outcome."""
    outcome: dict[str, Any] = {}
    async for _, data in events:
        outcome = data
    return outcome
