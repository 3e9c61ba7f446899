"""The simulation beside closed forms: it must come to them, within what chance allows for so many requests."""

import math
import random

import pytest

from plotlot.evaluation.capacity.queues import mean_wait_seconds
from plotlot.evaluation.capacity.simulation import (
    Pool,
    Visit,
    at_random,
    evenly,
    percentile_seconds,
    response_seconds,
)

SECONDS = 2000.0


def mean_response(
    rate: float, services: dict[str, float], pools: dict[str, Pool], cores: float, seed: int = 3
) -> float:
    draw = random.Random(seed)
    arrivals = [
        (due, [Visit(name, draw.expovariate(1 / mean)) for name, mean in services.items()])
        for due in at_random(rate, SECONDS, lambda mean: draw.expovariate(1 / mean))
    ]
    spent = [seconds for _, seconds in response_seconds(arrivals, pools, cores)]
    assert len(spent) == len(arrivals)
    return sum(spent) / len(spent)


@pytest.mark.parametrize(("servers", "rate"), [(1, 6.0), (2, 15.0), (4, 30.0)])
def test_one_queue_of_several_servers_waits_as_erlang_says(servers: int, rate: float) -> None:
    found = mean_response(rate, {"a": 0.1}, {"a": Pool(1, servers)}, cores=100)
    assert found == pytest.approx(mean_wait_seconds(servers, rate, 0.1) + 0.1, rel=0.06)


def test_queues_in_a_row_are_each_as_if_alone() -> None:
    # Jackson 1957: what leaves an M/M/1 comes at random again.
    found = mean_response(6.0, {"a": 0.1, "b": 0.05}, {"a": Pool(), "b": Pool()}, cores=100)
    assert found == pytest.approx(0.1 / (1 - 0.6) + 0.05 / (1 - 0.3), rel=0.06)


def test_shared_cores_are_shared_evenly() -> None:
    # M/M/1 under processor sharing has the mean of first come, first served.
    found = mean_response(6.0, {"a": 0.1}, {"a": Pool(1, 10_000)}, cores=1)
    assert found == pytest.approx(0.1 / (1 - 0.6), rel=0.06)


def test_two_of_three_who_work_share_two_cores() -> None:
    arrivals = [(0.0, [Visit("a", 1.0)]) for _ in range(3)]
    ended = response_seconds(arrivals, {"a": Pool(3, 1)}, cores=2)
    assert [seconds for _, seconds in ended] == pytest.approx([1.5, 1.5, 1.5])


def test_replicas_take_turns_and_do_not_help_one_another() -> None:
    long, short = [Visit("a", 10.0)], [Visit("a", 1.0)]
    ended = response_seconds(
        [(0.0, long), (0.1, short), (0.2, short), (0.3, short)], {"a": Pool(2, 1)}, cores=2
    )
    assert ended == [
        (0.1, pytest.approx(1.0)),
        (0.3, pytest.approx(1.8)),
        (0.0, pytest.approx(10.0)),
        (0.2, pytest.approx(10.8)),
    ]


def test_more_than_it_can_do_piles_up() -> None:
    arrivals = [(due, [Visit("a", 0.1)]) for due in evenly(20, 10)]
    ended = response_seconds(arrivals, {"a": Pool()}, cores=4)
    assert ended[-1][1] == pytest.approx(200 * 0.1 - 9.95)


def test_percentiles_leave_out_what_was_due_before() -> None:
    assert percentile_seconds([(0.0, 9.0), (1.0, 1.0), (2.0, 3.0)], 0.5, after=1.0) == 2.0
    assert math.isnan(percentile_seconds([], 0.5))
