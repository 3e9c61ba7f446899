"""How a process ends what it runs."""

import asyncio

import pytest

from plotlot.runtime import process


async def test_a_task_that_lost_its_cancellation_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CANCELLED_AGAIN_SECONDS", 0.05)
    lost: list[str] = []

    async def work() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append("the first")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.wait_for(process.ended([task]), 10)
    assert (lost, task.cancelled()) == (["the first"], True)
