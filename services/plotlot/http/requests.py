"""What an HTTP request gets where nothing else is known of it: an id, a deadline, and its metrics."""

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics

_TOKEN = re.compile(r"(?<=^/shared/)[^/]+")
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
        request_id = request_id_of(headers_of(scope))
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
            count(self._metrics, scope, status, time.perf_counter() - started)


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers; of one that is sent twice, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def told_path(path: str) -> str:
    """A path as logs and the judge are told it: without the token of a shared report, which opens it."""
    return _TOKEN.sub("{token}", path)


def request_id_of(headers: Mapping[str, str]) -> str:
    """The caller's request id, where it is one that can be logged; else a new one."""
    sent = headers.get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())


def count(metrics: Metrics, scope: Scope, status: int, seconds: float) -> None:
    """Count an answer by the template of its route, so that ids do not become labels."""
    route: Any = scope.get("route")
    path = getattr(route, "path", "unmatched")
    metrics.http_requests.labels(path, scope["method"], str(status)).inc()
    metrics.http_seconds.labels(path).observe(seconds)
