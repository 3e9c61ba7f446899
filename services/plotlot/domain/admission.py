"""Who is let through to the engines, who waits, and who is told to come back, and when.

More urgent requests go first; among equals each account gets an equal share of tokens (start-time fair queueing,
Goyal, Vin and Cheng 1996). One in ``PATIENT`` admissions goes to whoever waited longest, so that nobody starves.
A full queue drops from the account that holds most of it (longest queue drop, Suter et al. 1998), where that is
``UNEQUAL`` times what whoever comes would hold: between equals nobody is sent away who waits already.
"""

import heapq
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum

PATIENT = 10
UNEQUAL = 2
REMEMBERED = 64  # answers by which speed is judged
LEAST_REMEMBERED = 8  # answers, before anything is judged by them
LEAST_RETRY_SECONDS = 0.1
LONGEST_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests, and how many tokens of theirs, may be worked on and may wait."""

    in_flight: int
    in_flight_tokens: int
    waiting: int
    waiting_tokens: int

    def times(self, replicas: int) -> "Limits":
        """The limits of so many replicas, where these are one's; none at all counts as one."""
        each = max(replicas, 1)
        return Limits(
            self.in_flight * each,
            self.in_flight_tokens * each,
            self.waiting * each,
            self.waiting_tokens * each,
        )


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request: ``tokens`` it may take, prompt and answer; times in seconds on one clock."""

    id: int
    tokens: int
    arrived: float
    deadline: float | None = None
    account: str = ""
    urgency: int = 0


class Reason(StrEnum):
    """Why a request is not let through."""

    FULL = "full"
    TOO_LARGE = "too_large"
    DISPLACED = "displaced"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is not let through, and when to come back."""

    ticket: Ticket
    reason: Reason
    retry_after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What an event leads to: who is let through now, and who is refused."""

    admitted: tuple[Ticket, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class Speed:
    """How fast answers came, by the last of them; time in which nothing was worked on does not count."""

    finished: deque[tuple[int, float, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    since: float = 0.0

    def began(self, now: float) -> None:
        """Work begins after there was none."""
        self.since = now

    def ended(self, tokens: int, seconds: float, now: float) -> None:
        """One answer is there, which took ``seconds``."""
        self.finished.append((tokens, max(now - self.since, 0.0), seconds))
        self.since = now

    @property
    def tokens_per_second(self) -> float | None:
        """How many tokens are got through in a second; None before that is known."""
        elapsed = sum(each[1] for each in self.finished)
        if len(self.finished) < LEAST_REMEMBERED or elapsed <= 0:
            return None
        return sum(each[0] for each in self.finished) / elapsed

    @property
    def fast_seconds(self) -> float:
        """What the fastest tenth of answers took at most; 0 before that is known."""
        if len(self.finished) < LEAST_REMEMBERED:
            return 0.0
        return sorted(each[2] for each in self.finished)[len(self.finished) // 10]


class AdmissionQueue:
    """The queue before the engines. Each ticket is admitted or refused once, unless it is withdrawn."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.most_tokens = min(limits.in_flight_tokens, limits.waiting_tokens)  # of one request, at any time
        self._running: dict[int, tuple[Ticket, float]] = {}
        self._running_tokens = 0
        self._waiting: dict[int, Ticket] = {}
        self._heaps: dict[int, list[tuple[float, int]]] = {}
        self._tokens: Counter[int] = Counter()  # that wait, by urgency
        self._accounts: Counter[tuple[int, str]] = Counter()  # tokens that wait, by urgency and account
        self._virtual: dict[int, float] = defaultdict(float)
        self._ends: dict[tuple[int, str], float] = {}
        self._admissions = 0
        self._speed = Speed()

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        return len(self._waiting)

    @property
    def waiting_tokens(self) -> int:
        """Tokens of those that wait."""
        return sum(self._tokens.values())

    @property
    def in_flight(self) -> int:
        """Requests that were let through and are not finished."""
        return len(self._running)

    @property
    def in_flight_tokens(self) -> int:
        """Tokens of those let through."""
        return self._running_tokens

    def oldest_seconds(self, now: float) -> float:
        """How long the oldest has waited."""
        first = next(iter(self._waiting.values()), None)  # they stand in the order in which they came
        return now - first.arrived if first else 0.0

    def offer(self, ticket: Ticket, now: float) -> Change:
        """A request comes."""
        if ticket.tokens > self.most_tokens:
            return Change(refused=(Refusal(ticket, Reason.TOO_LARGE),))
        if not self._waiting and self._fits(ticket):
            return self._late(ticket, now) or Change(admitted=(self._admit(ticket, now),))
        late = self._late(ticket, now, self._seconds_before(ticket))
        if late is not None:
            return late
        displaced = self._make_room(ticket)
        if displaced is None:
            return Change(refused=(Refusal(ticket, Reason.FULL, self.retry_after_seconds(ticket)),))
        self._enqueue(ticket)
        wait = self.retry_after_seconds(ticket)
        return Change(refused=tuple(Refusal(each, Reason.DISPLACED, wait) for each in displaced))

    def finish(self, ticket: Ticket, now: float, answered: bool = True) -> Change:
        """A request that was let through is over; only one that was answered tells of speed."""
        _, started = self._running.pop(ticket.id)
        self._running_tokens -= ticket.tokens
        if answered:
            self._speed.ended(ticket.tokens, now - started, now)
        return self._advance(now)

    def withdraw(self, ticket: Ticket, now: float) -> Change:
        """A request is no longer wanted, whether it waits still or was let through meanwhile."""
        if ticket.id in self._running:
            return self.finish(ticket, now, answered=False)
        if ticket.id in self._waiting:
            self._remove(ticket)
        return self._advance(now)

    def resize(self, limits: Limits, now: float) -> Change:
        """Have these limits from now on, which let one request take no more than the first ones did.

        Nobody who is let through or waits already is sent away for them.
        """
        self.limits = limits
        return self._advance(now)

    def retry_after_seconds(self, ticket: Ticket) -> float:
        """When those that would go before a request will have been served, if nobody else comes."""
        seconds = self._seconds_before(ticket)
        return min(max(seconds, LEAST_RETRY_SECONDS), LONGEST_RETRY_SECONDS)

    def _seconds_before(self, ticket: Ticket) -> float:
        speed = self._speed.tokens_per_second
        before = sum(tokens for urgency, tokens in self._tokens.items() if urgency >= ticket.urgency)
        return before / speed if speed else 0.0

    def _late(self, ticket: Ticket, now: float, wait: float = 0.0) -> Change | None:
        """The refusal of a request that even the fastest of recent answers would come too late for."""
        if ticket.deadline is None or now + wait + self._speed.fast_seconds < ticket.deadline:
            return None
        return Change(refused=(Refusal(ticket, Reason.LATE),))

    def _fits(self, ticket: Ticket) -> bool:
        limits = self.limits
        return (
            len(self._running) < limits.in_flight
            and self._running_tokens + ticket.tokens <= limits.in_flight_tokens
        )

    def _admit(self, ticket: Ticket, now: float) -> Ticket:
        if not self._running:
            self._speed.began(now)
        self._running[ticket.id] = (ticket, now)
        self._running_tokens += ticket.tokens
        self._admissions += 1
        return ticket

    def _enqueue(self, ticket: Ticket) -> None:
        group = (ticket.urgency, ticket.account)
        if len(self._ends) > 2 * self.limits.waiting:  # of those who left, remember who got most
            largest = sorted(self._ends.items(), key=lambda each: each[1] - self._virtual[each[0][0]])
            self._ends = dict(largest[-self.limits.waiting :])
        start = max(self._virtual[ticket.urgency], self._ends.get(group, 0.0))
        self._ends[group] = start + ticket.tokens
        heapq.heappush(self._heaps.setdefault(ticket.urgency, []), (start, ticket.id))
        self._waiting[ticket.id] = ticket
        self._tokens[ticket.urgency] += ticket.tokens
        self._accounts[group] += ticket.tokens

    def _remove(self, ticket: Ticket) -> None:
        """Out of the queue; its place in the heap is passed over later."""
        group = (ticket.urgency, ticket.account)
        del self._waiting[ticket.id]
        self._tokens[ticket.urgency] -= ticket.tokens
        self._accounts[group] -= ticket.tokens
        if not self._accounts[group]:
            del self._accounts[group]
            self._ends.pop(group, None) if self._ends.get(group, 0.0) <= self._virtual[
                ticket.urgency
            ] else None
        if not self._waiting:  # nobody is owed anything
            self._heaps.clear()
            self._ends.clear()
            self._virtual.clear()

    def _advance(self, now: float) -> Change:
        """Let through whoever is next, for as long as there is room."""
        admitted: list[Ticket] = []
        refused: list[Refusal] = []
        while self._waiting:
            ticket = self._next()
            if not self._fits(ticket):
                break
            self._remove(ticket)
            late = self._late(ticket, now)
            if late is not None:
                refused.extend(late.refused)
            else:
                admitted.append(self._admit(ticket, now))
        return Change(tuple(admitted), tuple(refused))

    def _next(self) -> Ticket:
        if self._admissions % PATIENT == PATIENT - 1:
            return next(iter(self._waiting.values()))
        for urgency in sorted(self._heaps, reverse=True):
            heap = self._heaps[urgency]
            while heap and heap[0][1] not in self._waiting:
                heapq.heappop(heap)
            if heap:
                start, identifier = heap[0]
                self._virtual[urgency] = max(self._virtual[urgency], start)
                return self._waiting[identifier]
        raise AssertionError("whoever waits stands in a heap")

    def _make_room(self, ticket: Ticket) -> list[Ticket] | None:
        """Take out whoever has to make room for a request; None where nobody has to."""
        displaced: list[Ticket] = []
        while not self._has_room(ticket, displaced):
            victim = self._victim(ticket, displaced)
            if victim is None:
                return None
            displaced.append(victim)
        for each in displaced:
            self._remove(each)
        return displaced

    def _has_room(self, ticket: Ticket, without: list[Ticket]) -> bool:
        tokens = self.waiting_tokens - sum(each.tokens for each in without)
        return (
            len(self._waiting) - len(without) < self.limits.waiting
            and tokens + ticket.tokens <= self.limits.waiting_tokens
        )

    def _victim(self, ticket: Ticket, already: list[Ticket]) -> Ticket | None:
        """The newest request of the account that holds most of the least urgent class, if it has to yield."""
        gone = {each.id for each in already}
        held = Counter(self._accounts)
        for each in already:
            held[(each.urgency, each.account)] -= each.tokens
        held = Counter({group: tokens for group, tokens in held.items() if tokens > 0})
        if not held:
            return None
        lowest = min(urgency for urgency, _ in held)
        most, account = max((tokens, name) for (urgency, name), tokens in held.items() if urgency == lowest)
        own = held[(ticket.urgency, ticket.account)] + ticket.tokens
        if lowest > ticket.urgency or (lowest == ticket.urgency and most <= UNEQUAL * own):
            return None
        return next(
            each
            for each in reversed(self._waiting.values())
            if each.id not in gone and (each.urgency, each.account) == (lowest, account)
        )
