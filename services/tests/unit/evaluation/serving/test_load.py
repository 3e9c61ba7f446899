"""A closed loop keeps so many in flight, an open one sends on time whatever comes back."""

import asyncio
import time
from random import Random

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.serving.fake_engine import FakeEngine, Pace, running
from plotlot.evaluation.serving.load import ask_of, closed_loop, open_loop
from plotlot.evaluation.serving.targets import Ask, Outcome, target


class Slow:
    """Answers after a while, and knows how many it had at a time."""

    name = "slow"

    def __init__(self) -> None:
        self.now = self.most = 0

    async def send(self, ask: Ask, outcome: Outcome) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        outcome.ended = time.perf_counter()

    async def close(self) -> None:
        """Nothing."""


ASKS = [ask_of(number, 1, 5, 4) for number in range(12)]


async def test_a_closed_loop_has_so_many_users() -> None:
    slow = Slow()
    outcomes = await closed_loop(slow, ASKS, 3)
    assert (len(outcomes), slow.most) == (12, 3)


async def test_an_open_loop_does_not_wait_for_answers() -> None:
    slow = Slow()
    outcomes = await open_loop(slow, ASKS, 10_000, Random(1).random)
    assert (len(outcomes), slow.most) == (12, 12)
    dues = [each.due for each in outcomes]
    assert dues == sorted(dues)


def test_requests_differ_and_are_the_same_for_the_same_seed() -> None:
    assert ask_of(3, 1, 9, 4) == ask_of(3, 1, 9, 4)
    assert len({ask_of(number, 1, 9, 4).text for number in range(50)}) == 50
    assert ask_of(3, 2, 9, 4) != ask_of(3, 1, 9, 4)


async def test_an_engine_is_measured_by_its_url() -> None:
    async with running(FakeEngine(Pace(token_seconds=0.001))) as engine:
        asked = target(engine.url, "fake")
        (outcome,) = await closed_loop(asked, ASKS[:1], 1)
        await asked.close()
    assert outcome.tokens == 4
    assert not outcome.error
    assert outcome.due < outcome.arrivals[0] <= outcome.ended


async def test_an_engine_that_is_away_is_an_error_and_no_crash() -> None:
    asked = target("http://127.0.0.1:1", "fake")
    (outcome,) = await closed_loop(asked, ASKS[:1], 1)
    await asked.close()
    assert outcome.error == "ClientConnectorError"


def test_what_is_no_target_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="grpc://host:port"):
        target("localhost:8000", "m")
