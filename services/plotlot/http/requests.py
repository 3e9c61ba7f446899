"""What an HTTP request gets where nothing else is known of it: an id, a deadline, and its metrics."""

import asyncio
import re
import time
import uuid
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class MeasuringMiddleware:
    """Sets the request's context before the application runs, answers with its id, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, deadline_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = logged(headers_of(scope).get("x-request-id", "")) or str(uuid.uuid4())
        deadline = asyncio.get_running_loop().time() + self._deadline_seconds
        current_request.set(RequestContext(request_id, "", deadline))
        started = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            with self._metrics.requests_in_flight.labels("http").track_inprogress():
                await self._app(scope, receive, answer)
        finally:
            route = route_of(scope)
            self._metrics.http_requests.labels(route, scope["method"], str(status)).inc()
            self._metrics.http_seconds.labels(route).observe(time.perf_counter() - started)


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers; of one that is sent twice, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def logged(request_id: str) -> str | None:
    """The caller's request id, where it is one that can be logged."""
    return request_id if _REQUEST_ID.fullmatch(request_id) else None


def route_of(scope: Scope) -> str:
    """The route's template, so that ids do not become labels."""
    route: Any = scope.get("route")
    return getattr(route, "path", "unmatched")
