"""Waits for the database no longer than who asks will wait for the answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Answered = TypeVar("Answered")


async def within(seconds: float, work: Coroutine[Any, Any, Answered]) -> Answered:
    """What the work returns. Raises TimeoutError at that time, also where the work takes long to be cancelled.

    A database that hangs does not answer a request to cancel either, and its client waits ten seconds for that.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_leave)
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(task)
    finally:
        task.cancel()


def _leave(task: asyncio.Task[Answered]) -> None:
    """Take note of what nobody waited for, or asyncio would log that nobody did."""
    if not task.cancelled():
        task.exception()
