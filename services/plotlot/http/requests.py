"""What an HTTP request gets where nothing else is known of it: an id, a deadline, its span, metrics and line in the log."""

import asyncio
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import Span, Tracer, get_tracer
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.rpc.context import RequestContext, current_request
from plotlot.rpc.tracing import trace_in
from plotlot.telemetry import Http, Metrics, SpanNames
from plotlot.tracing.access_log import tell_of
from plotlot.tracing.notes import Notes, begin_notes
from plotlot.tracing.spans import begin_request, exemplar, fail, go_on_with, trace_of

# FastAPI would make a second span of each request, with the path as it was sent, in which addresses of people stand.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
PROBES = ("/healthz", "/readyz", "/metrics")
OF_MACHINES = (*PROBES, "/static/")  # in no trace, and told of at DEBUG
_TOKEN = re.compile(r"(?<=^/shared/)[^/]+")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class MeasuringMiddleware:
    """Sets the request's context before the application runs, answers with its id, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, deadline_seconds: float) -> None:
        self._app = app
        self._metrics = metrics
        self._deadline_seconds = deadline_seconds
        self._tracer = get_tracer(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        request_id = request_id_of(headers)
        deadline = asyncio.get_running_loop().time() + self._deadline_seconds
        received = receive_request(
            self._tracer, scope, RequestContext(request_id, "", deadline, trace=trace_in(headers))
        )
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
            end_request(self._metrics, scope, status, received)


def metrics_response(metrics: Metrics, accepts: str) -> Response:
    """Prometheus metrics; as OpenMetrics, which alone has exemplars, where whoever asks takes that."""
    encode, media_type = choose_encoder(accepts)
    return Response(encode(metrics.registry), media_type=media_type)


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


@dataclass(frozen=True, slots=True)
class Received:
    """A request since it came in: its span where it has one, and what is noted of it."""

    span: Span | None
    notes: Notes
    started: float

    @property
    def seconds(self) -> float:
        """How long ago it came in."""
        return time.perf_counter() - self.started


def receive_request(tracer: Tracer, scope: Scope, request: RequestContext) -> Received:
    """Make a request the current one, a part of its caller's trace."""
    span = None
    if scope["path"].startswith(OF_MACHINES):
        go_on_with(request.trace)
    else:
        asked = {
            SpanNames.DOOR: "http",
            Http.METHOD: scope["method"],
            SpanNames.REQUEST_ID: request.request_id,
        }
        span = begin_request(tracer, scope["method"], request.trace, asked)
        request = replace(request, trace=trace_of(span))
    current_request.set(request)
    return Received(span, begin_notes(), time.perf_counter())


def end_request(metrics: Metrics, scope: Scope, status: int, received: Received) -> float:
    """Count an answer by the template of its route, so that ids do not become labels, log it, and end its span.

    Returns the seconds that it took.
    """
    route: Any = scope.get("route")
    path, seconds = getattr(route, "path", "unmatched"), received.seconds
    metrics.http_requests.labels(path, scope["method"], str(status)).inc()
    metrics.http_seconds.labels(path).observe(seconds, exemplar())
    told = {"method": scope["method"], "route": path, "status": status}
    tell_of("http", told, seconds, received.notes, asked=not scope["path"].startswith(OF_MACHINES))
    if received.span is not None:
        end_span(received.span, told, received.notes)
    return seconds


def end_span(span: Span, told: Mapping[str, Any], notes: Notes) -> None:
    """End the span of an answered request, named by its method and its route's template, never by its path."""
    request, status = current_request.get(), told["status"]
    span.update_name(f"{told['method']} {told['route']}")
    span.set_attributes({Http.ROUTE: told["route"], Http.STATUS: status, **notes})
    if request is not None:
        span.set_attributes({SpanNames.BUNDLE: request.bundle, SpanNames.TENANT: request.tenant})
    if status >= 500:
        fail(span, str(status))
    span.end()
