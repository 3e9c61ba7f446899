"""Work that several may ask for at once is done once, and goes on when those who asked have left."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import replace
from typing import Any, TypeVar

from plotlot.rpc.context import current_request

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Find = Callable[[], Coroutine[Any, Any, Result | None]]
Make = Callable[[], Coroutine[Any, Any, Result]]


class Flights:
    """What is under way, by key: different keys do not wait for one another."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def join(self, key: Hashable, find: Find[Result], make: Make[Result]) -> Result:
        """What is made under a key, begun now where it is not under way.

        It is made only where it is not found then: what was under way when the caller looked may have ended since.
        Who leaves, for lack of time or else, leaves it running: whoever asks next finds it done, or further on.
        """
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(_found_or_made(find, make))
            task.add_done_callback(lambda done: self._ended(key, done))
        result: Result = await asyncio.shield(task)
        return result

    async def close(self, grace_seconds: float) -> None:
        """Let what is under way end, for a time, then give it up."""
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._under_way[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("%s ended with %r", key, error)  # nobody may be left to be told


async def _found_or_made(find: Find[Result], make: Make[Result]) -> Result:
    request = current_request.get()
    if request is not None:  # of this task alone: it has a copy of its caller's context
        current_request.set(replace(request, deadline=None, hurried=False))
    found = await find()
    return found if found is not None else await make()
