"""A steady load on the door that counts every answer."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx

PATIENCE_SECONDS = 35.0  # the gateway's own deadline is 30: what takes longer hangs


@dataclass(frozen=True, slots=True)
class Request:
    """One kind of request of the mix."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request ended; ``outcome`` is a status, or the kind of failure.

    ``at`` is when it was sent, on the clock of ``time.monotonic``; ``bundle`` is that which answered.
    """

    name: str
    outcome: str
    seconds: float
    retry_after: bool
    detail: str = ""
    bundle: str = ""
    at: float = 0.0


@contextmanager
def until_left(run: Callable[[], Coroutine[Any, Any, None]], stop: threading.Event) -> Iterator[None]:
    """Run on a thread for as long as the block runs; it must end once it is told to stop."""
    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass
class Load:
    """Sends the mix at a rate until stopped; each request stands alone, whatever the others do."""

    url: str
    mix: Sequence[Request]
    rate: float
    answers: list[Answer] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Load"]:
        """Load for as long as the block runs; every answer is in when it ends."""
        with until_left(self._run, self._stop):
            yield self

    async def _run(self) -> None:
        pending: set[asyncio.Task[None]] = set()
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=20)
        async with httpx.AsyncClient(
            base_url=self.url, timeout=PATIENCE_SECONDS, limits=limits, trust_env=False
        ) as client:
            due = time.monotonic()
            for request in cycle(self.mix):
                if self._stop.is_set():
                    break
                task = asyncio.create_task(self._send(client, request))
                pending.add(task)
                task.add_done_callback(pending.discard)
                due += 1 / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.gather(*pending)

    async def _send(self, client: httpx.AsyncClient, request: Request) -> None:
        started = time.monotonic()
        retry_after, detail, bundle = False, "", ""
        try:
            answer = await client.request(request.method, request.path, json=request.body)
            outcome, retry_after = str(answer.status_code), "retry-after" in answer.headers
            bundle = answer.headers.get("plotlot-bundle", "")
            if answer.status_code >= 400:
                detail = answer.text[:200]
        except httpx.HTTPError as error:
            outcome, detail = type(error).__name__, str(error)
        took = time.monotonic() - started
        self.answers.append(Answer(request.name, outcome, took, retry_after, detail, bundle, started))

    def failed(self) -> list[Answer]:
        """What was not answered with a success."""
        return [answer for answer in self.answers if not answer.outcome.startswith("2")]

    def summary(self) -> str:
        """How many ended how, and how long they took."""
        counts = ", ".join(f"{count} x {outcome}" for outcome, count in sorted(self.outcomes().items()))
        seconds = sorted(answer.seconds for answer in self.answers)
        middle, slow = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]
        return f"{counts}; p50 {middle * 1000:.0f} ms, p99 {slow * 1000:.0f} ms, longest {seconds[-1]:.1f} s"

    def outcomes(self) -> Counter[str]:
        """Answers by outcome."""
        return Counter(answer.outcome for answer in self.answers)
