"""Which spans are sent: those sampled; of doors also those that failed or were slow."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from plotlot.telemetry import SpanNames
from plotlot.tracing.sampling import NANOSECONDS, DoorProcessor, sampler_named
from plotlot.tracing.spans import Trace, begin_request, begin_step, exemplar, fail, sampled_span, trace_of

IDS = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
SAMPLED: Trace = (("traceparent", f"00-{IDS}-01"),)
LEFT_OUT: Trace = (("traceparent", f"00-{IDS}-00"),)
AT_DOOR = {SpanNames.DOOR: "http"}


class Traced:
    """A tracer, and what it sent."""

    def __init__(self, sampler: str, ratio: float) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler_named(sampler, ratio), shutdown_on_exit=False)
        self.provider.add_span_processor(DoorProcessor(self._exporter, slow_seconds=1.0))
        self.tracer: Tracer = self.provider.get_tracer("tests")

    def sent(self) -> list[str]:
        self.provider.force_flush()
        return [span.name for span in self._exporter.get_finished_spans()]


@pytest.fixture
def nothing_chosen() -> Iterator[Traced]:
    traced = Traced("parentbased_traceidratio", 0.0)
    yield traced
    traced.provider.shutdown()


async def test_below_a_request_that_is_left_out_nothing_is_made(nothing_chosen: Traced) -> None:
    span = begin_request(nothing_chosen.tracer, "GET", LEFT_OUT, AT_DOOR)
    assert span.is_recording()
    assert sampled_span() is None
    assert begin_step(nothing_chosen.tracer, "SELECT", {}) is None
    assert exemplar() is None
    assert trace_of(span)[0][1].endswith("-00"), "whoever is called is told so"
    span.end()
    assert nothing_chosen.sent() == []


async def test_a_request_that_is_left_out_is_told_of_where_it_failed_or_was_slow(
    nothing_chosen: Traced,
) -> None:
    failed = begin_request(nothing_chosen.tracer, "failed", (), AT_DOOR)
    fail(failed, "503")
    failed.end()
    slow = begin_request(nothing_chosen.tracer, "slow", (), AT_DOOR)
    slow.end(slow.start_time + 2 * NANOSECONDS)  # type: ignore[attr-defined]
    quick = begin_request(nothing_chosen.tracer, "quick", (), AT_DOOR)
    quick.end(quick.start_time + NANOSECONDS // 2)  # type: ignore[attr-defined]
    elsewhere = begin_request(nothing_chosen.tracer, "no door", ())
    fail(elsewhere, "INTERNAL")
    elsewhere.end()
    assert nothing_chosen.sent() == ["failed", "slow"]


async def test_a_callers_word_is_followed(nothing_chosen: Traced) -> None:
    span = begin_request(nothing_chosen.tracer, "GET", SAMPLED, AT_DOOR)
    step = begin_step(nothing_chosen.tracer, "SELECT", {})
    assert step is not None
    assert exemplar() == {"trace_id": IDS.partition("-")[0]}
    step.end()
    span.end()
    assert nothing_chosen.sent() == ["SELECT", "GET"]


@pytest.mark.parametrize(
    ("sampler", "ratio", "caller", "kept"),
    [
        ("always_on", 0.0, LEFT_OUT, True),
        ("always_off", 1.0, SAMPLED, False),
        ("traceidratio", 1.0, LEFT_OUT, True),
        ("parentbased_always_on", 0.0, (), True),
        ("parentbased_always_on", 0.0, LEFT_OUT, False),
        ("parentbased_always_off", 1.0, (), False),
        ("parentbased_traceidratio", 1.0, (), True),
    ],
)
async def test_samplers_are_those_of_opentelemetry(
    sampler: str, ratio: float, caller: Trace, kept: bool
) -> None:
    traced = Traced(sampler, ratio)
    begin_request(traced.tracer, "GET", caller, AT_DOOR).end()
    assert bool(traced.sent()) is kept
    traced.provider.shutdown()
