"""A small steady load of what people ask, which counts who is harmed."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import httpx

from plotlot.drills.timeline import Probe

PATIENCE_SECONDS = 10.0  # after which a person has given up
IN_TIME, LATE = ANSWERED = ("answered", "answered late")


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of request; ``NUMBER`` in its body is another one each time, so that no kept answer will do."""

    name: str
    method: str
    path: str
    within_seconds: float
    body: Mapping[str, str] = field(default_factory=dict)

    def numbered(self, number: int) -> dict[str, str]:
        """Its body for one time."""
        return {key: value.replace("NUMBER", str(number)) for key, value in self.body.items()}


MIX = (
    Request("towns", "GET", "/v1/municipalities", 1.0),
    Request("search", "POST", "/v1/search", 1.0, {"query": "side yard of corner lot NUMBER"}),
    Request("page", "GET", "/", 1.0),
    Request("ask", "POST", "/v1/ask", 3.0, {"question": "How tall may house number NUMBER be?"}),
)


@dataclass
class Probing:
    """Sends the mix at a rate; each request stands alone, whatever the others do."""

    client: httpx.AsyncClient
    rate: float
    mix: Sequence[Request] = MIX
    sent: list[Probe] = field(default_factory=list)  # their times on the monotonic clock
    _pending: set["asyncio.Task[None]"] = field(default_factory=set)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator["Probing"]:
        """Send for as long as the block runs; what is under way then is given up."""
        sending = asyncio.create_task(self._send_all())
        try:
            yield self
        finally:
            for task in (sending, *self._pending):
                task.cancel()
            await asyncio.gather(sending, *self._pending, return_exceptions=True)

    def well_since(self, moment: float, seconds: float, late: float = 1.0) -> bool:
        """Whether all that was sent for so long, up to now, was answered, and no larger share of it late.

        ``moment`` is the earliest start, on the monotonic clock.
        """
        now = time.monotonic()
        lately = [probe for probe in self.sent if probe.at >= max(moment, now - seconds)]
        enough = len(lately) >= self.rate * seconds / 2
        answered = all(probe.outcome in ANSWERED for probe in lately)
        return now - moment >= seconds and enough and answered and late_share(lately) <= late

    def since(self, moment: float) -> list[Probe]:
        """All that was sent, its times counted from a moment of the monotonic clock."""
        return sorted((replace(each, at=each.at - moment) for each in self.sent), key=lambda probe: probe.at)

    async def _send_all(self) -> None:
        due = time.monotonic()
        for number in count():
            task = asyncio.create_task(self._send(self.mix[number % len(self.mix)], number))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)
            due += 1 / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _send(self, request: Request, number: int) -> None:
        began = time.monotonic()
        body: Any = request.numbered(number) or None
        try:
            answer = await self.client.request(request.method, request.path, json=body)
            outcome = IN_TIME if answer.is_success else str(answer.status_code)
        except httpx.HTTPError as error:
            outcome = type(error).__name__
        took = time.monotonic() - began
        if outcome == IN_TIME and took > request.within_seconds:
            outcome = LATE
        self.sent.append(Probe(began, request.name, outcome, took, outcome != IN_TIME))


def late_share(probes: Sequence[Probe]) -> float:
    """How many of them were answered late, 0 to 1."""
    return sum(probe.outcome == LATE for probe in probes) / max(len(probes), 1)
