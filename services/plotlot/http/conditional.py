"""Answers that a caller may have already: an ETag with each, and 304 where it still holds (RFC 9110, 13)."""

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import Request


class ConditionalRoute(APIRoute):
    """A route whose GET answers carry an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, and after it the look at ``If-None-Match``."""
        handler = super().get_route_handler()
        if "GET" not in (self.methods or ()):
            return handler

        async def answer(request: Request) -> Response:
            response = await handler(request)
            body = getattr(response, "body", None)
            if response.status_code != 200 or not isinstance(body, bytes):
                return response
            return conditional(response, body, request.headers.get("if-none-match", ""))

        return answer


def conditional(response: Response, body: bytes, known: str) -> Response:
    """The response with its ETag, or 304 where the caller knows it."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if not matches(known, tag):
        return response
    kept = {
        name: response.headers[name] for name in ("ETag", "Cache-Control", "Vary") if name in response.headers
    }
    return Response(status_code=304, headers=kept)


def matches(known: str, tag: str) -> bool:
    """Whether a list of tags, weak ones too, has this one."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in known.split(","))
