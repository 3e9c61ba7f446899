import math

import pytest

from plotlot.evaluation.capacity.queues import (
    chance_to_wait,
    mean_wait_seconds,
    servers_for,
    wait_percentile_seconds,
)


@pytest.mark.parametrize(
    ("servers", "load", "chance"),
    [
        (1, 0.5, 0.5),
        (2, 1.0, 1 / 3),
        (3, 2.0, 4 / 9),
        (5, 4.0, 0.5541),
        (10, 8.0, 0.4092),
        (100, 90.0, 0.2169),
    ],
)
def test_the_chance_to_wait_is_that_of_tables(servers: int, load: float, chance: float) -> None:
    assert chance_to_wait(servers, load) == pytest.approx(chance, abs=5e-5)


def test_it_is_erlangs_sum_written_out() -> None:
    servers, load = 7, 5.3
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    whole = sum(load**number / math.factorial(number) for number in range(servers)) + last
    assert chance_to_wait(servers, load) == pytest.approx(last / whole, rel=1e-12)


def test_one_server_waits_as_pollaczek_and_khinchin_say() -> None:
    rate, service, variation = 8.0, 0.1, 0.5
    busy = rate * service
    expected = busy * service * (1 + variation**2) / (2 * (1 - busy))
    assert mean_wait_seconds(1, rate, service, variation) == pytest.approx(expected)


def test_waits_of_many_servers_are_those_of_m_m_c() -> None:
    assert mean_wait_seconds(2, 15.0, 0.1) == pytest.approx(chance_to_wait(2, 1.5) * 0.1 / 0.5)
    assert wait_percentile_seconds(2, 1.0, 0.1, 0.95) == 0.0


def test_a_percentile_is_passed_by_its_share() -> None:
    servers, rate, service = 3, 25.0, 0.1
    wait = wait_percentile_seconds(servers, rate, service, 0.95)
    passed = chance_to_wait(servers, 2.5) * math.exp(-(servers - 2.5) * wait / service)
    assert passed == pytest.approx(0.05)


def test_the_fewest_servers_keep_the_wait_and_one_less_does_not() -> None:
    servers = servers_for(100.0, 0.1, 0.02)
    assert wait_percentile_seconds(servers, 100.0, 0.1, 0.95) <= 0.02
    assert wait_percentile_seconds(servers - 1, 100.0, 0.1, 0.95) > 0.02


@pytest.mark.parametrize(
    ("servers", "load", "words"), [(0, 1.0, "no queue"), (2, 2.0, "more than 2 servers")]
)
def test_what_cannot_be_is_refused_in_words(servers: int, load: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chance_to_wait(servers, load)
