"""Questions whose answers are known, asked of both bundles while a release is shadowed."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.bundles import Bundle
from plotlot.domain.errors import PlotLotError
from plotlot.domain.outcomes import kept_text
from plotlot.domain.plans import Plan
from plotlot.gateway.answers import Answers
from plotlot.gateway.delivery.budget import Budget
from plotlot.gateway.delivery.candidate import Candidate, paired
from plotlot.gateway.delivery.gold_cases import GoldCase
from plotlot.gateway.delivery.gold_store import GoldCases
from plotlot.gateway.delivery.plan import ReadPlan
from plotlot.gateway.delivery.recorder import Recorder
from plotlot.gateway.inquiries import Inquiry, Question
from plotlot.gateway.outcomes import DEADLINE, Answered, answered_with, in_a_line, outcome_of
from plotlot.gateway.web.events import last
from plotlot.rpc.context import RequestContext, current_request

REST_SECONDS = 0.5
RELOAD_SECONDS = 30.0
LOOK_SECONDS = 2.0  # for the first cases
AT_ONCE = 8


class GoldReplay:
    """Draws cases at random, with replacement, so that a release's answers to them are independent of one another."""

    def __init__(
        self,
        answers: Answers,
        bundle: Bundle,
        candidate: Candidate,
        cases: GoldCases,
        recorder: Recorder,
        plan: ReadPlan,
        busy: Callable[[], bool],
        drawing: random.Random,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._answers = answers
        self._bundle = bundle
        self._candidate = candidate
        self._cases = cases
        self._recorder = recorder
        self._plan = plan
        self._busy = busy
        self._drawing = drawing
        self._clock = clock
        self._new_id = new_id
        self._budget = Budget(clock)
        self._drawn: list[GoldCase] = []
        self._read_at = -math.inf
        self._asking: set[asyncio.Task[None]] = set()
        self.asked = 0

    async def run(self) -> None:
        """Ask for ever, as often as the plan has it, and not while users need this process for themselves."""
        try:
            while True:
                plan = self._plan()
                if not plan.shadows or self._busy():
                    await asyncio.sleep(REST_SECONDS)
                elif len(self._asking) >= AT_ONCE:
                    await asyncio.wait(self._asking, return_when=asyncio.FIRST_COMPLETED)
                elif self._budget.take(plan.gold_per_second):
                    await self._ask_one(plan)
                else:
                    await asyncio.sleep(min(self._budget.wait_seconds(plan.gold_per_second), REST_SECONDS))
        finally:
            for task in list(self._asking):
                task.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    async def _ask_one(self, plan: Plan) -> None:
        cases = await self._loaded()
        if not cases:
            await asyncio.sleep(REST_SECONDS)
            return
        task = asyncio.create_task(self._both(plan, self._drawing.choice(cases)))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _loaded(self) -> list[GoldCase]:
        """The cases, read anew each half minute; those read before while the database is away."""
        now = self._clock()
        if now - self._read_at > (RELOAD_SECONDS if self._drawn else LOOK_SECONDS):
            self._read_at = now
            with suppress(PlotLotError):
                self._drawn = await self._cases.all()
        return self._drawn

    async def _both(self, plan: Plan, case: GoldCase) -> None:
        """Ask here, then there: at once, one would wait for the other, and only here."""
        request_id = f"gold:{case.id}:{self._new_id()}"
        stable = await self._here(case, request_id, plan.deadline_seconds)
        made = partial(gold_pair, case, request_id, datetime.now(UTC), stable)
        candidate: Answered | None = None
        try:
            candidate = await self._candidate.ask(
                case.inquiry, request_id, plan.candidate, plan.deadline_seconds
            )
        except asyncio.CancelledError:
            self._recorder.pair(plan.release, made(None))
            raise
        if candidate is not None:
            self.asked += 1
            self._recorder.pair(plan.release, paired(made, candidate))

    async def _here(self, case: GoldCase, request_id: str, deadline_seconds: float) -> Answered:
        """This gateway's answer, as to a shadow: nobody observes it, and nothing is kept."""
        ends = asyncio.get_running_loop().time() + deadline_seconds
        current_request.set(
            RequestContext(
                request_id,
                self._bundle.id,
                ends,
                self._bundle.parameters,
                shadow=True,
                travels=self._bundle.travels,
            )
        )
        started = time.perf_counter()
        try:
            async with asyncio.timeout(deadline_seconds):
                answer = await asked(self._answers, case.inquiry)
        except TimeoutError:
            return Answered(time.perf_counter() - started, DEADLINE, failed=True)
        except Exception as error:
            return answered_with(error, time.perf_counter() - started)
        return Answered(time.perf_counter() - started, answer=answer)


def asked(answers: Answers, inquiry: Inquiry) -> Awaitable[Mapping[str, Any]]:
    """The answer to the question of a case."""
    body = dict(inquiry.body or {})
    return answers.ask(**body) if inquiry.operation == "ask" else last(answers.analyze(Question(**body)))


def gold_pair(
    case: GoldCase, request_id: str, at: datetime, stable: Answered, candidate: Answered | None
) -> judge_pb2.Pair:
    """Both answers, each scored against the known one; a session by itself.

    ``at`` is when the candidate was asked: the judge counts by that, for bad answers are often late ones.
    """
    operation = case.inquiry.operation
    pair = judge_pb2.Pair(
        request_id=request_id,
        operation=operation,
        question=kept_text(in_a_line(f"{case.inquiry.words}; known: {case.expectation}")),
        source="gold",
        stable=outcome_of(operation, stable, case.scores(stable)),
        candidate=None if candidate is None else outcome_of(operation, candidate, case.scores(candidate)),
    )
    pair.at.FromDatetime(at)
    return pair
