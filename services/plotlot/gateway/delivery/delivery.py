"""A gateway's part in releases, put together: the plan, the tee, gold cases, and what the judge is told."""

import asyncio
import logging
import random
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any

from plotlot.domain.bundles import Bundle
from plotlot.gateway.answers import Answers
from plotlot.gateway.delivery.gold_store import GoldCases
from plotlot.gateway.delivery.observer import Observer
from plotlot.gateway.delivery.plan import PlanWatch
from plotlot.gateway.delivery.recorder import Recorder
from plotlot.gateway.delivery.sessions import Sessions
from plotlot.gateway.delivery.tee import Tee
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceAsyncStub
    from plotlot.gateway.delivery.gold import GoldReplay

log = logging.getLogger(__name__)


class Load:
    """The requests that this process is answering now; more than ``most`` are as many as it should."""

    def __init__(self, most: int) -> None:
        self.in_flight = 0
        self._most = most

    def busy(self) -> bool:
        """Whether users need this process for themselves."""
        return self.in_flight > self._most


class Delivery:
    """What runs beside the answers, and never before them."""

    def __init__(
        self, judge: "JudgeServiceAsyncStub", bundle: Bundle, settings: Settings, metrics: Metrics
    ) -> None:
        self._bundle = bundle
        self.load = Load(settings.shadow_busy_requests)
        self.sessions = Sessions(bundle.id, time.time, new_id)
        name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self.plan = PlanWatch(judge, bundle, name, metrics, time.monotonic)
        self._recorder = Recorder(judge, metrics, new_id)
        self._candidate = None
        if settings.candidate_url:
            from plotlot.gateway.delivery.candidate import Candidate

            key = f"Bearer {settings.api_key.get_secret_value()}" if settings.api_key else ""
            self._candidate = Candidate(settings.candidate_url, credentials=key)
        self._tee = Tee(
            self._candidate, self._recorder, self.plan.current, self.load.busy, metrics, time.monotonic
        )
        observer = Observer(bundle.id, self.plan.current, self._tee, self._recorder, time.time, new_id)
        self.observe = observer.observe
        self._gold: GoldReplay | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def replay(self, answers: Answers, cases: GoldCases) -> None:
        """Ask gold cases of these answers, and of the candidate, where there is one."""
        if self._candidate is not None:
            from plotlot.gateway.delivery.gold import GoldReplay

            self._gold = GoldReplay(
                answers, self._bundle, self._candidate, cases, self._recorder, self.plan.current,
                self.load.busy, random.Random(), time.monotonic, new_id,
            )  # fmt: skip

    async def start(self) -> None:
        """Start what runs beside the answers."""
        works = [self.plan.run, self._recorder.run, self._tee.run]
        works += [self._gold.run] if self._gold is not None else []
        self._tasks = [asyncio.create_task(work()) for work in works]
        for task in self._tasks:
            task.add_done_callback(complain)

    async def stop(self, grace_seconds: float) -> None:
        """Wait for what was asked of the candidate, tell the judge, and stop; in so much time."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        ends = time.monotonic() + grace_seconds
        await self._tee.stop(grace_seconds / 2)
        await self._recorder.flush(max(ends - time.monotonic(), 0.0))
        if self._candidate is not None:
            await self._candidate.close()

    def state(self) -> dict[str, Any]:
        """Whether questions are asked of a candidate now, and why not; what was, and what was dropped."""
        plan, why = self.plan.current(), self._rests_because()
        return {
            "state": "resting" if why else "shadowing",
            "why": why,
            "bundle": self._bundle.id,
            "release": plan.release,
            "stage": plan.stage,
            "candidate": plan.candidate,
            "share": plan.share,
            "per_second": plan.per_second,
            "gold_per_second": plan.gold_per_second,
            **self._tee.state(),
            "gold": self._gold.asked if self._gold is not None else 0,
            "waiting": self._recorder.waiting,
        }

    def _rests_because(self) -> str:
        plan = self.plan.current()
        if not plan.release:
            return "the judge does not answer" if self.plan.away else "no release is open for this bundle"
        if plan.candidate == self._bundle.id:
            return "this gateway serves the candidate"
        if not plan.shadows:
            return "the shadow of the release was stopped"
        if self._candidate is None:
            return "this gateway knows no candidate: set PLOTLOT_CANDIDATE_URL"
        return "users need this process for themselves" if self.load.busy() else ""


def new_id() -> str:
    """16 hexadecimal digits that nobody guesses."""
    return secrets.token_hex(8)


def complain(task: "asyncio.Task[None]") -> None:
    """Log a task that ended by an error: it should have seen to that itself."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a part of the gateway's delivery stopped", exc_info=error)
