"""The queue before the engines on the event loop: wait for one's turn, or be told when to come back."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from plotlot.domain.admission import AdmissionQueue, Change, Limits, Reason, Refusal, Ticket
from plotlot.domain.errors import DeadlineExceeded, Overloaded, PlotLotError, PromptTooLong
from plotlot.telemetry import Metrics

MEASURE_SECONDS = 1.0


class Gate:
    """Lets requests through by the queue's rules. Its clock is the event loop's."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self.queue = AdmissionQueue(limits)
        self._metrics = metrics
        self._ids = itertools.count()
        self._turns: dict[int, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def passage(
        self, tokens: int, deadline: float | None, account: str, urgency: int
    ) -> AsyncIterator[float]:
        """One request's time with the engines; gives the seconds it waited.

        Raises Overloaded, DeadlineExceeded or PromptTooLong.
        """
        loop = asyncio.get_running_loop()
        ticket = Ticket(next(self._ids), tokens, loop.time(), deadline, account, urgency)
        await self._turn(ticket)
        waited = loop.time() - ticket.arrived
        self._metrics.inference_queue_seconds.labels(str(urgency)).observe(waited)
        answered = False
        try:
            yield waited
            answered = True
        finally:
            self._apply(self.queue.finish(ticket, loop.time(), answered))

    def resize(self, limits: Limits) -> None:
        """Have these limits from now on."""
        self._apply(self.queue.resize(limits, asyncio.get_running_loop().time()))

    async def _turn(self, ticket: Ticket) -> None:
        """Wait until the ticket is let through. Raises why it is not."""
        loop = asyncio.get_running_loop()
        turn = self._turns[ticket.id] = loop.create_future()
        self._apply(self.queue.offer(ticket, ticket.arrived))
        try:
            await turn
        except asyncio.CancelledError:
            self._apply(self.queue.withdraw(ticket, loop.time()))
            raise
        finally:
            self._turns.pop(ticket.id, None)

    def _apply(self, change: Change) -> None:
        """Tell those who wait."""
        for ticket in change.admitted:
            turn = self._turns[ticket.id]
            if not turn.done():
                turn.set_result(None)
        for refusal in change.refused:
            self._metrics.inference_rejections.labels(refusal.reason.value).inc()
            turn = self._turns[refusal.ticket.id]
            if not turn.done():
                turn.set_exception(self._error(refusal))
        self.measure()

    async def watch(self, seconds: float = MEASURE_SECONDS) -> None:
        """Keep the gauges up to date until cancelled: what waits grows older while nothing happens."""
        while True:
            self.measure()
            await asyncio.sleep(seconds)

    def measure(self) -> None:
        """Bring the gauges up to date."""
        queue, metrics = self.queue, self._metrics
        metrics.inference_places.set(queue.limits.in_flight)
        metrics.inference_queue_places.set(queue.limits.waiting)
        metrics.inference_queue_requests.set(queue.waiting)
        metrics.inference_queue_tokens.set(queue.waiting_tokens)
        metrics.inference_in_flight.set(queue.in_flight)
        metrics.inference_queue_oldest_seconds.set(queue.oldest_seconds(asyncio.get_running_loop().time()))

    def _error(self, refusal: Refusal) -> PlotLotError:
        if refusal.reason is Reason.LATE:
            return DeadlineExceeded(
                "the model would not answer in the time allowed: the queue before it is too long; allow more time"
            )
        if refusal.reason is Reason.TOO_LARGE:
            most = self.queue.most_tokens
            return PromptTooLong(
                f"the request may take {refusal.ticket.tokens:,} tokens, {refusal.ticket.tokens - most:,} more than "
                f"the {most:,} that fit; shorten it, or ask for fewer tokens",
                field="messages",
            )
        what = "is full" if refusal.reason is Reason.FULL else "made room for what is more urgent"
        wait = refusal.retry_after_seconds
        return Overloaded(
            f"the queue before the model {what}; try again in {wait:.1f} seconds", retry_after_seconds=wait
        )
