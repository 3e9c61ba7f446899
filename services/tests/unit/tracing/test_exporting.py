"""What is sent holds nobody's data, and who takes it may be away."""

import logging
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status, StatusCode

from plotlot.tracing.exporting import CarefulExporter

MAIL, STREET, KEY = "jane.doe@example.com", "4711 Quincunx Street", "plk_5EcReT5EcReT5EcReT5EcReT"
PRIVATE = ("jane.doe", "Quincunx", "5EcReT")


class Taker(SpanExporter):
    """Takes spans, or is away."""

    def __init__(self) -> None:
        self.away = False
        self.taken: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.away:
            return SpanExportResult.FAILURE
        self.taken += spans
        return SpanExportResult.SUCCESS


def traced(taker: Taker) -> TracerProvider:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(CarefulExporter(taker, "http://collector:4318")))
    return provider


def test_nothing_private_is_sent_wherever_it_stands_on_a_span() -> None:
    taker = Taker()
    provider = traced(taker)
    span = provider.get_tracer("tests").start_span(f"at {STREET}")
    span.set_attributes(
        {"plotlot.town": f"{STREET}, of {MAIL}", "stop": [KEY, "end"], "tokens": 7, "kept": True}
    )
    span.add_event(f"event {MAIL}", {"why": KEY})
    span.set_status(Status(StatusCode.ERROR, f"no such lot: {STREET}"))
    span.end()
    (sent,) = taker.taken
    told = sent.to_json()
    assert not [word for word in PRIVATE if word in told]
    assert sent.attributes == {
        "plotlot.town": "[address], of [email]",
        "stop": ["[secret]", "end"],
        "tokens": 7,
        "kept": True,
    }
    assert (sent.name, sent.status.description) == ("at [address]", "no such lot: [address]")
    assert sent.context == span.get_span_context()
    provider.shutdown()


def test_a_collector_that_is_away_is_spoken_of_once_and_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taker = Taker()
    provider, taker.away = traced(taker), True
    tracer = provider.get_tracer("tests")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            tracer.start_span("lost").end()
        taker.away = False
        for _ in range(2):
            tracer.start_span("sent").end()
    assert [record.getMessage() for record in caplog.records] == [
        "traces cannot be sent to http://collector:4318: requests are answered without",
        "traces are sent again to http://collector:4318; 3 spans were lost",
    ]
    assert [span.name for span in taker.taken] == ["sent", "sent"]
    provider.shutdown()
