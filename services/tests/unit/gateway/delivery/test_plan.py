"""The judge's plan: asked for, held while the judge is away, and then given up."""

import json

import grpc
from judge_stub import JudgeStub

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import Bundle, bundle_from
from plotlot.domain.plans import Plan
from plotlot.gateway.delivery.plan import HOLDS_SECONDS, PlanWatch
from plotlot.telemetry import Metrics

BUNDLE = Bundle("0", "parsers/0", "sections/0")
OPEN = judge_pb2.GetPlanResponse(
    release="r-1", stable=BUNDLE.id, candidate="bundle-2", stage="shadow", shadows=True, share=0.5,
    per_second=4, gold_per_second=1, deadline_seconds=9, objectives_seconds={"": 1.0, "ask": 3.0},
)  # fmt: skip


class Watched:
    """A plan's watch whose clock is moved by hand."""

    def __init__(self) -> None:
        self.judge, self.seconds = JudgeStub(), 100.0
        self.judge.plan = OPEN
        self.watch = PlanWatch(self.judge, BUNDLE, "g-1", Metrics(), lambda: self.seconds)  # type: ignore[arg-type]


async def test_the_plan_is_the_judges() -> None:
    made = Watched()
    assert not made.watch.current().release
    await made.watch.ask()
    plan = made.watch.current()
    assert (plan.release, plan.candidate, plan.shadows, plan.share) == ("r-1", "bundle-2", True, 0.5)
    made.judge.plan = judge_pb2.GetPlanResponse()
    await made.watch.ask()
    assert made.watch.current() == Plan()


async def test_while_the_judge_is_away_the_plan_holds_for_a_while() -> None:
    made = Watched()
    await made.watch.ask()
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    made.seconds += HOLDS_SECONDS
    await made.watch.ask()
    assert made.watch.current().shadows
    made.seconds += 0.1
    assert not made.watch.current().release
    assert made.watch.away
    made.judge.failing = None
    await made.watch.ask()
    assert made.watch.current().shadows


async def test_the_bundle_is_made_known_once_as_soon_as_the_judge_is_there() -> None:
    made = Watched()
    made.judge.failing = grpc.StatusCode.UNAVAILABLE
    await made.watch.ask()
    made.judge.failing = None
    for _ in range(3):
        await made.watch.ask()
    (sent,) = made.judge.registered
    assert sent.bundle == BUNDLE.id == bundle_from(json.loads(sent.manifest_json)).id


async def test_a_bundle_that_the_judge_refuses_still_gets_its_plan() -> None:
    made = Watched()

    async def refuse(request, **options):
        raise grpc.aio.AioRpcError(grpc.StatusCode.INVALID_ARGUMENT, grpc.aio.Metadata(), grpc.aio.Metadata())

    made.judge.RegisterBundle = refuse  # type: ignore[method-assign]
    await made.watch.ask()
    assert made.watch.current().shadows


def test_an_objective_is_of_the_operation_or_of_the_others_or_there_is_none() -> None:
    plan = Plan(objectives_seconds={"": 1.0, "ask": 3.0})
    assert not plan.slow("ask", 3.0)
    assert plan.slow("ask", 3.1)
    assert plan.slow("search", 1.1)
    assert not Plan().slow("ask", 1000.0)
