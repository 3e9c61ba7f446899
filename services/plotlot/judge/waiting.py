"""Waits for the database no longer than who asks will wait for the answer."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from plotlot.domain.errors import StoreUnavailable

LONGEST_SECONDS = 8.0  # Argo gives up after ten

Answered = TypeVar("Answered")
Given = ParamSpec("Given")


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


def in_time(
    operation: Callable[Given, Coroutine[Any, Any, Answered]],
) -> Callable[Given, Coroutine[Any, Any, Answered]]:
    """The operation, which raises StoreUnavailable where the database hangs."""

    @wraps(operation)
    async def answered(*given: Given.args, **named: Given.kwargs) -> Answered:
        try:
            return await within(LONGEST_SECONDS, operation(*given, **named))
        except TimeoutError as error:
            raise StoreUnavailable(
                f"the database did not answer within {LONGEST_SECONDS:g} seconds; try again"
            ) from error

    return answered


def _leave(task: asyncio.Task[Answered]) -> None:
    """Take note of what nobody waited for, or asyncio would log that nobody did."""
    if not task.cancelled():
        task.exception()
