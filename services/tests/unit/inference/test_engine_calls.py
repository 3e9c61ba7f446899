"""What traces show of calls to engines: read back from an exporter, by the names of the conventions."""

import asyncio
from collections.abc import Iterator

import pytest
from imitations import FakeVllm, Scripted
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes, server_attributes
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from plotlot.domain.admission import Limits
from plotlot.domain.errors import EngineUnavailable
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace, running
from plotlot.inference.completion import Prompt, Sampling
from plotlot.inference.completions import Caller, Completions
from plotlot.inference.gate import Gate
from plotlot.inference.replicas import Replicas
from plotlot.inference.vllm_engine import VllmEngine
from plotlot.telemetry import FIRST_TOKEN_EVENT, GenAi, Metrics, SpanNames

ROOM = Limits(in_flight=10, in_flight_tokens=100_000, waiting=10, waiting_tokens=100_000)
ASKED = Prompt(
    "fake", (Message("user", "How deep?"),), sampling=Sampling(max_tokens=8, seed=7), request_id="request-1"
)


class Traced:
    """A tracer of its own, and the spans that it made."""

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        self._provider = TracerProvider()
        self._provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracer: Tracer = self._provider.get_tracer("test")

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._kept.get_finished_spans()

    def close(self) -> None:
        self._provider.shutdown()


@pytest.fixture
def traced() -> Iterator[Traced]:
    """Spans that are kept."""
    made = Traced()
    yield made
    made.close()


def over(engines: set[str], traced: Traced) -> Completions:
    """Completions over these engines."""
    metrics, now = Metrics(), asyncio.get_running_loop().time
    replicas = Replicas(min(engines), VllmEngine, metrics, now)
    replicas._use(engines)
    return Completions("fake", "vllm", replicas, Gate(ROOM, metrics), metrics, tracer=traced.tracer)


async def test_a_call_is_a_span_with_its_tokens_its_end_and_when_its_first_token_came(traced: Traced) -> None:
    async with running(FakeVllm("the rear yard", pace=Pace(first_token_seconds=0.01))) as engine:
        completions = over({engine.url}, traced)
        async for _ in completions.stream(ASKED, Caller(bundle="b-1")):
            pass
        await completions.close()
    (span,) = traced.spans
    found = dict(span.attributes or {})
    assert (span.name, span.kind) == ("chat fake", SpanKind.CLIENT)
    assert span.status.status_code is StatusCode.UNSET
    assert found[GenAi.OPERATION] == "chat"
    assert found[GenAi.PROVIDER] == "vllm"
    assert found[GenAi.REQUEST_MODEL] == "fake"
    assert (found[GenAi.MAX_TOKENS], found[GenAi.SEED]) == (8, 7)
    assert found[GenAi.OUTPUT_TOKENS] == 3
    assert isinstance(found[GenAi.INPUT_TOKENS], int)
    assert found[GenAi.FINISH_REASONS] == ("stop",)
    assert engine.url == f"http://{found[GenAi.SERVER_ADDRESS]}:{found[GenAi.SERVER_PORT]}"
    assert (found[SpanNames.REQUEST_ID], found[SpanNames.BUNDLE]) == ("request-1", "b-1")
    (first,) = span.events
    assert first.name == FIRST_TOKEN_EVENT
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time < first.timestamp <= span.end_time
    assert isinstance(found[GenAi.TIME_TO_FIRST_CHUNK], float)
    assert "How deep?" not in str(found)  # what users typed stays off


async def test_an_engine_is_told_of_the_trace_so_that_it_can_go_on_with_it(traced: Traced) -> None:
    async with running(FakeVllm("yes")) as engine:
        completions = over({engine.url}, traced)
        await completions.complete(ASKED, Caller())
        await completions.close()
    (span,) = traced.spans
    (sent,) = [each.headers for each in engine.requests if each.path == "/v1/chat/completions"]
    assert (
        f"{span.get_span_context().trace_id:032x}-{span.get_span_context().span_id:016x}"
        in sent["traceparent"]
    )


async def test_each_engine_that_is_asked_has_a_span_and_the_one_that_failed_says_so(traced: Traced) -> None:
    async with running(FakeVllm("yes")) as there:
        away = FakeVllm()
        await away.start()
        await away.stop()
        completions = over({there.url, away.url}, traced)
        for number in range(20):  # some key prefers the one that is away
            await completions.complete(ASKED, Caller(affinity_key=str(number)))
        await completions.close()
    failed = [span for span in traced.spans if span.status.status_code is StatusCode.ERROR]
    assert failed
    assert {dict(span.attributes or {})[GenAi.ERROR_TYPE] for span in failed} == {EngineUnavailable.id}
    attempts = [dict(span.attributes or {})[SpanNames.ATTEMPT] for span in traced.spans]
    assert attempts.count(2) == len(failed)


async def test_a_caller_that_leaves_is_no_error_of_the_engine(traced: Traced) -> None:
    async with running(FakeEngine(Pace(token_seconds=0.01))) as engine:
        completions = over({engine.url}, traced)
        stream = completions.stream(ASKED, Caller())
        await anext(stream)
        await stream.aclose()
        await completions.close()
    (span,) = traced.spans
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {})[GenAi.ERROR_TYPE] == "cancelled"


async def test_without_a_tracer_nothing_is_sent_beside_the_request() -> None:
    async with running(Scripted("yes")) as engine:
        metrics, now = Metrics(), asyncio.get_running_loop().time
        replicas = Replicas(engine.url, VllmEngine, metrics, now)
        completions = Completions("fake", "vllm", replicas, Gate(ROOM, metrics), metrics)
        await completions.complete(ASKED, Caller())
        await completions.close()
    assert "traceparent" not in engine.requests[0].headers


def test_the_names_are_those_of_the_conventions() -> None:
    known = {
        value
        for module in (gen_ai_attributes, server_attributes, error_attributes)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    ours = {value for name, value in vars(GenAi).items() if name.isupper() and name != "CHAT"}
    assert ours <= known
    assert gen_ai_attributes.GenAiOperationNameValues.CHAT.value == GenAi.CHAT
