"""A refresh as server-sent events, whichever ingestion tells of it and however long it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from plotlot.domain.errors import PlotLotError, UnavailableError
from plotlot.gateway.refreshing.refresh_client import RefreshClient
from plotlot.gateway.web.events import encode
from plotlot.http.problems import problem_document

MOST_FAILURES = 5  # in a row, after which whoever follows is told
PAUSE_SECONDS = 1.0


async def followed(
    refreshes: RefreshClient,
    refresh: str,
    after: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[str]:
    """``town`` for each that changes after a step, whose number is the event's id; at last ``refresh``, or ``problem``."""
    failures = 0
    while True:
        try:
            async for name, data in refreshes.watch(refresh, after):
                failures = 0
                if name == "refresh":
                    yield encode(data["steps"] + 1, name, data)
                    return
                if name == "town":
                    after = data["step"]
                    yield encode(after, name, data)
                else:
                    yield ": still working\n\n"
        except UnavailableError as error:
            failures += 1
            if failures == MOST_FAILURES:
                yield encode(after, "problem", problem_document(error))
                return
            await sleep(PAUSE_SECONDS)
        except PlotLotError as error:
            yield encode(after, "problem", problem_document(error))
            return
