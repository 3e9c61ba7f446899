"""What every HTTP request gets: an id, a deadline, the bundle's name, and its metrics."""

import asyncio
import re
import time
import uuid
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.bundles import Bundle
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class RequestMiddleware:
    """Sets the request's context before the application runs, and answers with its id and bundle."""

    def __init__(
        self,
        app: ASGIApp,
        bundle: Bundle,
        metrics: Metrics,
        deadline_seconds: float,
        ingest_deadline_seconds: float,
    ) -> None:
        self._app = app
        self._bundle = bundle
        self._metrics = metrics
        self._deadline_seconds = deadline_seconds
        self._ingest_deadline_seconds = ingest_deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = sent_request_id(scope) or str(uuid.uuid4())
        writes = scope["method"] == "POST" and scope["path"] in ("/v1/documents", "/v1/parcels")
        seconds = self._ingest_deadline_seconds if writes else self._deadline_seconds
        deadline = asyncio.get_running_loop().time() + seconds
        current_request.set(RequestContext(request_id, self._bundle.id, deadline, self._bundle.parameters))
        started = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    (b"plotlot-bundle", self._bundle.id.encode()),
                ]
            await send(message)

        in_flight = self._metrics.requests_in_flight.labels("http")
        in_flight.inc()
        try:
            await self._app(scope, receive, answer)
        finally:
            in_flight.dec()
            route = route_of(scope)
            self._metrics.http_requests.labels(route, scope["method"], str(status)).inc()
            self._metrics.http_seconds.labels(route).observe(time.perf_counter() - started)


def sent_request_id(scope: Scope) -> str | None:
    """The caller's request id, where it is one that can be logged."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None


def route_of(scope: Scope) -> str:
    """The route's template, so that ids do not become labels."""
    route: Any = scope.get("route")
    return getattr(route, "path", "unmatched")
