"""Queues in closed form: arrivals at random, several servers, whoever came first is served first.

Erlang's C (1917), by the stable recurrence of his B; waits of M/M/c as in Gross and Harris, Fundamentals of Queueing
Theory, 2.3; of M/G/c by Lee and Longton's approximation (1959), which is exact for M/M/c and M/G/1.
"""

import math


def chance_to_wait(servers: int, load: float) -> float:
    """Erlang's C: the share of arrivals that find every server busy; ``load`` is arrivals times service time.

    Raises ValueError where there is no server, or they cannot keep up.
    """
    if servers < 1 or load < 0:
        raise ValueError(f"{servers} servers and a load of {load:g} are no queue")
    if load >= servers:
        raise ValueError(f"a load of {load:g} is more than {servers} servers can do")
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait_seconds(servers: int, rate: float, service_seconds: float, variation: float = 1.0) -> float:
    """Mean time before service; ``variation`` is the service time's standard deviation over its mean."""
    load = rate * service_seconds
    exponential = chance_to_wait(servers, load) * service_seconds / (servers - load)
    return exponential * (1 + variation**2) / 2


def wait_percentile_seconds(servers: int, rate: float, service_seconds: float, share: float) -> float:
    """What so large a share of arrivals wait at most, of M/M/c."""
    load = rate * service_seconds
    waiting = chance_to_wait(servers, load)
    if waiting <= 1 - share:
        return 0.0
    return service_seconds / (servers - load) * math.log(waiting / (1 - share))


def servers_for(rate: float, service_seconds: float, wait_seconds: float, share: float = 0.95) -> int:
    """The fewest servers with which that share of arrivals wait no longer than that."""
    servers = max(math.floor(rate * service_seconds) + 1, 1)
    while wait_percentile_seconds(servers, rate, service_seconds, share) > wait_seconds:
        servers += 1
    return servers
