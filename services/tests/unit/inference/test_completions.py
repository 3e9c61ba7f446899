"""Answers come from whichever replica gives them, once; what must follow a schema does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from imitations import FakeVllm, Misbehaving, Scripted

from plotlot.domain.admission import Limits
from plotlot.domain.circuits import CircuitState
from plotlot.domain.errors import (
    DeadlineExceeded,
    EngineFault,
    EngineUnavailable,
    InvalidOutput,
    Overloaded,
    PromptTooLong,
)
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace, running
from plotlot.inference.completion import Prompt, Sampling
from plotlot.inference.completions import Caller, Completions, Written
from plotlot.inference.gate import Gate
from plotlot.inference.openai_engine import OpenAiEngine
from plotlot.inference.replicas import Replicas
from plotlot.telemetry import Metrics

LIMITS = Limits(in_flight=100, in_flight_tokens=1_000_000, waiting=100, waiting_tokens=1_000_000)
SCHEMA = {"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]}
GOOD, BAD = json.dumps({"value": 30}), json.dumps({"value": "30"})
NOBODY = Caller()


class Bench:
    """Completions over fakes, with their metrics."""

    def __init__(self, fakes: tuple[FakeEngine, ...], completions: Completions, metrics: Metrics) -> None:
        self.fakes, self.completions, self.metrics = fakes, completions, metrics

    def figure(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"plotlot_{name}", labels) or 0.0


@asynccontextmanager
async def over(
    *fakes: FakeEngine, limits: Limits = LIMITS, hedge: float | None = None, silence: float = 60
) -> AsyncIterator[Bench]:
    """Completions over these engines."""
    metrics, now = Metrics(), asyncio.get_running_loop().time
    async with AsyncExitStack() as stack:
        for fake in fakes:
            await stack.enter_async_context(running(fake))
        replicas = Replicas(
            fakes[0].url, lambda url: OpenAiEngine(url, silence_seconds=silence), metrics, now
        )
        replicas._use({fake.url for fake in fakes})
        completions = Completions("fake", "openai", replicas, Gate(limits, metrics), metrics, hedge)
        try:
            yield Bench(fakes, completions, metrics)
        finally:
            await completions.close()


def prompt(**changes: Any) -> Prompt:
    return Prompt("fake", (Message("user", "How deep?"),), **{"sampling": Sampling(max_tokens=8), **changes})


async def streamed(bench: Bench, asked: Prompt, caller: Caller = NOBODY) -> tuple[str, Written]:
    texts: list[str] = []
    async for part in bench.completions.stream(asked, caller):
        if isinstance(part, Written):
            return "".join(texts), part
        texts.append(part)
    raise AssertionError("a stream ends with the whole")


async def test_a_stream_ends_with_the_whole_and_its_figures() -> None:
    async with over(FakeVllm("the rear yard")) as bench:
        text, whole = await streamed(bench, prompt(), Caller(account="key-1", bundle="b-1"))
        assert text == whole.text == "the rear yard"
        assert (whole.finish_reason, whole.attempts) == ("stop", 1)
        assert whole.first_token_seconds > 0
        assert bench.figure("inference_requests_total", model="fake", result="ok") == 1
        labels = {"model": "fake", "kind": "completion", "account": "key-1", "bundle": "b-1"}
        assert bench.figure("inference_tokens_total", **labels) == 3


async def test_an_answer_that_breaks_its_schema_is_told_so_and_asked_again_once() -> None:
    fake = Scripted(BAD, GOOD)
    async with over(fake) as bench:
        whole = await bench.completions.complete(prompt(schema=SCHEMA), NOBODY)
        assert whole.text == GOOD
        assert whole.attempts == 2
        assert bench.figure("inference_output_checks_total", result="repaired") == 1
    *_, answered, complaint = fake.asked()[1]["messages"]
    assert answered == {"role": "assistant", "content": BAD}
    assert "'30' is not of type 'number'" in complaint["content"]


async def test_an_answer_that_breaks_its_schema_twice_is_reported_and_not_passed_on() -> None:
    fake = Scripted(BAD, '{"value": 1, "value": 2}')
    async with over(fake) as bench:
        with pytest.raises(InvalidOutput, match=r"not of type 'number'; then .*more than once"):
            await bench.completions.complete(prompt(schema=SCHEMA), NOBODY)
        assert len(fake.asked()) == 2
        assert bench.figure("inference_output_checks_total", result="invalid") == 1
        assert bench.figure("inference_requests_total", model="fake", result="invalid-output") == 1


async def test_a_streamed_answer_that_breaks_its_schema_ends_in_an_error() -> None:
    async with over(Scripted(BAD)) as bench:
        with pytest.raises(InvalidOutput):
            await streamed(bench, prompt(schema=SCHEMA))


async def test_another_replica_answers_where_one_is_away() -> None:
    away, there = Scripted(), Scripted("yes")
    async with over(away, there) as bench:
        caller = Caller(affinity_key=await key_of(bench, away))
        await away.stop()
        for _ in range(4):
            there.answers = ["yes"]
            assert (await bench.completions.complete(prompt(), caller)).text == "yes"
        assert bench.figure("inference_repeats_total", reason="failover") >= 1
        assert len(there.asked()) == 4, "and nothing was answered twice"


async def test_nothing_is_sent_again_once_something_was_passed_on() -> None:
    broken, there = Misbehaving("cut_off"), Scripted()
    there.model = broken.model
    async with over(broken, there) as bench:
        key = await key_of(bench, broken)
        parts = bench.completions.stream(prompt(), Caller(affinity_key=key))
        assert await anext(parts) == "The rear"
        with pytest.raises(EngineUnavailable, match="broke off"):
            await anext(parts)
        assert not there.asked()


async def test_no_more_than_a_share_is_sent_again_in_an_outage() -> None:
    first, second = Misbehaving("html"), Misbehaving("html")
    first.keeps_requests = second.keeps_requests = True
    async with over(first, second) as bench:
        for replica in bench.completions.replicas:
            replica.circuit = replace(replica.circuit, failures=-10_000)  # only the budget is tried here
        for _ in range(100):
            with pytest.raises(EngineFault):
                await bench.completions.complete(prompt(), NOBODY)
        sent = len(first.requests) + len(second.requests)
        assert (
            sent <= 100 + 20 + 20 + 10
        )  # a share of a fifth, what was saved up, and some for the time it takes


async def test_a_replica_that_keeps_failing_is_left_alone() -> None:
    async with over(Misbehaving("html")) as bench:
        for _ in range(3):
            with pytest.raises(EngineFault):
                await bench.completions.complete(prompt(), NOBODY)
        (replica,) = bench.completions.replicas
        assert replica.circuit.open_until is not None
        with pytest.raises(EngineUnavailable, match="none of 1 engines takes requests"):
            await bench.completions.complete(prompt(), NOBODY)


async def test_a_replica_that_hangs_is_noticed_and_its_requests_go_elsewhere() -> None:
    hanging, there = Hanging(), Scripted("yes")
    async with over(hanging, there) as bench:
        hanging.hangs = True
        key = await key_of(bench, hanging)
        asked = asyncio.create_task(bench.completions.complete(prompt(), Caller(affinity_key=key)))
        watching = asyncio.create_task(bench.completions.watch())
        async with asyncio.timeout(10):
            assert (await asked).text == "yes"
        watching.cancel()
        states = {each.engine.endpoint: each.circuit for each in bench.completions.replicas}
        assert states[hanging.url].open_until is not None
        assert states[there.url].state(0) is CircuitState.CLOSED


async def test_a_replica_that_writes_is_not_taken_to_hang_though_it_does_not_say_how_it_is() -> None:
    busy = Hanging(pace=Pace(token_seconds=0.2))
    async with over(busy) as bench:
        busy.hangs_when_asked = True
        watching = asyncio.create_task(bench.completions.watch())
        async with asyncio.timeout(60):
            whole = await bench.completions.complete(prompt(sampling=Sampling(max_tokens=30)), NOBODY)
        watching.cancel()
        assert whole.usage.completion_tokens == 30


async def test_a_second_replica_is_asked_where_the_first_does_not_begin() -> None:
    slow, fast = Scripted(pace=Pace(first_token_seconds=30)), Scripted("yes")
    async with over(slow, fast, hedge=0.05) as bench:
        key = await key_of(bench, slow)
        async with asyncio.timeout(10):
            whole = await bench.completions.complete(prompt(), Caller(affinity_key=key))
        assert whole.text == "yes"
        assert bench.figure("inference_repeats_total", reason="hedge") == 1
        await until(lambda: slow.working == 0)  # and the slow one is told that nobody waits any more


async def test_requests_of_one_key_go_to_one_replica() -> None:
    fakes = tuple(Scripted() for _ in range(3))
    async with over(*fakes) as bench:
        for _ in range(6):
            await bench.completions.complete(prompt(), Caller(affinity_key="town-7"))
    assert sorted(len(fake.asked()) for fake in fakes) == [0, 0, 6]


async def test_what_does_not_fit_is_shed_with_when_to_come_back() -> None:
    tight = Limits(in_flight=1, in_flight_tokens=1000, waiting=1, waiting_tokens=1000)
    fake = Scripted(pace=Pace(first_token_seconds=0.2))
    async with over(fake, limits=tight) as bench:
        tasks = [asyncio.create_task(bench.completions.complete(prompt(), NOBODY)) for _ in range(3)]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        shed = [each for each in answers if isinstance(each, Overloaded)]
        assert len(shed) == 1
        assert shed[0].retry_after_seconds > 0
        assert len(fake.asked()) == 2
        assert bench.figure("inference_rejections_total", reason="full") == 1
        with pytest.raises(PromptTooLong, match="more than the 1,000 that fit"):
            await bench.completions.complete(prompt(sampling=Sampling(max_tokens=5000)), NOBODY)


async def test_a_deadline_that_has_passed_reaches_no_engine() -> None:
    fake = Scripted()
    async with over(fake) as bench:
        late = Caller(deadline=asyncio.get_running_loop().time() - 1)
        with pytest.raises(DeadlineExceeded):
            await bench.completions.complete(prompt(), late)
        assert not fake.asked()


async def test_whoever_leaves_frees_its_place_in_the_queue_and_at_the_engine() -> None:
    tight = Limits(in_flight=1, in_flight_tokens=1000, waiting=5, waiting_tokens=5000)
    fake = Scripted(pace=Pace(first_token_seconds=30))
    async with over(fake, limits=tight) as bench:
        queue = bench.completions.gate.queue
        working = asyncio.create_task(bench.completions.complete(prompt(), NOBODY))
        waiting = asyncio.create_task(bench.completions.complete(prompt(), NOBODY))
        await until(lambda: (queue.in_flight, queue.waiting, fake.working) == (1, 1, 1))
        waiting.cancel()
        await until(lambda: queue.waiting == 0)
        working.cancel()
        await until(lambda: queue.in_flight == 0 and fake.working == 0)
        await asyncio.gather(working, waiting, return_exceptions=True)
        assert len(fake.asked()) == 1
        assert bench.figure("inference_requests_total", model="fake", result="cancelled") == 2


async def test_a_stream_that_its_reader_leaves_frees_its_place() -> None:
    async with over(FakeEngine(Pace(token_seconds=0.01))) as bench:
        asked = prompt(sampling=Sampling(max_tokens=5000))
        async with aclosing(bench.completions.stream(asked, NOBODY)) as parts:
            await anext(parts)
        assert bench.completions.gate.queue.in_flight == 0
        await until(lambda: bench.fakes[0].working == 0)


class Hanging(Scripted):
    """Answers nothing while it hangs; or nothing about itself."""

    hangs = hangs_when_asked = False

    async def answer(self, request: Any, writer: asyncio.StreamWriter) -> None:
        """Hang, or answer."""
        if self.hangs or (self.hangs_when_asked and request.method == "GET"):
            await asyncio.sleep(3600)
        await super().answer(request, writer)


async def key_of(bench: Bench, fake: FakeEngine) -> str:
    """A key that prefers this replica."""
    for number in range(200):
        key = f"key-{number}"
        if (await bench.completions.replicas.pick(key)).engine.endpoint == fake.url:
            return key
    raise AssertionError("no key prefers it")


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for a while."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)
