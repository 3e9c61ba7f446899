"""Work that several may ask for at once is done once, and goes on when those who asked have left."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Make = Callable[[], Coroutine[Any, Any, Result]]


class Flights(Generic[Result]):
    """What is under way, by key: different keys do not wait for one another."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Result]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._under_way

    def start(self, key: Hashable, make: Make[Result]) -> "asyncio.Task[Result]":
        """What is under way under a key, begun now where nothing is."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(make())
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    async def join(self, key: Hashable, make: Make[Result]) -> Result:
        """What is made under a key, begun now where nothing is under way. Raises what ``make`` does.

        Who leaves, for lack of time or else, leaves it running: whoever asks next finds it done, or further on.
        """
        return await asyncio.shield(self.start(key, make))

    async def close(self, grace_seconds: float) -> None:
        """Let what is under way end, for a time, then give it up."""
        tasks = list(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace_seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: Hashable, task: "asyncio.Task[Result]") -> None:
        del self._under_way[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("shared work ended with %r", error)  # nobody may be left to be told
