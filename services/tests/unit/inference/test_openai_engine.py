"""What a server answers that is no answer: an error that names the cause, and bounded memory."""

import asyncio
import tracemalloc
from typing import Any

import pytest
from imitations import FakeLlamaCpp, FakeSglang, FakeVllm, Misbehaving, Scripted

from plotlot.domain.errors import (
    EngineFault,
    EngineUnavailable,
    InvalidRequest,
    Overloaded,
    PlotLotError,
    PromptTooLong,
)
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import FakeEngine, HttpRequest, running, send_json
from plotlot.inference.completion import Piece, Prompt, Sampling, Usage
from plotlot.inference.llamacpp_engine import LlamaCppEngine
from plotlot.inference.openai_engine import OpenAiEngine
from plotlot.inference.openai_messages import models_of, usage_of, whole
from plotlot.inference.sglang_engine import SglangEngine
from plotlot.inference.vllm_engine import VllmEngine


def prompt(**changes: Any) -> Prompt:
    return Prompt("fake", (Message("user", "How deep is a rear yard?"),), **changes)


async def written(engine: OpenAiEngine, asked: Prompt | None = None) -> list[Piece]:
    try:
        return [piece async for piece in engine.write(asked or prompt(sampling=Sampling(max_tokens=8)))]
    finally:
        await engine.close()


@pytest.mark.parametrize(
    ("manner", "error", "cause"),
    [
        ("html", EngineFault, "answered text/html, no completion: .*nginx"),
        ("html_error", EngineUnavailable, "said 502"),
        ("error_inside", EngineUnavailable, "CUDA out of memory"),
        ("error_in_stream", EngineUnavailable, "CUDA out of memory"),
        ("no_json", EngineFault, "no JSON"),
        ("no_utf8", EngineFault, "no JSON"),
        ("other_json", EngineFault, "no completion"),
        ("cut_off", EngineUnavailable, "broke off"),
        ("ends_early", EngineUnavailable, "the stream ended before the answer did"),
        ("endless", EngineFault, "wrote on after 8 tokens"),
        ("endless_event", EngineFault, "more than an answer has"),
        ("slow_loris", EngineUnavailable, "nothing came for 0.2 seconds"),
        ("silent", EngineUnavailable, "nothing came for 0.2 seconds"),
    ],
)
async def test_what_is_no_answer_is_named_and_takes_bounded_memory(
    manner: str, error: type[PlotLotError], cause: str
) -> None:
    async with running(Misbehaving(manner)) as server:
        patience = 0.2 if manner in ("slow_loris", "silent") else 60
        engine = OpenAiEngine(server.url, silence_seconds=patience)
        tracemalloc.start()
        async with asyncio.timeout(60):
            with pytest.raises(error, match=cause):
                await written(engine)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 64 << 20


async def test_a_slow_reader_is_not_taken_for_a_silent_engine() -> None:
    async with running(Scripted("a b c")) as server:
        engine = OpenAiEngine(server.url, silence_seconds=0.1)
        texts = []
        async for piece in engine.write(prompt()):
            texts.append(piece.text)
            await asyncio.sleep(0.3)
        await engine.close()
    assert "".join(texts) == "a b c"


