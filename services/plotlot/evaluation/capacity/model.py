"""What a request costs each service, and so what a rate of requests takes.

By the utilisation law (Denning and Buzen, Computing Surveys 10, 1978): the cores that a service is busy are the rate times its
seconds for a request. A process of Python works on one core; Postgres and the engines take what they are given.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

DATABASE = "postgres"
CLIENT = "client"  # who asks: on the same machine it takes cores too
Seconds = Mapping[str, float]  # of one core, by service, for one request


@dataclass(frozen=True, slots=True)
class Limit:
    """The rate that cannot be passed, and what is full there: a service, or `cores`."""

    rate: float
    by: str


def blended(by_kind: Mapping[str, Seconds], mix: Mapping[str, float]) -> dict[str, float]:
    """Seconds by service of the average request of a mix; its weights need not add up to 1.

    Raises ValueError where the mix asks for a kind that was not measured, or for nothing.
    """
    missing = sorted(set(mix) - set(by_kind))
    total = sum(mix.values())
    if missing or total <= 0:
        raise ValueError(f"not measured: {', '.join(missing)}" if missing else "the mix asks for nothing")
    services = {service for kind in mix for service in by_kind[kind]}
    return {
        service: sum(weight * by_kind[kind].get(service, 0.0) for kind, weight in mix.items()) / total
        for service in sorted(services)
    }


def limit_of(seconds: Seconds, replicas: Mapping[str, int], cores: float) -> Limit:
    """The rate at which the first thing is full: the cores of all, or a service whose replicas have one core each."""
    limits = [Limit(cores / sum(seconds.values()), "cores")]
    limits += [
        Limit(replicas.get(service, 1) / each, service)
        for service, each in seconds.items()
        if each > 0 and service not in (DATABASE, CLIENT)
    ]
    return min(limits, key=lambda limit: limit.rate)


@dataclass(frozen=True, slots=True)
class Sizing:
    """How the parts are sized: how busy they may be, and what a replica takes besides its core."""

    busy: float = 0.6  # the share of a replica's core that is used at the rate; above it waits grow fast
    megabytes: Mapping[str, float] = field(default_factory=dict)  # of a replica, by service
    connections: int = 8  # to the database that a replica holds at most
    spare: int = 1  # replicas beyond those needed, so that one may go


@dataclass(frozen=True, slots=True)
class Need:
    """What one service takes at a rate."""

    service: str
    cores: float
    replicas: int
    gigabytes: float
    connections: int


def needs_at(rate: float, seconds: Seconds, sizing: Sizing, without: frozenset[str]) -> list[Need]:
    """What each service takes at a rate; services in ``without`` hold no connections to the database."""
    return [
        _need(service, rate * each, sizing, service not in without)
        for service, each in sorted(seconds.items())
        if service != CLIENT
    ]


def _need(service: str, cores: float, sizing: Sizing, connects: bool) -> Need:
    if service == DATABASE:
        return Need(service, cores / sizing.busy, 1, 0.0, 0)
    replicas = max(math.ceil(cores / sizing.busy), 1) + sizing.spare
    gigabytes = replicas * sizing.megabytes.get(service, 0.0) / 1000
    return Need(service, cores / sizing.busy, replicas, gigabytes, replicas * sizing.connections * connects)


def gpus_at(asks: float, tokens: float, tokens_per_second: float, busy: float = 0.6) -> float:
    """GPUs for so many questions a second of so many tokens each, where one GPU writes and reads so many a second."""
    if tokens_per_second <= 0:
        raise ValueError("a GPU that writes nothing answers nothing")
    return asks * tokens / tokens_per_second / busy
