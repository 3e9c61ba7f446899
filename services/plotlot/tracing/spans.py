"""A request's span, and those of what is done for it.

Traces begin at doors alone: what nobody asked for, as looks whether the database is there, is in none. Below a request
that is not sampled nothing is made, so that it costs a look at the current span.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import Context, attach
from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from plotlot.domain.redaction import redacted

Trace = tuple[tuple[str, str], ...]
"""A trace as W3C Trace Context has it, for headers and metadata; empty where there is none."""
Value = str | int | float | bool
LONGEST_MESSAGE = 300
ERROR_TYPE = "error.type"


def sampled_span() -> Span | None:
    """The current span where what is done for it is to be told; None where the request is not sampled."""
    span = get_current_span()
    return span if span.is_recording() and span.get_span_context().trace_flags.sampled else None


def begin_request(
    tracer: Tracer,
    name: str,
    caller: Trace,
    attributes: Mapping[str, Value] | None = None,
    kind: SpanKind = SpanKind.SERVER,
) -> Span:
    """The span of a request that was received, part of its caller's trace and current in this task from now on."""
    span = tracer.start_span(name, context_of(caller), kind, attributes)
    attach(set_span_in_context(span, Context()))
    return span


def go_on_with(caller: Trace) -> None:
    """Make what follows in this task a part of the caller's trace, or of none."""
    attach(context_of(caller))


def context_of(caller: Trace) -> Context:
    """The caller's trace as a context; one of no trace where it named none."""
    none = set_span_in_context(INVALID_SPAN, Context())
    return TraceContextTextMapPropagator().extract(dict(caller), none) if caller else none


def trace_of(span: Span) -> Trace:
    """What whoever is called for a span is told of its trace."""
    if not span.get_span_context().is_valid:
        return ()
    told: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(told, set_span_in_context(span, Context()))
    return tuple(told.items())


def begin_step(
    tracer: Tracer, name: str, attributes: Mapping[str, Value], kind: SpanKind = SpanKind.CLIENT
) -> Span | None:
    """The span of a step of the current request, where that is sampled; it is not made current."""
    return None if sampled_span() is None else tracer.start_span(name, None, kind, attributes)


@contextmanager
def step(
    tracer: Tracer, name: str, attributes: Mapping[str, Value], kind: SpanKind = SpanKind.CLIENT
) -> Iterator[Span | None]:
    """Times a step of the current request, where that is sampled; an error is told by its kind alone."""
    span = begin_step(tracer, name, attributes, kind)
    if span is None:
        yield None
        return
    try:
        yield span
    except BaseException as error:
        fail(span, type(error).__name__)
        raise
    finally:
        span.end()


def fail(span: Span, kind: str, message: str = "") -> None:
    """Note that what a span stands for failed."""
    span.set_attribute(ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR, redacted(message)[:LONGEST_MESSAGE] or None))


def exemplar() -> dict[str, str] | None:
    """What a histogram keeps of the current request beside its time, where its trace can be found."""
    span = sampled_span()
    return None if span is None else {"trace_id": f"{span.get_span_context().trace_id:032x}"}
