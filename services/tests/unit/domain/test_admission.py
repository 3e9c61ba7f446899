"""Limits hold, everyone gets one answer, the urgent go first, accounts share, and nobody starves."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.admission import (
    LEAST_REMEMBERED,
    PATIENT,
    AdmissionQueue,
    Change,
    Limits,
    Reason,
    Ticket,
)

ONE_AT_A_TIME = Limits(in_flight=1, in_flight_tokens=1000, waiting=100, waiting_tokens=100_000)


def ticket(number: int, tokens: int = 10, **changes: object) -> Ticket:
    return Ticket(number, tokens, arrived=0.0, **changes)  # type: ignore[arg-type]


@dataclass
class Run:
    """A queue that is driven, and what became of each ticket."""

    queue: AdmissionQueue
    now: float = 0.0
    outcomes: dict[int, str] = field(default_factory=dict)
    running: list[Ticket] = field(default_factory=list)
    waiting: dict[int, Ticket] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        for each in change.admitted:
            assert each.id not in self.outcomes
            self.outcomes[each.id] = "admitted"
            self.waiting.pop(each.id, None)
            self.running.append(each)
        for refusal in change.refused:
            assert refusal.ticket.id not in self.outcomes
            self.outcomes[refusal.ticket.id] = refusal.reason
            self.waiting.pop(refusal.ticket.id, None)
        limits = self.queue.limits
        assert len(self.running) == self.queue.in_flight <= limits.in_flight
        assert (
            sum(each.tokens for each in self.running)
            == self.queue.in_flight_tokens
            <= limits.in_flight_tokens
        )
        assert len(self.waiting) == self.queue.waiting <= limits.waiting
        assert sum(each.tokens for each in self.waiting.values()) == self.queue.waiting_tokens
        assert self.queue.waiting_tokens <= limits.waiting_tokens

    def offer(self, one: Ticket) -> None:
        self.waiting[one.id] = one
        self.take(self.queue.offer(one, self.now))

    def finish(self, index: int = 0) -> Ticket:
        done = self.running.pop(index)
        self.take(self.queue.finish(done, self.now))
        return done


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["offer", "offer", "finish", "withdraw"]),
        st.integers(1, 60),
        st.sampled_from(["", "a", "b", "c"]),
        st.sampled_from([-1, 0, 1]),
        st.none() | st.floats(0, 30),
    ),
    max_size=80,
)


@given(EVENTS)
def test_limits_hold_and_everyone_is_answered_once(
    events: list[tuple[str, int, str, int, float | None]],
) -> None:
    run = Run(AdmissionQueue(Limits(3, 100, 5, 150)))
    withdrawn = 0
    for number, (kind, tokens, account, urgency, deadline) in enumerate(events):
        run.now += 0.5
        if kind == "offer":
            run.offer(Ticket(number, tokens, run.now, deadline, account, urgency))
        elif kind == "finish" and run.running:
            run.finish(tokens % len(run.running))
        elif kind == "withdraw" and run.waiting:
            gone = run.waiting.pop(next(iter(run.waiting)))
            withdrawn += 1
            run.take(run.queue.withdraw(gone, run.now))
    while run.running:
        run.now += 0.5
        run.finish()
    assert not run.waiting, "whoever waits is let through once there is room"
    assert len(run.outcomes) + withdrawn == sum(kind == "offer" for kind, *_ in events)


def test_the_urgent_go_first() -> None:
    run = Run(AdmissionQueue(ONE_AT_A_TIME))
    for number, urgency in enumerate([0, -1, 0, 1, -1, 1]):
        run.offer(ticket(number, urgency=urgency))
    order = [run.finish().id for _ in range(6)]
    assert order == [0, 3, 5, 2, 1, 4]


def test_nobody_starves() -> None:
    run = Run(AdmissionQueue(ONE_AT_A_TIME))
    run.offer(ticket(0))
    run.offer(ticket(1, urgency=-1))
    for number in range(2, 2 + 2 * PATIENT):
        run.offer(ticket(number, urgency=1))
        run.finish()
    assert run.outcomes.get(1) == "admitted"


@given(st.integers(1, 5), st.integers(10, 60))
def test_accounts_get_equal_shares_of_tokens_however_many_requests_they_send(many: int, size: int) -> None:
    """One account sends many requests, another few large ones; while both wait, both get as many tokens."""
    run = Run(AdmissionQueue(Limits(1, 1000, 1000, 1_000_000)))
    run.offer(ticket(0))
    for number in range(1, 200):
        run.offer(ticket(number, tokens=10, account="many"))
    for number in range(1000, 1000 + 20 * many):
        run.offer(ticket(number, tokens=size, account="few"))
    served: Counter[str] = Counter()
    run.finish()
    for _ in range(60):
        done = run.finish()
        served[done.account] += done.tokens
        if not any(each.account == "few" for each in run.waiting.values()):
            break
    # One in PATIENT goes to whoever waited longest, which favours the first; and the last may be one request ahead.
    assert abs(served["many"] - served["few"]) <= 2 * size + 60 / PATIENT * max(size, 10)


def test_a_full_queue_drops_from_whoever_holds_most_of_it() -> None:
    run = Run(AdmissionQueue(Limits(1, 100, 4, 1000)))
    run.offer(ticket(0))
    for number in range(1, 5):
        run.offer(ticket(number, account="greedy"))
    run.offer(ticket(5, account="modest"))
    assert run.outcomes[4] == Reason.DISPLACED
    run.offer(ticket(6, account="greedy"))
    assert run.outcomes[6] == Reason.FULL
    assert 5 in run.waiting


def test_the_urgent_displace_the_others_and_not_the_other_way_round() -> None:
    run = Run(AdmissionQueue(Limits(1, 100, 2, 1000)))
    run.offer(ticket(0))
    run.offer(ticket(1, urgency=-1))
    run.offer(ticket(2, urgency=0))
    run.offer(ticket(3, urgency=1))
    assert run.outcomes[1] == Reason.DISPLACED
    run.offer(ticket(4, urgency=-1))
    assert run.outcomes[4] == Reason.FULL


def test_what_can_never_fit_is_refused_at_once() -> None:
    run = Run(AdmissionQueue(Limits(1, 100, 2, 1000)))
    run.offer(ticket(0, tokens=101))
    assert run.outcomes[0] == Reason.TOO_LARGE


def steady(run: Run, seconds_each: float = 1.0) -> None:
    """Answer as many as speed is judged by, each in the same time."""
    for number in range(10_000, 10_000 + LEAST_REMEMBERED):
        run.offer(ticket(number))
        run.now += seconds_each
        run.finish()


def test_whoever_comes_back_when_told_is_let_through() -> None:
    run = Run(AdmissionQueue(Limits(1, 100, 5, 1000)))
    steady(run)
    for number in range(6):
        run.offer(ticket(number))
    change = run.queue.offer(ticket(99), run.now)
    assert change.refused[0].reason is Reason.FULL
    back_at = run.now + change.refused[0].retry_after_seconds
    assert back_at == pytest.approx(run.now + 5)  # five requests of a second each wait
    while run.now + 1 <= back_at:
        run.now += 1
        run.finish()
    assert run.queue.waiting < 5
    run.offer(ticket(99))
    assert 99 in run.waiting or run.outcomes[99] == "admitted"


def test_who_cannot_be_answered_in_time_is_told_at_once() -> None:
    run = Run(AdmissionQueue(ONE_AT_A_TIME))
    steady(run)
    run.offer(ticket(0))
    for number in range(1, 4):
        run.offer(ticket(number))
    run.offer(ticket(50, deadline=run.now + 3.5))
    assert run.outcomes[50] == Reason.LATE
    run.offer(ticket(51, deadline=run.now + 4.5))
    assert 51 in run.waiting
    run.offer(ticket(52, deadline=run.now - 1))
    assert run.outcomes[52] == Reason.LATE


def test_whoever_waited_too_long_is_not_sent_to_an_engine() -> None:
    run = Run(AdmissionQueue(ONE_AT_A_TIME))
    steady(run)
    run.offer(ticket(0))
    run.offer(ticket(1, deadline=run.now + 2.5))
    run.now += 2
    run.finish()
    assert run.outcomes[1] == Reason.LATE


def test_accounts_that_come_and_go_are_forgotten() -> None:
    queue = AdmissionQueue(Limits(1, 100, 5, 1000))
    run = Run(queue)
    run.offer(ticket(0))
    for number in range(1, 500):
        run.offer(ticket(number, account=f"account-{number}"))
        if number > 2:
            run.finish()
    assert len(queue._ends) < 50
    assert len(queue._accounts) <= 5


def test_more_replicas_let_more_through_at_once() -> None:
    one = Run(AdmissionQueue(ONE_AT_A_TIME))
    for number in range(4):
        one.offer(ticket(number))
    one.take(one.queue.resize(ONE_AT_A_TIME.times(3), one.now))
    assert (one.queue.in_flight, one.queue.waiting) == (3, 1)


def test_fewer_replicas_take_nothing_away_and_let_through_later() -> None:
    queue = AdmissionQueue(ONE_AT_A_TIME)
    queue.resize(ONE_AT_A_TIME.times(2), 0.0)
    first, second, third = (ticket(number, tokens=900) for number in range(3))
    assert [queue.offer(each, 0.0).admitted for each in (first, second, third)] == [(first,), (second,), ()]
    assert queue.resize(ONE_AT_A_TIME.times(0), 0.0) == Change()
    assert queue.finish(first, 1.0) == Change()  # one is still at work, as many as there may be
    assert queue.finish(second, 2.0).admitted == (third,)


def test_more_replicas_make_no_request_larger() -> None:
    queue = AdmissionQueue(ONE_AT_A_TIME)
    queue.resize(ONE_AT_A_TIME.times(3), 0.0)
    (refusal,) = queue.offer(ticket(0, tokens=1001), 0.0).refused
    assert refusal.reason is Reason.TOO_LARGE
