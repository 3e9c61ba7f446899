"""What is made of each answer: whose request it was, whether it is copied, and whether it harmed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from plotlot.api.judge.v1 import judge_pb2
from plotlot.domain.outcomes import LEFT
from plotlot.domain.plans import Plan
from plotlot.gateway.delivery.observer import Observer
from plotlot.gateway.delivery.plan import RESTING
from plotlot.gateway.delivery.sessions import Session, Visit, current_visit
from plotlot.gateway.delivery.tee import Copy, sampled, shadow_pair
from plotlot.gateway.inquiries import MUNICIPALITIES, asking
from plotlot.gateway.outcomes import Answered
from plotlot.rpc.context import RequestContext, current_request

SHADOW = Plan(release="r-1", candidate="bundle-2", stage="shadow", shadows=True, share=1.0)
CANARY = replace(SHADOW, stage="canary", shadows=False, objectives_seconds={"": 1.0, "ask": 3.0})
ASK = asking("How deep?", "T")
FINE = Answered(0.2, answer={"refused": True})


class Watched:
    """An observer, and what it told."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.copies, self.ids = plan, [], 0
        self.told: list[tuple[str, str, bool, judge_pb2.Exposure | None]] = []
        me: Any = self
        self.observe = Observer("bundle-1", lambda: self.plan, me, me, lambda: 1.8e9, self._id).observe

    def _id(self) -> str:
        self.ids += 1
        return str(self.ids)

    def wants(self, plan: Plan, session: str) -> bool:
        return plan.shadows

    def offer(self, copy: Copy) -> None:
        self.copies.append(copy)

    def exposure(self, release: str, bundle: str, operation: str, begins: bool, event: Any) -> None:
        self.told.append((bundle, operation, begins, event))


@pytest.fixture(autouse=True)
def request_of_a_user() -> Iterator[None]:
    request = current_request.set(RequestContext("req-1", "bundle-1"))
    visit = current_visit.set(Visit(Session("s-1", 1.7e9, begins=True), weighed=True))
    yield
    current_visit.reset(visit)
    current_request.reset(request)


def as_shadow() -> None:
    current_request.set(RequestContext("req-1", "bundle-1", shadow=True))


def test_without_a_release_nothing_is_told() -> None:
    watched = Watched(RESTING)
    watched.observe(ASK, FINE)
    assert (watched.copies, watched.told) == ([], [])


def test_in_the_shadow_stage_answers_are_copied_under_an_id_of_their_own() -> None:
    watched = Watched(SHADOW)
    watched.observe(ASK, FINE)
    watched.observe(ASK, FINE)
    assert [copy.request_id for copy in watched.copies] == ["req-1:1", "req-1:2"]
    assert {copy.session for copy in watched.copies} == {"s-1"}
    assert watched.told == []


def test_a_copy_is_not_copied_and_not_counted() -> None:
    as_shadow()
    for plan in (SHADOW, replace(CANARY, shadows=True)):
        watched = Watched(plan)
        watched.observe(ASK, FINE)
        assert (watched.copies, watched.told) == ([], [])


@pytest.mark.parametrize("shadows", [True, False])
def test_an_event_says_whether_its_session_is_in_the_sample_on_both_bundles(shadows: bool) -> None:
    watched = Watched(replace(CANARY, shadows=shadows, share=0.5))
    for number in range(64):
        current_visit.set(Visit(Session(f"s-{number}", 1.7e9, begins=True), weighed=True))
        watched.observe(ASK, Answered(9.0, "503", failed=True))
    told = {event.session: event.shadowed for *_, event in watched.told if event is not None}
    assert told == {session: sampled(session, CANARY.candidate, 0.5) for session in told}
    assert set(told.values()) == {True, False}


def test_what_says_nothing_of_a_bundle_is_not_copied() -> None:
    watched = Watched(SHADOW)
    watched.observe(MUNICIPALITIES, FINE)
    assert watched.copies == []


def test_what_a_user_left_is_copied_with_the_time_that_they_waited() -> None:
    watched = Watched(SHADOW)
    watched.observe(ASK, Answered(9.5, LEFT))
    (copy,) = watched.copies
    stable = shadow_pair(copy, FINE).stable
    assert (stable.status, stable.seconds, stable.failed) == ("left", 9.5, False)


def test_in_the_canary_every_request_is_counted_and_a_session_once() -> None:
    watched = Watched(CANARY)
    watched.observe(MUNICIPALITIES, FINE)
    watched.observe(ASK, FINE)
    assert watched.told == [("bundle-1", "municipalities", True, None), ("bundle-1", "ask", False, None)]


@pytest.mark.parametrize("visit", [None, Visit(Session("s-1", 1.7e9, begins=True))])
def test_what_the_route_did_not_weigh_is_copied_and_neither_counted_nor_an_event(visit: Visit | None) -> None:
    current_visit.set(visit)
    watched = Watched(replace(CANARY, shadows=True))
    watched.observe(ASK, Answered(9.0, "503", failed=True))
    assert (len(watched.copies), watched.told) == (1, [])


def test_a_request_without_a_session_is_one() -> None:
    current_visit.set(Visit(Session("", 1.8e9, begins=True), weighed=True))
    watched = Watched(CANARY)
    watched.observe(ASK, Answered(9.0, "deadline-exceeded", failed=True))
    ((_, _, begins, event),) = watched.told
    assert begins
    assert event is not None
    assert event.session == ""
    assert event.session_started_at.seconds == 1_800_000_000


@pytest.mark.parametrize(
    ("answered", "tells"),
    [
        (Answered(3.0, answer={}), False),
        (Answered(3.1, answer={}), True),
        (Answered(3.1, LEFT), True),
        (Answered(0.1, LEFT), False),
        (Answered(0.1, "unknown-address"), False),
        (Answered(0.1, "service-unavailable", failed=True), True),
    ],
)
def test_what_failed_or_took_too_long_is_told_one_by_one(answered: Answered, tells: bool) -> None:
    watched = Watched(CANARY)
    watched.observe(ASK, answered)
    ((_, _, _, event),) = watched.told
    assert (event is not None) == tells
    if event is not None:
        assert (event.bundle, event.session, event.operation) == ("bundle-1", "s-1", "ask")
        assert (event.session_started_at.seconds, event.at.seconds) == (1_700_000_000, 1_800_000_000)
        assert (event.outcome.failed, event.outcome.status) == (answered.failed, answered.status)


def test_a_failure_is_noted_so_that_it_is_told_once() -> None:
    visit = current_visit.get()
    assert visit is not None
    Watched(RESTING).observe(ASK, FINE)
    assert not visit.told
    Watched(RESTING).observe(ASK, Answered(0.1, "internal", failed=True))
    assert visit.told


def test_a_fault_of_the_observer_is_not_the_users(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(SHADOW)
    watched.wants = None  # type: ignore[assignment, method-assign]
    watched.observe(ASK, FINE)
    assert "was not observed" in caplog.text


async def test_each_request_has_its_own_visit() -> None:
    watched = Watched(CANARY)

    async def one(name: str) -> None:
        current_visit.set(Visit(Session(name, 1.0, begins=False), weighed=True))
        await asyncio.sleep(0)
        watched.observe(ASK, Answered(9.0, answer={}))

    await asyncio.gather(one("a"), one("b"))
    assert sorted(event.session for *_, event in watched.told if event is not None) == ["a", "b"]
