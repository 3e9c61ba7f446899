"""Gold cases are drawn anew each time, asked of both, and observed as nobody's."""

import asyncio
import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fake_gateway import ADDRESS, BUNDLE, TOWN, KeptAnalyses, KeptCases, TownClients

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.errors import StoreUnavailable
from plotlot.domain.plans import Plan
from plotlot.gateway.answers import Answers
from plotlot.gateway.delivery.gold import GoldReplay
from plotlot.gateway.delivery.gold_cases import GoldCase
from plotlot.gateway.delivery.plan import RESTING
from plotlot.gateway.outcomes import Answered
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics

PLAN = Plan(
    release="r-1", candidate="bundle-2", stage="shadow", shadows=True, gold_per_second=1e6, deadline_seconds=5
)
COVER = GoldCase(question="How much may buildings cover?", municipality=TOWN, words=("40 percent",))
MAYOR = GoldCase(question="Who is the mayor?", municipality=TOWN, refused=True)
HEIGHT = GoldCase.model_validate(
    {"question": "How tall?", "municipality": TOWN, "values": [{"field": "max_height", "value": 35}]}
)
LOT = GoldCase(address=ADDRESS, verdict="buildable", units_low=2)


class Replayed:
    """A replay against the town in memory, and what came of it."""

    def __init__(self, *cases: GoldCase, wanted: int = 1) -> None:
        self.pairs: list[judge_pb2.Pair] = []
        self.contexts: list[RequestContext | None] = []
        self.kept, self.cases, self.plan = KeptAnalyses(), KeptCases(), PLAN
        self.cases.kept = {case.id: case for case in cases}
        self.enough, self._wanted, self.candidate_answer = asyncio.Event(), wanted, Answered(0.1, "x", True)
        self.asked: list[tuple[str, str]] = []
        self.asked_at: list[datetime] = []
        me: Any = self
        kept: Any = self.kept
        stored: Any = self.cases
        clients: Any = TownClients()
        answers = Answers(clients, kept, BUNDLE.id, Metrics(), self._observe)
        self.replay = GoldReplay(
            answers,
            BUNDLE,
            me,
            stored,
            me,
            lambda: self.plan,
            lambda: False,
            random.Random(7),
            self._tick,
            str,
        )
        self._seconds = 0.0

    def _tick(self) -> float:
        self._seconds += 0.01
        return self._seconds

    def _observe(self, *told: Any) -> None:
        self.contexts.append(current_request.get())

    async def ask(
        self, inquiry: Any, request_id: str, bundle: str, deadline_seconds: float, credentials: str = ""
    ) -> Any:
        self.asked.append((inquiry.words, bundle))
        self.asked_at.append(datetime.now(UTC))
        return self.candidate_answer

    def pair(self, release: str, pair: judge_pb2.Pair) -> None:
        self.pairs.append(pair)
        if len(self.pairs) >= self._wanted:
            self.enough.set()

    async def run(self) -> None:
        task = asyncio.create_task(self.replay.run())
        await self.enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_both_are_scored_against_the_known_answer() -> None:
    replayed = Replayed(COVER)
    await replayed.run()
    pair = replayed.pairs[0]
    assert (pair.source, pair.session, pair.operation) == ("gold", "", "ask")
    assert pair.request_id.startswith(f"gold:{COVER.id}:")
    assert pair.question == f"How much may buildings cover? ({TOWN}); known: “40 percent”"
    assert dict(pair.stable.scores)["agreement"] == 1.0
    assert (pair.candidate.failed, dict(pair.candidate.scores)) == (True, {})


async def test_a_pair_is_as_old_as_the_question_to_the_candidate() -> None:
    replayed = Replayed(COVER)
    await replayed.run()
    assert replayed.pairs[0].at.ToDatetime(UTC) <= replayed.asked_at[0]


async def test_a_refusal_is_right_where_there_is_no_answer() -> None:
    replayed = Replayed(MAYOR)
    replayed.candidate_answer = Answered(0.1, answer={"refused": False, "answer": "Jo", "quotes": []})
    await replayed.run()
    assert dict(replayed.pairs[0].stable.scores)["refusals"] == 1.0
    assert dict(replayed.pairs[0].candidate.scores)["refusals"] == 0.0


async def test_an_answer_that_cannot_be_scored_is_a_failure_of_the_candidate() -> None:
    replayed = Replayed(HEIGHT)
    told = [{"field": "max_height", "value": 10**400}]
    replayed.candidate_answer = Answered(0.1, answer={"refused": False, "quotes": [], "standards": told})
    await replayed.run()
    candidate = replayed.pairs[0].candidate
    assert (candidate.failed, candidate.status, dict(candidate.scores)) == (True, "unreadable", {})


async def test_the_stable_side_is_asked_as_a_shadow_by_its_bundle_and_keeps_nothing() -> None:
    replayed = Replayed(LOT)
    await replayed.run()
    assert replayed.contexts
    for context in replayed.contexts:
        assert context is not None
        assert (context.shadow, context.bundle, context.parameters) == (True, BUNDLE.id, BUNDLE.parameters)
        assert context.deadline is not None
    assert replayed.kept.kept == {}
    assert dict(replayed.pairs[0].stable.scores)["agreement"] == 1.0
    assert current_request.get() is None


async def test_cases_are_drawn_with_replacement() -> None:
    replayed = Replayed(COVER, MAYOR, wanted=40)
    await replayed.run()
    drawn = [words for words, _ in replayed.asked[:40]]
    repeats = sum(first == second for first, second in itertools.pairwise(drawn))
    assert 8 <= repeats <= 31  # one after the other would have none
    assert 8 <= drawn.count(f"Who is the mayor? ({TOWN})") <= 32
    assert {bundle for _, bundle in replayed.asked} == {"bundle-2"}


async def test_somebody_elses_answer_is_no_pair() -> None:
    replayed = Replayed(COVER)
    replayed.candidate_answer = None  # type: ignore[assignment]
    task = asyncio.create_task(replayed.replay.run())
    while len(replayed.asked) < 3:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert replayed.pairs == []


async def test_it_rests_with_the_plan() -> None:
    replayed = Replayed(COVER)
    for plan in (RESTING, replace(PLAN, shadows=False), replace(PLAN, gold_per_second=0.0)):
        replayed.plan = plan
        task = asyncio.create_task(replayed.replay.run())
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert replayed.asked == []


async def test_while_the_database_is_away_the_cases_are_those_read_before() -> None:
    replayed = Replayed(COVER, wanted=3)

    async def read_once() -> list[GoldCase]:
        if replayed.pairs:
            raise StoreUnavailable("away")
        return [COVER]

    replayed.cases.all = read_once  # type: ignore[method-assign]
    await replayed.run()
    assert len(replayed.pairs) >= 3
