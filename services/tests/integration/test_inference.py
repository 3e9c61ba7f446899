"""The service as its callers meet it: two settings, real gRPC, an engine behind it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import llamacpp_server
import pytest
from imitations import FakeVllm, Scripted, json_answer

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.domain.errors import (
    DeadlineExceeded,
    InvalidOutput,
    InvalidRequest,
    NoGenerator,
    Overloaded,
    PromptTooLong,
    UnsupportedSchema,
)
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace, running
from plotlot.rpc.channels import open_channel
from plotlot.rpc.context import ACCOUNT
from plotlot.rpc.errors import calling
from plotlot.runtime.process import Runtime
from plotlot.settings import Settings

SCHEMA = json_answer({"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]})
QUESTION = [messages.Message(role="user", content="How deep is a rear yard?")]
PASSAGES = [
    messages.Passage(id="signs", text="A sign shall not flash."),
    messages.Passage(id="yards", text="Rear yards shall be\nthirty feet deep. Fences are permitted."),
]


@asynccontextmanager
async def serving(tmp_path: Path, **settings: Any) -> AsyncIterator[Any]:
    """A stub of an inference service of its own with these settings."""
    made = Settings(data_dir=tmp_path, grpc_address="127.0.0.1:0", **settings)
    async with Runtime(made, ["inference"]) as runtime:
        channel = open_channel(runtime.address, local=True)
        stub: Any = InferenceServiceStub(channel)
        stub.channel, stub.metrics = channel, runtime.metrics
        yield stub
        await channel.close()


@asynccontextmanager
async def before(tmp_path: Path, engine: FakeEngine, **settings: Any) -> AsyncIterator[Any]:
    """The service before an engine, by the two settings that users set."""
    async with running(engine):
        named = {"generation_url": engine.url, "generation_model": engine.model, **settings}
        async with serving(tmp_path, **named) as stub:
            yield stub


async def generate(stub: Any, allowed: float = 20, **fields: Any) -> messages.GenerateResponse:
    with calling("inference"):
        return await stub.Generate(
            messages.GenerateRequest(**{"messages": QUESTION, **fields}), timeout=allowed
        )


async def test_a_stream_is_passed_on_and_ends_with_its_figures(tmp_path: Path) -> None:
    engine = FakeVllm("thirty feet deep")
    async with before(tmp_path, engine, generation_engine="vllm") as stub:
        request = messages.GenerateStreamRequest(request=messages.GenerateRequest(messages=QUESTION))
        *texts, last = [part async for part in stub.GenerateStream(request)]
        state = await stub.GetEngineState(messages.GetEngineStateRequest())
        listed = await stub.ListModels(messages.ListModelsRequest())
    assert "".join(part.text for part in texts) == last.result.answer == "thirty feet deep"
    assert (last.result.engine, last.result.model, last.result.finish_reason) == ("vllm", "fake", "stop")
    assert last.result.completion_tokens == 3
    assert (state.engines[0].version, state.engines[0].ready, state.engines[0].breaker) == (
        "0.33.0",
        True,
        "closed",
    )
    assert state.engines[0].kv_cache_use == 0.25
    embeds, model, quotes = listed.models
    assert (embeds.task, model.task, quotes.task) == ("embed", "generate", "generate")
    assert (model.name, model.engine, quotes.engine) == ("fake", "vllm", "extractive")


async def test_a_schema_holds_or_the_caller_is_told(tmp_path: Path) -> None:
    good, bad = json_answer({"value": 30}), json_answer({"value": "30"})
    async with before(tmp_path, Scripted(bad, good, bad, bad)) as stub:
        answer = await generate(stub, json_schema=SCHEMA)
        assert (answer.answer, answer.attempts) == (good, 2)
        with pytest.raises(InvalidOutput, match="twice"):
            await generate(stub, json_schema=SCHEMA)


async def test_questions_are_answered_by_quotes_that_stand_and_by_nothing_else(tmp_path: Path) -> None:
    picked = {
        "quotes": [
            {"passage": 2, "text": "Rear yards shall be thirty feet deep."},
            {"passage": 1, "text": "Rear yards shall be forty feet deep."},
        ]
    }
    engine = Scripted(
        json_answer(picked), json_answer({"quotes": []}), json_answer({"quotes": picked["quotes"][1:]})
    )
    async with before(tmp_path, engine) as stub:
        asked = {"messages": [], "question": "How deep is a rear yard?", "passages": PASSAGES}
        answer = await generate(stub, **asked)
        assert answer.answer == "Rear yards shall be thirty feet deep."
        assert [(quote.passage, quote.start, quote.end) for quote in answer.quotes] == [("yards", 0, 37)]
        assert answer.model == "fake"
        engine.answers += ["Thirty feet.", "Really, thirty feet."]
        for _ in range(3):  # it quotes nothing; it makes something up; it does not keep to quotes
            answer = await generate(stub, **asked)
            assert not answer.answer
            assert not answer.quotes


async def test_without_a_model_it_quotes_and_says_what_to_set_for_more(tmp_path: Path) -> None:
    said = [
        messages.Message(role="system", content="A rear yard is thirty feet deep.\nSigns are dark."),
        *QUESTION,
    ]
    async with serving(tmp_path) as stub:
        answer = await generate(stub, allowed=60, messages=said)
        assert (answer.answer, answer.engine) == ("A rear yard is thirty feet deep.", "extractive")
        with pytest.raises(NoGenerator, match="PLOTLOT_GENERATION_URL"):
            await generate(stub, json_schema=SCHEMA)
        (state,) = (await stub.GetEngineState(messages.GetEngineStateRequest())).engines
        assert (state.engine, state.ready) == ("extractive", True)


LONG = [messages.Message(role="user", content="yard " * 100_000)]


@pytest.mark.parametrize(
    ("fields", "error", "field", "said"),
    [
        ({"model": "gpt"}, InvalidRequest, "model", "fake"),
        ({"messages": LONG}, PromptTooLong, "messages", "100,000 over the limit of 400,000"),
        ({"json_schema": '{"type": "nope"}'}, UnsupportedSchema, "json_schema", "nope"),
        ({"priority": "now"}, InvalidRequest, "priority", "interactive, normal or batch"),
        (
            {"messages": [messages.Message(role="robot", content="x")]},
            InvalidRequest,
            "messages",
            "role 'robot'",
        ),
        ({"messages": [messages.Message(role="user", content=" ")]}, InvalidRequest, "messages", "nothing"),
        ({"messages": QUESTION * 201}, InvalidRequest, "messages", "at most 200"),
        ({"question": "and this?"}, InvalidRequest, "messages", "not both"),
        ({"sampling": {"temperature": 3}}, InvalidRequest, "sampling.temperature", "0 to 2"),
        ({"sampling": {"temperature": float("nan")}}, InvalidRequest, "sampling.temperature", "0 to 2"),
        ({"sampling": {"top_p": 0}}, InvalidRequest, "sampling.top_p", "above 0"),
        ({"sampling": {"max_tokens": 0}}, InvalidRequest, "sampling.max_tokens", "1 to"),
        ({"sampling": {"stop": [""]}}, InvalidRequest, "sampling.stop", "at most"),
        ({"affinity_key": "k" * 300}, InvalidRequest, "affinity_key", "200 characters"),
    ],
)
async def test_what_cannot_be_asked_names_the_field_and_reaches_no_engine(
    tmp_path: Path,
    engine_before: tuple[FakeVllm, Any],
    fields: Any,
    error: type[Exception],
    field: str,
    said: str,
) -> None:
    engine, stub = engine_before
    with pytest.raises(error, match=said) as raised:
        await generate(stub, **fields)
    assert raised.value.field == field  # type: ignore[attr-defined]
    assert not engine.asked()


@pytest.fixture(scope="module")
async def engine_before(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FakeVllm, Any]]:
    """A service that several tests share, and its engine."""
    engine = FakeVllm()
    async with before(tmp_path_factory.mktemp("data"), engine) as stub:
        yield engine, stub


async def test_a_text_that_is_not_utf8_is_the_callers_fault(engine_before: tuple[FakeVllm, Any]) -> None:
    _, stub = engine_before
    good = messages.GenerateRequest(
        messages=[messages.Message(role="user", content="AAAA")]
    ).SerializeToString()
    call = stub.channel.unary_unary("/plotlot.api.inference.v1.InferenceService/Generate")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call(good.replace(b"AAAA", b"\xff\xfe\xfa\xfb"))
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "UTF-8" in (raised.value.details() or "")


async def test_what_does_not_fit_is_told_when_to_come_back(tmp_path: Path) -> None:
    engine = FakeEngine(Pace(first_token_seconds=0.5))
    async with before(tmp_path, engine, generation_concurrency=1, generation_queue=1) as stub:
        asked = [asyncio.create_task(generate(stub)) for _ in range(4)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    shed = [each for each in answers if isinstance(each, Overloaded)]
    assert len(shed) == 2
    assert all(each.retry_after_seconds > 0 for each in shed)


async def test_a_caller_that_leaves_or_runs_out_of_time_stops_the_engine(tmp_path: Path) -> None:
    engine = FakeEngine(Pace(token_seconds=0.02))
    async with before(tmp_path, engine) as stub:
        request = messages.GenerateRequest(messages=QUESTION, sampling=messages.Sampling(max_tokens=5000))
        stream = stub.GenerateStream(messages.GenerateStreamRequest(request=request))
        await stream.read()
        assert engine.working == 1
        stream.cancel()
        await idle(engine)
        with pytest.raises(DeadlineExceeded):
            await generate(stub, allowed=0.3, sampling=messages.Sampling(max_tokens=5000))
        await idle(engine)


@pytest.fixture(scope="module")
def real_llamacpp() -> Iterator[str]:
    """The URL of a real llama.cpp server."""
    if lacking := llamacpp_server.lacking():
        pytest.skip(lacking)
    with llamacpp_server.served() as (url, _):
        yield url


async def test_a_real_model_answers_by_a_schema(tmp_path: Path, real_llamacpp: str) -> None:
    named = {"generation_engine": "llamacpp", "generation_model": llamacpp_server.MODEL}
    async with serving(tmp_path, generation_url=real_llamacpp, **named) as stub:
        answer = await generate(
            stub, allowed=120, json_schema=SCHEMA, sampling=messages.Sampling(max_tokens=60), priority="batch"
        )
    assert '"value"' in answer.answer
    assert answer.prompt_tokens > 0
    assert answer.time_to_first_token_seconds > 0


async def idle(engine: FakeEngine) -> None:
    """Wait until the engine works on nothing."""
    async with asyncio.timeout(10):
        while engine.working:
            await asyncio.sleep(0.02)


async def test_who_asks_the_gateway_counts_in_their_own_share(tmp_path: Path) -> None:
    async with before(tmp_path, FakeVllm("yes")) as stub:
        for sent, said in (("key-1", ""), ("key-1", "key-2")):
            request = messages.GenerateRequest(messages=QUESTION, account=said)
            await stub.Generate(request, timeout=20, metadata=((ACCOUNT, sent),))
        counted = {
            sample.labels["account"]
            for metric in stub.metrics.registry.collect()
            for sample in metric.samples
            if sample.name == "plotlot_inference_tokens_total"
        }
    assert counted == {"key-1", "key-2"}
