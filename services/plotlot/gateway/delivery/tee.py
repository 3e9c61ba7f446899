"""Asks the candidate what a sample of users asked, after they were answered: they wait for nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.outcomes import kept_text
from plotlot.domain.plans import Plan
from plotlot.gateway.delivery.budget import Budget
from plotlot.gateway.delivery.candidate import Candidate, paired
from plotlot.gateway.delivery.plan import ReadPlan
from plotlot.gateway.delivery.recorder import Recorder
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered, outcome_of
from plotlot.telemetry import Metrics

QUEUE = 256
HELD_SECONDS = 5.0  # of the budget: what waits longer would be a pair of a session that was counted already
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Copy:
    """A question with the answer that a user got, and the plan under which it was copied."""

    inquiry: Inquiry
    answered: Answered
    request_id: str
    session: str
    at: float
    plan: Plan
    credentials: str = field(default="", repr=False)


class Tee:
    """A bounded queue before the candidate. ``busy`` says whether users need this process for themselves."""

    def __init__(
        self,
        candidate: Candidate | None,
        recorder: Recorder,
        plan: ReadPlan,
        busy: Callable[[], bool],
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._candidate = candidate
        self._recorder = recorder
        self._plan = plan
        self._busy = busy
        self._metrics = metrics
        self._budget = Budget(clock)
        self._queue: asyncio.Queue[Copy] = asyncio.Queue(QUEUE)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._sending: set[asyncio.Task[None]] = set()
        self._sent: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()

    def wants(self, plan: Plan, session: str) -> bool:
        """Whether questions of a session are copied: always those of the same ones, for one candidate."""
        return plan.shadows and self._candidate is not None and sampled(session, plan.candidate, plan.share)

    def offer(self, copy: Copy) -> None:
        """Take a copy, or drop it and count that. Never waits."""
        room = min(QUEUE, max(1, int(copy.plan.per_second * HELD_SECONDS)))
        if self._busy():
            self._drop("busy")
        elif self._queue.qsize() >= room:
            self._drop("full")
        else:
            self._queue.put_nowait(copy)
            self._metrics.shadow_queue.set(self._queue.qsize())

    async def run(self) -> None:
        """Send for ever, within the budget."""
        while True:
            copy = await self._queue.get()
            self._metrics.shadow_queue.set(self._queue.qsize())
            await self._places.acquire()
            try:
                await self._turn(copy.plan)
            except BaseException:
                self._places.release()
                raise
            if self._still_wanted(copy):
                task = asyncio.create_task(self._send(copy))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
                task.add_done_callback(lambda _: self._places.release())
            else:
                self._places.release()

    async def stop(self, grace_seconds: float) -> None:
        """Wait a while for what was sent; what is not answered by then is a pair whose candidate is missing."""
        while not self._queue.empty():
            self._queue.get_nowait()
            self._drop("stopped")
        if self._sending:
            await asyncio.wait(self._sending, timeout=grace_seconds)
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def state(self) -> dict[str, Any]:
        """What it did since the start."""
        return {
            "queue": self._queue.qsize(),
            "asking": len(self._sending),
            "sent": dict(self._sent),
            "dropped": dict(self._dropped),
        }

    async def _turn(self, plan: Plan) -> None:
        """Wait until the budget has room; a plan that ended ends the wait."""
        while True:
            now = self._plan()
            if now.release != plan.release or self._budget.take(now.per_second):
                return
            await asyncio.sleep(min(self._budget.wait_seconds(now.per_second), 1.0))

    def _still_wanted(self, copy: Copy) -> bool:
        """Whether it is to be sent now; the plan, and what users need, may have changed since it was taken."""
        plan = self._plan()
        if not plan.shadows or plan.candidate != copy.plan.candidate:
            self._drop("rests")
        elif self._busy():
            self._drop("busy")
        else:
            return True
        return False

    async def _send(self, copy: Copy) -> None:
        assert self._candidate is not None, "nothing is offered without a candidate"
        try:
            answered = await self._candidate.ask(
                copy.inquiry,
                copy.request_id,
                copy.plan.candidate,
                copy.plan.deadline_seconds,
                copy.credentials,
            )
        except asyncio.CancelledError:
            self._count("missing")
            self._recorder.pair(copy.plan.release, shadow_pair(copy, None))
            raise
        if answered is None:
            self._count("misdirected")
            return
        pair = paired(partial(shadow_pair, copy), answered)
        self._count("failed" if pair.candidate.failed else "answered")
        self._recorder.pair(copy.plan.release, pair)

    def _count(self, result: str) -> None:
        self._sent[result] += 1
        self._metrics.shadow_requests.labels(result).inc()

    def _drop(self, reason: str) -> None:
        self._dropped[reason] += 1
        self._metrics.shadow_dropped.labels(reason).inc()


def shadow_pair(copy: Copy, answered: Answered | None) -> judge_pb2.Pair:
    """Both answers to what a user asked; without the candidate's where that is not known."""
    operation = copy.inquiry.operation
    pair = judge_pb2.Pair(
        request_id=copy.request_id,
        session=copy.session,
        operation=operation,
        question=kept_text(copy.inquiry.words),
        source="shadow",
        stable=outcome_of(operation, copy.answered, {}),
        candidate=None if answered is None else outcome_of(operation, answered, {}),
    )
    pair.at.FromDatetime(datetime.fromtimestamp(copy.at, UTC))
    return pair


def sampled(session: str, candidate: str, share: float) -> bool:
    """Whether a session is in the sample of a candidate; another candidate has another sample."""
    digest = sha256(f"{session}\0{candidate}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64
