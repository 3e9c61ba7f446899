"""People who come one after another, stay, and ask again: each keeps its cookies, as a browser does."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import httpx
from cluster.load import until_left

ARRIVE_SECONDS = 3.0
ASK_SECONDS = 2.0
MOST = 40


@dataclass(frozen=True, slots=True)
class Visit:
    """One page that a visitor got, on the clock of ``time.monotonic``, and the bundle that answered."""

    at: float
    status: int
    bundle: str


@dataclass
class Visitors:
    """Visitors of a page, each with the visits that it made."""

    url: str
    visits: list[list[Visit]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def coming(self) -> Iterator["Visitors"]:
        """They come for as long as the block runs."""
        with until_left(self._run, self._stop):
            yield self

    async def _run(self) -> None:
        staying: list[asyncio.Task[None]] = []
        while not self._stop.is_set():
            if len(staying) < MOST:
                staying.append(asyncio.create_task(self._stay()))
            await asyncio.sleep(ARRIVE_SECONDS)
        await asyncio.gather(*staying)

    async def _stay(self) -> None:
        seen: list[Visit] = []
        self.visits.append(seen)
        async with httpx.AsyncClient(base_url=self.url, timeout=35, trust_env=False) as client:
            while not self._stop.is_set():
                at = time.monotonic()
                try:
                    answer = await client.get("/")
                    seen.append(Visit(at, answer.status_code, answer.headers.get("plotlot-bundle", "")))
                except httpx.HTTPError:
                    seen.append(Visit(at, 0, ""))
                await asyncio.sleep(ASK_SECONDS)

    def flips(self) -> list[tuple[Visit, Visit]]:
        """Visits of one visitor, one after the other, that different bundles answered."""
        return [
            (before, after)
            for seen in self.visits
            for before, after in pairwise(seen)
            if before.bundle != after.bundle
        ]

    def failed(self) -> list[Visit]:
        """Visits without a page."""
        return [visit for seen in self.visits for visit in seen if visit.status != 200]
