"""Sending spans: nobody to be recognised in them, and nobody kept waiting by who takes them."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import Attributes

from plotlot.domain.redaction import redacted

log = logging.getLogger(__name__)


class CarefulExporter(SpanExporter):
    """Sends spans by another exporter, redacted as the log is, and says once that they cannot be sent."""

    def __init__(self, exporter: SpanExporter, where: str) -> None:
        self._exporter = exporter
        self._where = where
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans; those that cannot be sent are lost, and counted for the log."""
        result = self._exporter.export([redacted_span(span) for span in spans])
        if result is SpanExportResult.SUCCESS:
            if self._lost:
                log.warning("traces are sent again to %s; %d spans were lost", self._where, self._lost)
            self._lost = 0
            return result
        if not self._lost:
            log.warning("traces cannot be sent to %s: requests are answered without", self._where)
        self._lost += len(spans)
        return result

    def shutdown(self) -> None:
        """Give up what is being sent."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is kept back here."""
        return self._exporter.force_flush(timeout_millis)


def redacted_span(span: ReadableSpan) -> ReadableSpan:
    """A span without what tells who somebody is, in its name, attributes, events and status."""
    events = [
        Event(told(each.name), redacted_attributes(each.attributes), each.timestamp) for each in span.events
    ]
    return ReadableSpan(
        name=told(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=redacted_attributes(span.attributes),
        events=events,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, told(span.status.description or "") or None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def redacted_attributes(attributes: Attributes) -> dict[str, Any]:
    """Attributes whose texts are redacted; numbers are as they were."""
    return {name: redacted_value(value) for name, value in (attributes or {}).items()}


def redacted_value(value: Any) -> Any:
    """A value, or a sequence of such, redacted where it is text."""
    if isinstance(value, str):
        return told(value)
    return [redacted_value(each) for each in value] if isinstance(value, Sequence) else value


@lru_cache(maxsize=4096)
def told(text: str) -> str:
    """A text, redacted; kept, for names of methods and tables stand in every trace."""
    return redacted(text)
