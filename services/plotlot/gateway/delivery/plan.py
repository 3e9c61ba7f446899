"""What the judge wants of this gateway now: whom to ask besides, how often, and what counts as slow."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import grpc

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import Bundle, canonical
from plotlot.domain.plans import Plan
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceAsyncStub

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0
HOLDS_SECONDS = 10.0
CANARY = "canary"


RESTING = Plan()
ReadPlan = Callable[[], Plan]


class PlanWatch:
    """Asks for the plan each second; while the judge is away the last one holds for ten."""

    def __init__(
        self,
        judge: "JudgeServiceAsyncStub",
        bundle: Bundle,
        gateway: str,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._judge = judge
        self._bundle = bundle
        self._gateway = gateway
        self._metrics = metrics
        self._clock = clock
        self._plan = RESTING
        self._told_at = 0.0
        self._registered = False
        self.away = False

    def current(self) -> Plan:
        """The plan, as long as it holds."""
        if self._plan is RESTING or self._clock() - self._told_at > HOLDS_SECONDS:
            return RESTING
        return self._plan

    async def run(self) -> None:
        """Ask for ever. Never raises: without the judge, this gateway serves as it would without releases."""
        while True:
            await self.ask()
            self._metrics.shadow_active.set(self.current().shadows)
            await asyncio.sleep(POLL_SECONDS)

    async def ask(self) -> None:
        """Make the bundle known, once, and ask for the plan."""
        try:
            await self._register()
            plan = await self._judge.GetPlan(
                judge_pb2.GetPlanRequest(bundle=self._bundle.id, gateway=self._gateway),
                timeout=TIMEOUT_SECONDS,
            )
        except grpc.aio.AioRpcError as error:
            self._say(away=True, why=error.details() or error.code().name)
            return
        self._say(away=False)
        self._told_at = self._clock()
        self._plan = plan_of(plan) if plan.release else RESTING

    async def _register(self) -> None:
        if self._registered:
            return
        request = judge_pb2.RegisterBundleRequest(
            bundle=self._bundle.id, manifest_json=canonical(self._bundle.manifest()).decode()
        )
        try:
            await self._judge.RegisterBundle(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            log.error("the judge does not take this gateway's bundle: %s", error.details())
        self._registered = True

    def _say(self, away: bool, why: str = "") -> None:
        """Log that the judge went away, or that it is back; once each."""
        if away and not self.away:
            log.info("the judge does not answer (%s): no shadow requests until it does", why)
        elif self.away and not away:
            log.info("the judge answers again")
        self.away = away


def plan_of(message: judge_pb2.GetPlanResponse) -> Plan:
    """The plan in a message."""
    return Plan(
        release=message.release,
        stable=message.stable,
        candidate=message.candidate,
        stage=message.stage,
        shadows=message.shadows,
        share=message.share,
        per_second=message.per_second,
        gold_per_second=message.gold_per_second,
        deadline_seconds=message.deadline_seconds,
        objectives_seconds=dict(message.objectives_seconds),
    )
