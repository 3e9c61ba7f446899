"""What every engine does, whichever it is: a real llama.cpp server, fakes in the shapes of others, quotes alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any

import httpx
import llamacpp_server
import numpy as np
import pytest
from imitations import CONTEXT, FakeLlamaCpp, FakeSglang, FakeVllm, Scripted

from plotlot.domain.errors import EngineUnavailable, NoGenerator, PromptTooLong
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace, running
from plotlot.inference.completion import Engine, Piece, Prompt, Sampling
from plotlot.inference.embedding import Embeddings
from plotlot.inference.extractive import ExtractiveEngine
from plotlot.inference.extractive_engine import ExtractiveWriter
from plotlot.inference.llamacpp_engine import LlamaCppEngine
from plotlot.inference.openai_engine import OpenAiEngine
from plotlot.inference.prometheus_text import samples
from plotlot.inference.sglang_engine import SglangEngine
from plotlot.inference.structured import check_answer
from plotlot.inference.trials import tried
from plotlot.inference.vllm_engine import VllmEngine

ADAPTERS = {
    "openai": (OpenAiEngine, Scripted),
    "vllm": (VllmEngine, FakeVllm),
    "sglang": (SglangEngine, FakeSglang),
    "llamacpp": (LlamaCppEngine, FakeLlamaCpp),
}
SCHEMA = {
    "type": "object",
    "properties": {"value": {"type": "number"}, "unit": {"enum": ["ft", "sqft"]}},
    "required": ["value", "unit"],
    "additionalProperties": False,
}
YARDS = "The rear yard shall be thirty feet deep. The front yard shall be twenty feet deep."


class AllAlike:
    """Vectors that are all the same: every sentence is as near as the next."""

    model, engine, dimensions = "alike", "test", 2

    def load(self) -> None:
        """Nothing."""

    def embed(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings(np.tile(np.array([[1.0, 0.0]], np.float32), (len(texts), 1)), len(texts))


class Case:
    """An engine, and what is behind it."""

    def __init__(self, kind: str, engine: Engine, model: str, fake: FakeEngine | None = None) -> None:
        self.kind, self.engine, self.model, self.fake = kind, engine, model, fake

    def prompt(self, text: str = YARDS, **changes: Any) -> Prompt:
        """A prompt that has something to say."""
        messages = (Message("user", text), Message("user", "How deep is the rear yard, in feet?"))
        return Prompt(self.model, messages, **{"sampling": Sampling(max_tokens=12), **changes})

    async def is_idle(self) -> bool:
        """Whether the engine works on nothing, by its own account."""
        if self.fake is not None:
            return self.fake.working == 0
        if self.kind == "extractive":
            return True
        async with httpx.AsyncClient() as client:
            slots = (await client.get(self.engine.endpoint + "/slots")).json()
        return not any(slot["is_processing"] for slot in slots)


@pytest.fixture(scope="session")
def llamacpp() -> Iterator[str]:
    """The URL of a real llama.cpp server."""
    if lacking := llamacpp_server.lacking():
        pytest.skip(lacking)
    with llamacpp_server.served() as (url, _):
        yield url


@pytest.fixture(params=["extractive", *ADAPTERS, "real llamacpp"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """One engine after the other."""
    async with AsyncExitStack() as stack:
        if request.param == "extractive":
            made = Case("extractive", ExtractiveWriter(ExtractiveEngine(AllAlike())), "extractive")
        elif request.param == "real llamacpp":
            url = request.getfixturevalue("llamacpp")
            made = Case("real llamacpp", LlamaCppEngine(url), llamacpp_server.MODEL)
        else:
            adapter, fake_kind = ADAPTERS[request.param]
            fake = await stack.enter_async_context(running(fake_kind(pace=Pace(token_seconds=0.001))))
            made = Case(request.param, adapter(fake.url), fake.model, fake)
        yield made
        await made.engine.close()


async def pieces(case: Case, prompt: Prompt) -> list[Piece]:
    return [piece async for piece in case.engine.write(prompt)]


async def test_an_answer_comes_in_pieces_and_ends_with_why_and_with_its_tokens(case: Case) -> None:
    *written, last = await pieces(case, case.prompt())
    assert "".join(piece.text for piece in written).strip()
    assert not any(piece.finish_reason for piece in written)
    assert last.finish_reason in ("stop", "length")
    assert last.usage is not None
    assert last.usage.prompt_tokens > 0
    assert 0 < last.usage.completion_tokens <= 12


async def test_no_more_is_written_than_was_asked_for(case: Case) -> None:
    *written, last = await pieces(case, case.prompt(sampling=Sampling(max_tokens=3)))
    assert last.finish_reason == "length"
    assert last.usage is not None
    assert last.usage.completion_tokens == 3
    assert sum(piece.tokens for piece in written) <= 4  # the real engine counts its end, or not


async def test_an_answer_follows_its_schema_or_the_engine_says_that_it_cannot(case: Case) -> None:
    if case.kind == "extractive":
        with pytest.raises(NoGenerator, match="PLOTLOT_GENERATION_URL"):
            await pieces(case, case.prompt(schema=SCHEMA))
        return
    if isinstance(case.fake, Scripted):
        case.fake.answers = [json.dumps({"value": 30, "unit": "ft"})]
    *written, last = await pieces(case, case.prompt(schema=SCHEMA, sampling=Sampling(max_tokens=40)))
    check_answer("".join(piece.text for piece in written), SCHEMA, last.finish_reason)
    if isinstance(case.fake, Scripted):
        sent = case.fake.asked()[0]
        assert sent["response_format"]["json_schema"]["schema"] == SCHEMA
        assert not [name for name in sent if name.startswith("guided")]  # engines ignore these without a word


async def test_a_prompt_that_is_too_long_is_the_callers_fault_and_says_by_how_much(case: Case) -> None:
    if case.kind == "extractive":
        return  # it reads any length
    words = 2 * (llamacpp_server.CONTEXT if case.kind == "real llamacpp" else CONTEXT)
    with pytest.raises(PromptTooLong, match=r"\d{4}"):
        await pieces(case, case.prompt("yard " * words))


async def test_many_are_answered_at_once(case: Case) -> None:
    prompt = case.prompt(sampling=Sampling(max_tokens=2))
    answers = await asyncio.gather(*(pieces(case, prompt) for _ in range(5)))
    assert all(answer[-1].finish_reason for answer in answers)


async def test_an_engine_stops_working_where_its_caller_leaves(case: Case) -> None:
    async with aclosing(case.engine.write(case.prompt(sampling=Sampling(max_tokens=400)))) as writing:  # type: ignore[type-var]
        async for piece in writing:
            if piece.text:
                break
    async with asyncio.timeout(10):
        while not (idle := await case.is_idle()):
            await asyncio.sleep(0.02)
    assert idle


async def test_a_cancelled_caller_is_cancelled(case: Case) -> None:
    if case.kind == "extractive":
        return  # a thread cannot be
    task = asyncio.create_task(pieces(case, case.prompt(sampling=Sampling(max_tokens=400))))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_engine_says_how_it_is(case: Case) -> None:
    state = await case.engine.state()
    assert state.ready, state.reason
    assert len(state.models) == 1
    assert await case.engine.alive()
    if case.kind not in ("extractive", "openai"):
        assert state.version
        assert state.max_tokens
        assert state.running is not None
        assert state.waiting is not None
    if case.fake is not None and case.kind != "openai":
        assert (state.running, state.waiting, state.prefix_hit_rate) == (3, 2, 0.25)


async def test_nobody_asks_sglang_for_its_health_which_writes_a_token(case: Case) -> None:
    if isinstance(case.fake, FakeSglang):
        await case.engine.state()
        await case.engine.alive()
        assert not {"/health", "/health_generate"} & {each.path for each in case.fake.requests}


@pytest.mark.parametrize("kind", ADAPTERS)
async def test_an_engine_that_is_away_is_not_ready_and_says_where_it_was_looked_for(kind: str) -> None:
    engine = ADAPTERS[kind][0]("http://127.0.0.1:1")
    state = await engine.state()
    assert not state.ready
    assert "127.0.0.1:1" in state.reason
    assert not await engine.alive()
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await pieces(Case(kind, engine, "fake"), Case(kind, engine, "fake").prompt())
    await engine.close()


async def test_a_real_engine_killed_while_it_writes_ends_the_answer_at_once() -> None:
    if lacking := llamacpp_server.lacking():
        pytest.skip(lacking)
    with llamacpp_server.served() as (url, process):
        engine = LlamaCppEngine(url)
        case = Case("real llamacpp", engine, llamacpp_server.MODEL)
        writing = engine.write(case.prompt(sampling=Sampling(max_tokens=500)))
        await anext(writing)  # type: ignore[arg-type]
        process.kill()
        async with asyncio.timeout(2):  # what the caller is promised
            with pytest.raises(EngineUnavailable, match="broke off"):
                [piece async for piece in writing]
        await engine.close()


async def test_the_real_server_publishes_what_is_read_of_it(llamacpp: str) -> None:
    async with httpx.AsyncClient() as client:
        published = samples((await client.get(f"{llamacpp}/metrics")).text)
    assert LlamaCppEngine.metrics.keys() | set(LlamaCppEngine.tokens_in_cache) <= published.keys()


async def test_the_real_server_is_found_to_keep_to_a_schema(llamacpp: str) -> None:
    engine = LlamaCppEngine(llamacpp)
    trial = await tried(engine, llamacpp_server.MODEL)
    await engine.close()
    assert not trial.advice
    assert "keeps to a schema" in trial.detail
