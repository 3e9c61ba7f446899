"""The tee: whom it copies, what it drops, and that nobody waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.plans import Plan
from plotlot.gateway.delivery.plan import RESTING
from plotlot.gateway.delivery.tee import Copy, Tee, sampled
from plotlot.gateway.inquiries import asking
from plotlot.gateway.outcomes import Answered
from plotlot.telemetry import Metrics

PLAN = Plan(
    release="r-1", candidate="bundle-2", stage="shadow", shadows=True, share=1.0, per_second=1e6,
    deadline_seconds=5.0,
)  # fmt: skip
ANSWER = Answered(0.2, answer={"refused": False, "answer": "25 feet", "quotes": []})


class Recorded:
    """A recorder that keeps what it is given, and tells when something came."""

    def __init__(self) -> None:
        self.pairs: list[judge_pb2.Pair] = []
        self.came = asyncio.Event()

    def pair(self, release: str, pair: judge_pb2.Pair) -> None:
        assert release == "r-1"
        self.pairs.append(pair)
        self.came.set()


class Other:
    """A candidate that answers when it is let."""

    def __init__(self, answer: Answered | None = ANSWER, held: bool = False) -> None:
        self.answer, self.asked, self.open = answer, [], asyncio.Event()
        self.seen = asyncio.Event()
        if not held:
            self.open.set()

    async def ask(
        self, inquiry: Any, request_id: str, bundle: str, deadline_seconds: float, credentials: str = ""
    ) -> Any:
        self.asked.append(request_id)
        self.seen.set()
        await self.open.wait()
        return self.answer


class Unspeakable:
    """As a list of lists too deep to be written down."""

    def __str__(self) -> str:
        raise RecursionError


class Made:
    """A tee with its surroundings."""

    def __init__(self, other: Other | None) -> None:
        self.other, self.recorded, self.metrics = other, Recorded(), Metrics()
        self.plan, self.is_busy, self.seconds = PLAN, False, 0.0
        self.tee = Tee(
            other, self.recorded, lambda: self.plan, lambda: self.is_busy, self.metrics, self._tick  # type: ignore[arg-type]
        )  # fmt: skip

    def _tick(self) -> float:
        self.seconds += 1e-5
        return self.seconds

    def offer(self, name: str, plan: Plan = PLAN) -> None:
        self.tee.offer(Copy(asking("How deep?", "T"), ANSWER, name, "s-1", 1.8e9, plan))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.tee.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.tee.stop(0)

    def dropped(self) -> dict[str, int]:
        return self.tee.state()["dropped"]


async def settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_copy_becomes_a_pair() -> None:
    made = Made(Other())
    async with made.running():
        made.offer("q-1")
        await made.recorded.came.wait()
    (pair,) = made.recorded.pairs
    assert (pair.request_id, pair.session, pair.operation, pair.source) == ("q-1", "s-1", "ask", "shadow")
    assert pair.question == "How deep? (T)"
    assert pair.stable.summary == pair.candidate.summary == "25 feet"
    assert pair.at.seconds == 1_800_000_000
    assert made.tee.state()["sent"] == {"answered": 1}


async def test_offering_does_not_wait_for_a_slow_candidate() -> None:
    made = Made(Other(held=True))
    async with made.running():
        made.offer("q-1")
        await made.other.seen.wait()
        made.offer("q-2")  # not a coroutine: it cannot wait, and it did not raise
        await settled()
        assert made.other.asked == ["q-1", "q-2"]
        assert made.recorded.pairs == []
        made.other.open.set()
        await settled()
    assert [pair.request_id for pair in made.recorded.pairs] == ["q-1", "q-2"]


async def test_a_full_queue_drops_and_counts() -> None:
    made = Made(Other())
    plan = replace(PLAN, per_second=0.4)  # room for two
    for number in range(5):
        made.offer(f"q-{number}", plan)
    assert made.tee.state()["queue"] == 2
    assert made.dropped() == {"full": 3}
    assert made.metrics.registry.get_sample_value("plotlot_shadow_dropped_total", {"reason": "full"}) == 3


async def test_a_busy_gateway_drops_first_what_it_has_and_takes_no_more() -> None:
    made = Made(Other())
    made.offer("q-1")
    made.is_busy = True
    made.offer("q-2")
    async with made.running():
        await settled()
    assert made.other.asked == []
    assert made.dropped() == {"busy": 2}


@pytest.mark.parametrize("plan", [RESTING, replace(PLAN, shadows=False), replace(PLAN, candidate="bundle-3")])
async def test_it_rests_as_soon_as_the_plan_says_so(plan: Plan) -> None:
    made = Made(Other())
    made.offer("q-1")
    made.plan = plan
    async with made.running():
        await settled()
    assert made.other.asked == []
    assert made.dropped() == {"rests": 1}


async def test_never_more_than_the_budget_is_sent() -> None:
    made = Made(Other())
    made.plan = replace(PLAN, per_second=0.001)
    for number in range(4):
        made.offer(f"q-{number}")
    async with made.running():
        await settled()
        assert made.other.asked == ["q-0"]


async def test_a_failed_candidate_is_a_pair_and_somebody_elses_answer_is_none() -> None:
    made = Made(Other(Answered(5.0, "deadline", failed=True)))
    async with made.running():
        made.offer("q-1")
        await made.recorded.came.wait()
        made.other.answer = None
        made.offer("q-2")
        await settled()
    (pair,) = made.recorded.pairs
    assert (pair.candidate.failed, pair.candidate.status) == (True, "deadline")
    assert made.tee.state()["sent"] == {"failed": 1, "misdirected": 1}


async def test_an_answer_of_which_nothing_can_be_made_is_a_failure_of_the_candidate() -> None:
    made = Made(Other(Answered(0.2, answer={"refused": False, "answer": Unspeakable(), "quotes": []})))
    async with made.running():
        made.offer("q-1")
        await made.recorded.came.wait()
    (pair,) = made.recorded.pairs
    assert (pair.candidate.failed, pair.candidate.status, pair.stable.failed) == (True, "unreadable", False)
    assert made.tee.state()["sent"] == {"failed": 1}


async def test_what_was_sent_and_not_answered_at_the_end_is_a_pair_without_a_candidate() -> None:
    made = Made(Other(held=True))
    async with made.running():
        made.offer("q-1")
        await made.other.seen.wait()
    (pair,) = made.recorded.pairs
    assert not pair.HasField("candidate")
    assert made.tee.state()["sent"] == {"missing": 1}


async def test_what_was_not_sent_at_the_end_was_not_asked() -> None:
    made = Made(Other())
    made.offer("q-1")
    await made.tee.stop(0)
    assert made.recorded.pairs == []
    assert made.dropped() == {"stopped": 1}


def test_without_a_candidate_or_a_plan_nothing_is_wanted() -> None:
    assert not Made(None).tee.wants(PLAN, "s-1")
    assert not Made(Other()).tee.wants(replace(PLAN, shadows=False), "s-1")
    assert Made(Other()).tee.wants(PLAN, "s-1")


@given(session=st.text(min_size=1), share=st.floats(0, 1))
def test_a_session_is_in_the_sample_or_not_for_good(session: str, share: float) -> None:
    first = sampled(session, "bundle-2", share)
    assert sampled(session, "bundle-2", share) == first
    assert not first or sampled(session, "bundle-2", min(share * 1.5, 1.0))
    assert sampled(session, "bundle-2", 1.0)
    assert not sampled(session, "bundle-2", 0.0)


def test_the_sample_is_as_large_as_its_share_and_another_for_another_candidate() -> None:
    names = [f"s-{number}" for number in range(4000)]
    first = {name for name in names if sampled(name, "bundle-2", 0.2)}
    other = {name for name in names if sampled(name, "bundle-3", 0.2)}
    assert 700 < len(first) < 900
    assert 100 < len(first & other) < 220
