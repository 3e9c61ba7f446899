"""A worker on refreshes without anything to work on."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from plotlot.ingestion.refreshing.worker import RefreshWorker

SECONDS = 10


class Nothing:
    """Workflows and towns of which there are none."""

    def __init__(self) -> None:
        self.closed = 0

    async def open(self) -> None:
        """Nothing."""

    async def hold(self) -> None:
        """Nothing."""

    async def adopt(self) -> int:
        """Nothing."""
        return 0

    async def close(self) -> None:
        """Count it."""
        self.closed += 1

    async def at_work(self) -> list[str]:
        """No runs."""
        return []

    async def cancelled_lately(self) -> list[str]:
        """No runs."""
        return []


async def test_a_worker_ends_also_where_its_cancellation_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing, looked, lost = Nothing(), asyncio.Event(), asyncio.Event()

    async def forget(*given: Any) -> int:
        return 0

    async def sleep(seconds: float) -> None:
        looked.set()
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            lost.set()

    monkeypatch.setattr("plotlot.ingestion.refreshing.worker.forget_workflows", forget)
    worker = RefreshWorker(lambda: nothing, nothing, sleep)  # type: ignore[arg-type, return-value]
    work = asyncio.create_task(worker.run())
    await looked.wait()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(work), SECONDS)
    assert (lost.is_set(), work.cancelled(), nothing.closed) == (True, True, 1)
