"""The caller's trace (W3C Trace Context) in headers and metadata, and the spans of gRPC calls on both their sides."""

import re
from collections.abc import Mapping

import grpc
from opentelemetry.trace import Span, Status, StatusCode, Tracer

from plotlot.rpc.context import RequestContext
from plotlot.telemetry import Rpc, SpanNames
from plotlot.tracing.spans import Trace, begin_request, begin_step, fail, go_on_with

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
LONGEST_STATE = 512
SAMPLED = 1
DOOR = "plotlot.api.gateway."  # services whose callers are not ours: traces may begin here
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
OURS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
    | {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.DEADLINE_EXCEEDED}
)
"""Statuses that are the fault of whoever serves, by OpenTelemetry's semantic conventions of gRPC."""


def trace_in(sent: Mapping[str, str | bytes]) -> Trace:
    """The trace that headers or metadata name; none where they are not what the recommendation says."""
    parent, state = sent.get(TRACEPARENT), sent.get(TRACESTATE)
    if not isinstance(parent, str) or _TRACEPARENT.fullmatch(parent) is None:
        return ()
    if isinstance(state, str) and 0 < len(state) <= LONGEST_STATE and state.isascii() and state.isprintable():
        return ((TRACEPARENT, parent), (TRACESTATE, state))
    return ((TRACEPARENT, parent),)


def is_sampled(trace: Trace) -> bool:
    """Whether the caller's trace is kept."""
    return bool(trace) and bool(int(trace[0][1][-2:], 16) & SAMPLED)


def is_door(method: str) -> bool:
    """Whether calls of a method come from outside."""
    return method.startswith(DOOR)


def begin_served_call(tracer: Tracer, method: str, request: RequestContext) -> Span | None:
    """The span of a call that is served; none where its caller's trace is not kept, or there is none."""
    at_door = is_door(method)
    if not at_door and not is_sampled(request.trace):
        go_on_with(request.trace)
        return None
    attributes = {Rpc.SYSTEM: Rpc.GRPC, Rpc.METHOD: method, SpanNames.REQUEST_ID: request.request_id}
    return begin_request(
        tracer, method, request.trace, {**attributes, SpanNames.DOOR: "grpc"} if at_door else attributes
    )


def begin_call(tracer: Tracer, method: str) -> Span | None:
    """The span of a call that is made for the current request, where that is sampled."""
    return begin_step(tracer, method, {Rpc.SYSTEM: Rpc.GRPC, Rpc.METHOD: method})


def end_served_call(span: Span, code: grpc.StatusCode, request: RequestContext | None, message: str) -> None:
    """End the span of a call that was served, with what came to be known of its request."""
    span.set_attribute(Rpc.STATUS, code.name)
    if request is not None:
        span.set_attribute(SpanNames.BUNDLE, request.bundle)
        span.set_attribute(SpanNames.TENANT, request.tenant)
    if code in OURS:
        fail(span, code.name, message)
    elif code is not grpc.StatusCode.OK:
        span.set_attribute(Rpc.ERROR_TYPE, code.name)
    span.end()


def end_call(span: Span, code: grpc.StatusCode) -> None:
    """End the span of a call that was made; whatever is not OK is an error to who made it."""
    span.set_attribute(Rpc.STATUS, code.name)
    if code is not grpc.StatusCode.OK:
        span.set_attribute(Rpc.ERROR_TYPE, code.name)
        span.set_status(Status(StatusCode.ERROR))
    span.end()
