"""What the users of one process of locust share: their scenario, when each is to ask, and what became of requests."""

import itertools
import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any

import gevent
from outcomes import Outcome
from scenarios import PERIOD_SECONDS, is_constant, length_of, mix_of, phase_of, scenario_of, thinks

NEVER_SECONDS = 3600.0
EARLY_SECONDS = 0.0015  # gevent's timers count whole milliseconds, and would all come late by one
LEAST_TAIL_SECONDS = 0.5  # after the end, in which the last users begin to ask
TOO_SLOW = "too slow"


@dataclass(slots=True)
class Asked:
    """A request under way: when the first event of its stream came, its end, and what is wrong until it is answered."""

    first: float | None = None
    ended: float | None = None  # before locust's own bookkeeping, which is not the server's
    error: str = TOO_SLOW


class Run:
    """One process's part of a run. Raises ValueError and KeyError where options ask for what no scenario is."""

    def __init__(self, options: Any) -> None:
        self.scenario = scenario_of(options.scenario, options.rate, options.seconds, options.to)
        self.mix = mix_of(self.scenario)
        self.outcomes: list[Outcome] = []
        self.waiting = 0  # for answers
        self.began, self.ends = self.now(), math.inf
        self._thinks = thinks(self.scenario)
        self._numbers = itertools.count()

    def begin(self, worker: int, workers: int) -> None:
        """Count from now; workers take turns in when their users ask."""
        self.began = self.now()
        self.ends = self.began + length_of(self.scenario)
        self._numbers = itertools.count(max(worker, 0), max(workers, 1))

    @property
    def over(self) -> bool:
        """Whether every request was sent and answered."""
        return self.now() > self.ends + LEAST_TAIL_SECONDS and not self.waiting

    def now(self) -> float:
        """The time of day."""
        return time.time()

    def first_due(self) -> float:
        """When the next user begins to ask: those who think at random, the others evenly, on all workers together."""
        now = self.now()
        if self._thinks:
            return now + random.random() * sum(self.scenario["think_seconds"]) / 2
        # Those of a constant rate are all there from the beginning, however late a busy machine makes them.
        begins = self.began if is_constant(self.scenario) else now
        return begins + (phase_of(self.scenario, next(self._numbers)) - begins) % PERIOD_SECONDS

    def next_due(self, due: float) -> float:
        """When a user who was to ask at some time is to ask again: after thinking, or when its time has come."""
        if self._thinks:
            return self.now() + random.uniform(*self.scenario["think_seconds"])
        return due + PERIOD_SECONDS

    def pause(self, due: float) -> float:
        """Seconds to sleep until a little before then; for ever where the run is over by then."""
        return max(due - self.now() - EARLY_SECONDS, 0.0) if due < self.ends else NEVER_SECONDS

    @contextmanager
    def asking(self, operation: str, due: float) -> Iterator[Asked]:
        """Times a request that is due then, and keeps what became of it, also where it is cut off."""
        while self.now() < due:
            gevent.sleep(0)
        asked, sent = Asked(), self.now()
        self.waiting += 1
        try:
            yield asked
        finally:
            self.waiting -= 1
            first = None if asked.first is None else asked.first - due
            self.outcomes.append(
                Outcome(operation, due, sent - due, (asked.ended or self.now()) - due, first, asked.error)
            )

    def leave(self, due: float) -> None:
        """A user goes; what was due and never sent, since it waited for an answer, is told of."""
        while not self._thinks and due < min(self.now(), self.ends):
            self.outcomes.append(Outcome("not sent", due, 0.0, 0.0, None, "not sent"))
            due = self.next_due(due)

    def drained(self) -> list[tuple[Any, ...]]:
        """What became of requests since this was last asked."""
        gone, self.outcomes = self.outcomes, []
        return [astuple(each) for each in gone]


class Workers:
    """What the master knows of its workers."""

    def __init__(self) -> None:
        self.waiting: dict[str, int] = {}
        self._over: set[str] = set()

    def take(self, run: Run, client: str, told: dict[str, Any]) -> None:
        """Add a worker's outcomes to the run."""
        run.outcomes += [Outcome(*each) for each in told.get("outcomes", ())]
        self.waiting[client] = told.get("waiting", 0)
        if told.get("over"):
            self._over.add(client)

    def over(self, expected: int) -> bool:
        """Whether so many have told of all their answers."""
        return len(self._over) >= expected

    def lost(self, due: float) -> Sequence[Outcome]:
        """Requests whose answer no worker told of, as due then."""
        return [Outcome("lost", due, 0.0, 0.0, None, TOO_SLOW)] * sum(self.waiting.values())
