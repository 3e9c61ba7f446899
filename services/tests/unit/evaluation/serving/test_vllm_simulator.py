"""The simulator speaks as vLLM does to what reads it: its queue shows, and is refused where it is full."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plotlot.domain.errors import Overloaded
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import Pace, running
from plotlot.evaluation.serving.vllm_simulator import SimulatedVllm
from plotlot.inference.completion import Prompt, Sampling
from plotlot.inference.vllm_engine import VllmEngine

PROMPT = Prompt("fake", (Message("user", "How deep?"),), sampling=Sampling(max_tokens=3))


async def test_its_queue_shows_in_the_metrics_that_vllm_has() -> None:
    simulator = SimulatedVllm(Pace(first_token_seconds=60, slots=2), "fake", most_queued=1)
    async with running(simulator):
        engine = VllmEngine(simulator.url)
        working = [asyncio.create_task(written(engine)) for _ in range(3)]
        while simulator.inside < 3:
            await asyncio.sleep(0.01)
        with pytest.raises(Overloaded, match="is full"):
            await written(engine)
        state = await engine.state()
        assert (state.running, state.waiting, state.kv_cache_use) == (2, 1, 1.0)
        assert (state.ready, state.version, state.models) == (True, "0.33.0", ("fake",))
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await engine.close()


async def test_it_ends_what_is_in_flight_before_it_ends() -> None:
    simulator = SimulatedVllm(Pace(first_token_seconds=0.2), "fake", most_queued=1)
    engine = VllmEngine(await simulator.start())
    answer = asyncio.create_task(written(engine))
    while not simulator.inside:
        await asyncio.sleep(0.01)
    await simulator.drain(60)
    assert await answer == "lot lot lot "
    await engine.close()


async def written(engine: VllmEngine) -> str:
    """A whole answer."""
    pieces: AsyncIterator[str] = (piece.text async for piece in engine.write(PROMPT))
    return "".join([text async for text in pieces])
