"""Being asked to stop: the first signal is answered with care, the second at once."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that the first SIGINT or SIGTERM sets; the second ends the process."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        asked.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            # The default action would not do: the kernel keeps it from the first process of a container.
            signal.signal(number, end)

    for number in SIGNALS:
        loop.add_signal_handler(number, first)
    try:
        yield asked
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def end(number: int, frame: FrameType | None) -> None:
    """End the process, whatever it is doing."""
    os._exit(128 + number)


async def until_terminated(work: Coroutine[Any, Any, int]) -> int:
    """The outcome of a command; SIGTERM cancels it, so that it stops what it started."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await work
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def done_before(asked: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work ended before the event; otherwise it was cancelled. Raises what the work raises."""
    task, waiting = asyncio.create_task(work), asyncio.create_task(asked.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return False
    task.result()
    return True
