"""Requests that pass through pools of replicas which share a machine's cores, event by event.

A replica serves so many calls at a time, and the rest wait for it in order; calls go to replicas in turn. Whoever is
served shares the cores with everybody else who is (processor sharing, as a scheduler shares time): with fewer being
served than there are cores, each has one to itself.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Pool:
    """A service: so many replicas, each of which works on ``width`` calls at a time."""

    replicas: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request needs of a service: seconds of one core."""

    service: str
    seconds: float


@dataclass(slots=True)
class _Request:
    due: float
    visits: Sequence[Visit]
    step: int = 0
    place: tuple[str, int] = ("", 0)


class _Machine:
    """Works on what is served; `virtual` is the work that each has got since the beginning, in seconds."""

    def __init__(self, cores: float, pools: Mapping[str, Pool]) -> None:
        self.cores, self.pools = cores, pools
        self.now = self.virtual = 0.0
        self.busy: list[tuple[float, int, _Request]] = []
        self.serving = {(name, number): 0 for name, pool in pools.items() for number in range(pool.replicas)}
        self.waiting: dict[tuple[str, int], deque[_Request]] = {place: deque() for place in self.serving}
        self.turns = dict.fromkeys(pools, 0)
        self.begun = 0

    @property
    def speed(self) -> float:
        return min(1.0, self.cores / len(self.busy)) if self.busy else 1.0

    def next_end(self) -> float:
        if not self.busy:
            return float("inf")
        return self.now + (self.busy[0][0] - self.virtual) / self.speed

    def until(self, moment: float) -> None:
        self.virtual += (moment - self.now) * self.speed
        self.now = moment

    def arrive(self, request: _Request) -> None:
        name = request.visits[request.step].service
        number = self.turns[name] % self.pools[name].replicas
        self.turns[name] += 1
        request.place = (name, number)
        if self.serving[request.place] < self.pools[name].width:
            self._serve(request)
        else:
            self.waiting[request.place].append(request)

    def _serve(self, request: _Request) -> None:
        self.serving[request.place] += 1
        self.begun += 1
        ends = self.virtual + request.visits[request.step].seconds
        heapq.heappush(self.busy, (ends, self.begun, request))

    def finish(self) -> _Request | None:
        """End the next visit; gives the request where it was its last."""
        self.until(self.next_end())
        _, _, request = heapq.heappop(self.busy)
        self.serving[request.place] -= 1
        if self.waiting[request.place]:
            self._serve(self.waiting[request.place].popleft())
        request.step += 1
        if request.step == len(request.visits):
            return request
        self.arrive(request)
        return None


def response_seconds(
    arrivals: Iterable[tuple[float, Sequence[Visit]]], pools: Mapping[str, Pool], cores: float
) -> list[tuple[float, float]]:
    """When each request was due, and the seconds until it was answered, in the order in which they end.

    Arrivals come in the order of their times.
    """
    machine = _Machine(cores, pools)
    ended: list[tuple[float, float]] = []

    def work_until(moment: float) -> None:
        while machine.next_end() <= moment:
            request = machine.finish()
            if request is not None:
                ended.append((request.due, machine.now - request.due))

    for due, visits in arrivals:
        work_until(due)
        machine.until(due)
        machine.arrive(_Request(due, visits))
    while machine.busy:
        work_until(machine.next_end())
    return ended


def evenly(rate: float, seconds: float) -> list[float]:
    """Arrivals at one rate, each as far from the last."""
    return [number / rate for number in range(round(rate * seconds))]


def at_random(rate: float, seconds: float, draw: Callable[[float], float]) -> list[float]:
    """Arrivals of many who do not know one another; ``draw`` gives a time between two from its mean."""
    moments, due = [], draw(1 / rate)
    while due < seconds:
        moments.append(due)
        due += draw(1 / rate)
    return moments


def percentile_seconds(ended: Sequence[tuple[float, float]], share: float, after: float = 0.0) -> float:
    """The time within which that share of the requests due after a moment were answered; nan where none was."""
    spent = [seconds for due, seconds in ended if due >= after]
    return float(np.quantile(spent, share)) if spent else float("nan")