async def test_the_request_has_the_shape_of_the_api() -> None:
    sampling = Sampling(0.5, 0.9, 7, seed=3, stop=("\n",))
    async with running(Scripted("yes")) as server:
        await written(OpenAiEngine(f"{server.url}/v1/", "key-1"), prompt(sampling=sampling, request_id="r-1"))
        request = server.requests[0]
    assert request.headers["authorization"] == "Bearer key-1"
    assert request.headers["x-request-id"] == "r-1"
    assert request.json() == {
        "model": "fake",
        "messages": [{"role": "user", "content": "How deep is a rear yard?"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "seed": 3,
        "stop": ["\n"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class Unstreamed(FakeEngine):
    """Answers at once, as some proxies make of a stream."""

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        message = {"role": "assistant", "content": "thirty feet"}
        usage = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        await send_json(writer, {"choices": [choice], "usage": usage})


async def test_a_server_that_does_not_stream_is_understood() -> None:
    async with running(Unstreamed()) as server:
        assert await written(OpenAiEngine(server.url)) == [
            Piece("thirty feet", 1),
            Piece("", 0, "stop", Usage(9, 2, 4)),
        ]


async def test_a_full_engine_says_when_to_come_back() -> None:
    async with running(Scripted()) as server:
        server.full = True
        with pytest.raises(Overloaded) as raised:
            await written(OpenAiEngine(server.url))
    assert raised.value.retry_after_seconds == 7


@pytest.mark.parametrize(("adapter", "fake"), [(VllmEngine, FakeVllm), (SglangEngine, FakeSglang)])
async def test_a_full_queue_of_an_engine_is_told_from_a_broken_engine(
    adapter: type[OpenAiEngine], fake: type[Scripted]
) -> None:
    async with running(fake()) as server:
        server.full = True
        with pytest.raises(Overloaded, match="queue of the engine"):
            await written(adapter(server.url))


@pytest.mark.parametrize(
    ("adapter", "fake", "urgent"), [(VllmEngine, FakeVllm, -1), (SglangEngine, FakeSglang, 1)]
)
async def test_the_urgent_come_first_in_each_engines_own_order(
    adapter: type[OpenAiEngine], fake: type[Scripted], urgent: int
) -> None:
    async with running(fake("yes", "yes")) as server:
        await written(adapter(server.url, sends_urgency=True), prompt(urgency=1))
        await written(adapter(server.url), prompt(urgency=1))
        first, second = server.asked()
    assert first["priority"] == urgent
    assert "priority" not in second


async def test_priorities_that_vllm_does_not_schedule_by_are_the_settings_fault() -> None:
    async with running(FakeVllm(schedules=False)) as server:
        with pytest.raises(EngineFault, match="PLOTLOT_GENERATION_PRIORITIES"):
            await written(VllmEngine(server.url, sends_urgency=True), prompt(urgency=1))


async def test_each_engine_is_told_of_an_adapter_in_its_own_words() -> None:
    async with running(FakeVllm("yes", model="zoning")) as server:
        await written(VllmEngine(server.url), prompt(adapter="zoning"))
        assert server.asked()[0]["model"] == "zoning"
    async with running(FakeSglang("yes")) as server:
        await written(SglangEngine(server.url), prompt(adapter="zoning"))
        assert server.asked()[0]["lora_path"] == "zoning"
        assert server.asked()[0]["model"] == "fake"


async def test_an_adapter_that_llamacpp_has_not_loaded_is_named_with_those_it_has() -> None:
    async with running(FakeLlamaCpp("yes")) as server:
        await written(LlamaCppEngine(server.url), prompt(adapter="zoning"))
        assert server.asked()[0]["lora"] == [{"id": 0, "scale": 1.0}]
        with pytest.raises(InvalidRequest, match="not loaded") as raised:
            await written(LlamaCppEngine(server.url), prompt(adapter="poetry"))
    assert raised.value.suggestions == ("zoning",)


async def test_a_model_that_the_engine_does_not_have_is_named() -> None:
    async with running(FakeVllm(model="other")) as server:
        with pytest.raises(InvalidRequest, match="'fake' is not served") as raised:
            await written(VllmEngine(server.url))
    assert raised.value.field == "model"


def test_half_characters_do_not_get_through() -> None:
    assert whole("caf\u00e9 \U0001f3e0") == "caf\u00e9 \U0001f3e0"
    assert whole("a\ud83d") == "a\ufffd"
    assert whole("\ud83c\udfe0") == "\U0001f3e0"


@pytest.mark.parametrize("odd", [None, "12", -3, float("nan"), [], {"x": 1}])
def test_odd_counts_are_none(odd: Any) -> None:
    assert usage_of({"prompt_tokens": odd, "completion_tokens": 3, "prompt_tokens_details": odd}) == Usage(
        0, 3, 0
    )


@pytest.mark.parametrize("odd", [None, [], {"data": None}, {"data": [1, {"id": 2}]}])
def test_an_odd_list_of_models_is_empty(odd: Any) -> None:
    assert models_of(odd) == ((), None)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens "
            "(4000 in the messages, 1000 in the completion).",
            " by 904 tokens",
        ),
        (
            "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input "
            "tokens, which exceeds this limit even without any output tokens.",
            " by 1 token",
        ),
        ("Input length (9000) exceeds model's maximum context length (8192).", " by 808 tokens"),
        (
            "The decoder prompt (length 9000) plus the number of requested output tokens (at least 1) is longer than "
            "the maximum model length of 8192.",
            " by 808 tokens",
        ),
        (
            "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
            " by 808 tokens",
        ),
        ("the prompt is too long", ""),
    ],
)
def test_how_much_too_long_a_prompt_is_is_read_from_what_engines_say(message: str, said: str) -> None:
    engine = OpenAiEngine("http://nowhere")
    refused = engine.refusal(400, {"message": message}, Prompt("fake", (Message("user", "x"),)))
    assert isinstance(refused, PromptTooLong)
    assert f"than the model reads{said}: " in refused.message
