"""Which requests are traced: as OTEL_TRACES_SAMPLER says; and of the others those that fail or are slow, by one span."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags, TraceState
from opentelemetry.util.types import Attributes

from plotlot.telemetry import SpanNames

NANOSECONDS = 1_000_000_000
PARENT_BASED = "parentbased_"


def sampler_named(name: str, ratio: float) -> Sampler:
    """The sampler that OpenTelemetry has under a name, for requests at doors too that it leaves out."""
    ways = {"always_on": ALWAYS_ON, "always_off": ALWAYS_OFF, "traceidratio": TraceIdRatioBased(ratio)}
    way: Sampler = ways[name.removeprefix(PARENT_BASED)]
    return DoorSampler(ParentBased(way) if name.startswith(PARENT_BASED) else way)


class DoorSampler(Sampler):
    """Has a request that another sampler leaves out recorded at its door, though not sent: nothing below it is."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """What becomes of a span that begins."""
        found = self._sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )
        if found.decision is Decision.DROP and attributes and SpanNames.DOOR in attributes:
            return SamplingResult(Decision.RECORD_ONLY, attributes, found.trace_state)
        return found

    def get_description(self) -> str:
        """What it is called."""
        return f"DoorSampler{{{self._sampler.get_description()}}}"


class DoorProcessor(BatchSpanProcessor):
    """Sends what is sampled; of the rest the requests that failed, or took longer than ``slow_seconds``."""

    def __init__(self, exporter: SpanExporter, slow_seconds: float) -> None:
        super().__init__(exporter)
        self._slow_nanoseconds = slow_seconds * NANOSECONDS

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span that ended, where it is to be sent."""
        sampled = span.context is not None and span.context.trace_flags.sampled
        super().on_end(span if sampled or not self._tells(span) else as_sampled(span))

    def _tells(self, span: ReadableSpan) -> bool:
        took = (span.end_time or 0) - (span.start_time or 0)
        return span.status.status_code is StatusCode.ERROR or took > self._slow_nanoseconds


def as_sampled(span: ReadableSpan) -> ReadableSpan:
    """A span as if it had been sampled."""
    own = span.context
    assert own is not None, "it was recorded"
    context = SpanContext(
        own.trace_id,
        own.span_id,
        is_remote=False,
        trace_flags=TraceFlags(own.trace_flags | TraceFlags.SAMPLED),
        trace_state=own.trace_state,
    )
    return ReadableSpan(
        name=span.name,
        context=context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=span.events,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
