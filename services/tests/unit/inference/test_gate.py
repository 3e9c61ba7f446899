"""Places are given back, whenever whoever had or wanted them leaves."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.admission import Limits
from plotlot.domain.errors import Overloaded
from plotlot.inference.gate import Gate
from plotlot.telemetry import Metrics

ONE = Limits(in_flight=1, in_flight_tokens=100, waiting=20, waiting_tokens=1000)


def gate() -> Gate:
    return Gate(ONE, Metrics())


async def enter(one: Gate, held: asyncio.Event) -> None:
    async with one.passage(10, None, "", 0):
        await held.wait()


async def test_who_is_cancelled_in_the_moment_of_its_turn_gives_its_place_back() -> None:
    one, held = gate(), asyncio.Event()
    async with AsyncExitStack() as first:
        await first.enter_async_context(one.passage(10, None, "", 0))
        waiting = asyncio.create_task(enter(one, held))
        await asyncio.sleep(0)
        assert one.queue.waiting == 1
        waiting.cancel()  # it has not run yet, when the place is passed on to it
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (one.queue.in_flight, one.queue.waiting) == (0, 0)


@given(
    st.lists(
        st.tuples(st.sampled_from(["enter", "leave", "cancel", "yield"]), st.integers(0, 9)), max_size=40
    )
)
def test_no_place_is_ever_lost(steps: list[tuple[str, int]]) -> None:
    async def run() -> None:
        one, tasks = gate(), []
        for step, which in steps:
            if step == "enter":
                held = asyncio.Event()
                tasks.append((asyncio.create_task(enter(one, held)), held))
            elif step == "yield":
                await asyncio.sleep(0)
            elif tasks:
                task, held = tasks[which % len(tasks)]
                held.set() if step == "leave" else task.cancel()
        for _, held in tasks:
            held.set()
        done = await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert all(each is None or isinstance(each, asyncio.CancelledError | Overloaded) for each in done)
        assert (one.queue.in_flight, one.queue.waiting, one.queue.in_flight_tokens) == (0, 0, 0)
        assert not one._turns

    asyncio.run(run())


async def test_what_waits_is_seen_to_grow_older_while_nothing_happens() -> None:
    metrics, held = Metrics(), asyncio.Event()
    one = Gate(ONE, metrics)
    tasks = [asyncio.create_task(enter(one, held)) for _ in range(2)]
    watching = asyncio.create_task(one.watch(seconds=0.001))
    ages: list[float] = []
    async with asyncio.timeout(10):
        while len(set(ages)) < 3:
            ages.append(metrics.registry.get_sample_value("plotlot_inference_queue_oldest_seconds") or 0.0)
            await asyncio.sleep(0.001)
    assert ages == sorted(ages)
    held.set()
    await asyncio.gather(*tasks)
    watching.cancel()
