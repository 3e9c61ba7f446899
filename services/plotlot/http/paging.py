"""Lists in pages: an opaque cursor says where the next one begins, and stays right while the list grows."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.datastructures import URL
from starlette.requests import Request

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.texts import is_plain

MOST_LISTED = 1000
Cursor = Annotated[str, Query(max_length=2000, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST_LISTED, description="At most so many.")]


def cursor_at(*place: str) -> str:
    """The cursor of the place after an item: the texts that the list is ordered by."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_at(cursor: str, parts: int) -> tuple[str, ...] | None:
    """The texts of a cursor, None for the first page. Raises InvalidRequest."""
    if not cursor:
        return None
    try:
        place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):  # no base64, no UTF-8, no JSON
        place = None
    if not isinstance(place, list) or len(place) != parts or not all(fits(part) for part in place):
        raise not_of_this_list()
    return tuple(place)


def time_at(cursor: str) -> tuple[datetime, str] | None:
    """The cursor of a list by time: the time and the id of the last item seen. Raises InvalidRequest."""
    place = place_at(cursor, 2)
    if place is None:
        return None
    try:
        return datetime.fromisoformat(place[0]), place[1]
    except ValueError:
        raise not_of_this_list() from None


def not_of_this_list() -> InvalidRequest:
    """The error for a cursor that no page gave."""
    return InvalidRequest(
        "this is no cursor of this list: take `next` of the page before, or leave it out",
        field="cursor",
        expected="`next` of the page before",
    )


def fits(part: Any) -> bool:
    """Whether it is text that can be compared with what is stored."""
    return isinstance(part, str) and is_plain(part)


def page(
    request: Request, name: str, items: Sequence[Any], limit: int, place: Sequence[str] | None
) -> dict[str, Any]:
    """One page of a list; ``place`` is that of its last item, None where it is the last page."""
    if place is None:
        return {name: list(items), "next": None}
    url: URL = request.url.include_query_params(cursor=cursor_at(*place), limit=limit)
    return {name: list(items), "next": f"{url.path}?{url.query}"}
