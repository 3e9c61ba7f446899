"""A worker: takes up the refreshes that somebody asked for, and what other workers left, for as long as it runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from plotlot.domain.errors import UnavailableError
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.ingestion.refreshing.workflows import Workflows, forget_workflows

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
ADOPT_LOOKS = 10  # looks between two for what others left
FORGET_LOOKS = 7_200  # an hour
AGAIN_SECONDS = 5.0


class RefreshWorker:
    """Works on refreshes; one of these in a process."""

    def __init__(
        self,
        workflows: Callable[[], Workflows],
        towns: Towns,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``workflows`` makes those of this process, anew each time that the database was away for long."""
        self._workflows, self._towns, self._sleep = workflows, towns, sleep
        self._open: Workflows | None = None
        self._begun: set[str] = set()

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.work()
            except UnavailableError as error:
                log.warning("refreshes rest for %.0f s: %s", AGAIN_SECONDS, error.message)
            except Exception:
                log.exception("refreshes cannot be worked on")
            await self._sleep(AGAIN_SECONDS)

    async def work(self) -> None:
        """Work until something goes wrong. Raises StoreUnavailable, SlotLost, InvalidRequest."""
        await self.close()
        self._open, self._begun = self._workflows(), set()
        try:
            await self._open.open()
            looks = 0
            while True:
                await self.look(self._open, looks % ADOPT_LOOKS == 0)
                if looks % FORGET_LOOKS == 0:
                    await forget_workflows(self._towns, datetime.now(UTC))
                looks += 1
                await self._sleep(LOOK_SECONDS)
                end_if_cancelled()
        finally:
            await self.close()

    async def look(self, workflows: Workflows, adopts: bool = True) -> None:
        """Begin what nobody began, end what was cancelled, and with ``adopts`` see to what others left."""
        await workflows.hold()
        runs = await self._towns.at_work()
        for run in runs:
            if run not in self._begun:
                await workflows.begin(run)
        self._begun = set(runs)
        for run in await self._towns.cancelled_lately():
            await workflows.leave(run)
        if adopts:
            await workflows.adopt()
            for run in runs:
                await workflows.put_aside(run)
                await workflows.end_if_over(run)

    async def close(self) -> None:
        """Stop; what is under way is taken up by whoever comes next."""
        workflows, self._open = self._open, None
        if workflows is not None:
            await workflows.close()


def end_if_cancelled() -> None:
    """Raise CancelledError in a task that was cancelled. ``asyncio.wait_for`` of Python 3.11, by which psycopg waits, loses
    a cancellation that comes with what it waits for."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
