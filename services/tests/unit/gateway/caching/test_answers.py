"""Kept answers: found under all that they depend on, made once, and renewed behind those who ask."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from plotlot.domain.errors import StoreUnavailable
from plotlot.gateway.caching.answers import FRESH_SECONDS, AnswerCache, normal
from plotlot.gateway.caching.content import ContentState, towns_of
from plotlot.rpc.context import RequestContext, current_request
from plotlot.store.cache import MemoryCache
from plotlot.telemetry import Metrics


class State:
    """What is stored, as a word."""

    def __init__(self) -> None:
        self.word = "first"

    async def now(self, municipality: str = "") -> str:
        return f"{municipality} {self.word}"


class Kept:
    """A cache with a clock, a state and a count of what was made."""

    def __init__(self) -> None:
        self.now, self.made, self.rests = 1000.0, 0, False
        self.state = State()
        content = cast(ContentState, self.state)
        metrics = Metrics()
        memory = MemoryCache(metrics, 100, lambda: self.now)
        self.cache = AnswerCache(memory, content, "b", metrics, lambda: self.rests, lambda: self.now)

    async def ask(self, *asked: str) -> tuple[bytes, str]:
        return await self.cache.answer("ask", asked, self._make)

    async def _make(self) -> bytes:
        self.made += 1
        await asyncio.sleep(0)
        return f"answer {self.made}".encode()


@pytest.fixture
def kept() -> Iterator[Kept]:
    token = current_request.set(RequestContext("r", "b"))
    yield Kept()
    current_request.reset(token)


async def test_the_same_question_is_answered_once_until_what_is_stored_changes(kept: Kept) -> None:
    assert await kept.ask("a", "bc") == (b"answer 1", "miss")
    assert await kept.ask("a", "bc") == (b"answer 1", "hit")
    assert await kept.ask("ab", "c") == (b"answer 2", "miss")
    kept.state.word = "second"
    assert await kept.ask("a", "bc") == (b"answer 3", "miss")


async def test_tenants_have_their_own_answers(kept: Kept) -> None:
    await kept.ask("a")
    current_request.set(RequestContext("r", "b", tenant="acme"))
    assert await kept.ask("a") == (b"answer 2", "miss")


async def test_who_asks_at_the_same_time_waits_for_the_same_making(kept: Kept) -> None:
    found = await asyncio.gather(*(kept.ask("a") for _ in range(5)))
    assert [content for content, _ in found] == [b"answer 1"] * 5
    assert sorted(result for _, result in found) == ["miss", *["shared"] * 4]


async def test_who_leaves_takes_the_answer_from_nobody(kept: Kept) -> None:
    leaving = asyncio.create_task(kept.ask("a"))
    staying = asyncio.create_task(kept.ask("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying)[0] == b"answer 1"


async def test_an_old_answer_is_given_while_it_is_made_anew(kept: Kept) -> None:
    await kept.ask("a")
    kept.now += FRESH_SECONDS + 1
    assert await kept.ask("a") == (b"answer 1", "stale")
    await asyncio.sleep(0.01)
    assert await kept.ask("a") == (b"answer 2", "hit")


async def test_nothing_is_found_or_filled_by_shadows_or_while_a_release_is_judged(kept: Kept) -> None:
    kept.rests = True
    assert (await kept.ask("a"))[1] == "bypass"
    kept.rests = False
    current_request.set(RequestContext("r", "b", shadow=True))
    assert (await kept.ask("a"))[1] == "bypass"
    current_request.set(RequestContext("r", "b"))
    assert (await kept.ask("a"))[1] == "miss"


async def test_a_failure_is_told_to_all_and_kept_for_nobody(kept: Kept) -> None:
    async def fail() -> bytes:
        await asyncio.sleep(0)
        raise ValueError("away")

    asked = [kept.cache.answer("ask", ("a",), fail) for _ in range(2)]
    assert [str(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == ["away", "away"]
    assert await kept.ask("a") == (b"answer 1", "miss")


class Counting(ContentState):
    """Counts its readings instead of asking a database."""

    def __init__(self) -> None:
        self.opened = 0
        self.go = asyncio.Event()
        self.asked: list[dict[str, Any]] = []
        self.away: Exception | None = None
        super().__init__(self)  # type: ignore[arg-type]

    def connection(self, reads: bool) -> "Counting":
        return self

    async def __aenter__(self) -> "Counting":
        self.opened += 1
        return self

    async def __aexit__(self, *raised: object) -> None:
        await asyncio.sleep(0)

    async def execute(self, query: str, values: dict[str, Any]) -> "Counting":
        self.asked.append(values)
        reading = len(self.asked)
        await self.go.wait()
        if self.away:
            raise self.away
        self.rows: list[tuple[str | None, int, str]] = [
            (town, reading, "now") for town in [*values["towns"], *([None] if values["all"] else [])]
        ]
        return self

    async def fetchall(self) -> list[tuple[str | None, int, str]]:
        return self.rows


async def test_the_state_is_read_after_whoever_asks_for_it() -> None:
    state = Counting()
    first = [asyncio.create_task(state.now()) for _ in range(3)]
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(state.now()) for _ in range(3)]
    await asyncio.sleep(0.01)
    state.go.set()
    assert await asyncio.gather(*first) == ["1.now"] * 3
    assert await asyncio.gather(*later) == ["2.now"] * 3
    assert state.opened == 1, "as long as somebody waits, one connection reads on"
    towns = await asyncio.gather(state.now("Larkfield , oh"), state.now("Ashcombe, MA"))
    assert towns == ["3.now/3.now"] * 2
    assert sorted(state.asked[-1]["towns"]) == ["", "ashcombe, ma", "larkfield, oh"]
    assert not state.asked[-1]["all"]


async def test_whenever_somebody_asks_they_are_told() -> None:
    state = Counting()
    state.go.set()

    async def asking(pauses: int) -> str:
        for _ in range(pauses):
            await asyncio.sleep(0)
        return await state.now()

    async with asyncio.timeout(5):
        told = await asyncio.gather(*(asking(pauses) for pauses in range(40)))
    assert all(told)


async def test_a_database_that_went_away_is_told_to_all_who_wait_and_asked_again() -> None:
    state = Counting()
    state.away = StoreUnavailable("away")
    waiting = [asyncio.create_task(state.now()) for _ in range(2)]
    await asyncio.sleep(0.01)
    waiting.append(asyncio.create_task(state.now()))
    await asyncio.sleep(0.01)
    state.go.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in told] == [StoreUnavailable] * 3
    state.away = None
    assert await state.now() == "2.now"


def test_what_is_asked_of_a_town_rests_on_its_shelves_and_on_what_is_of_all() -> None:
    assert towns_of(" ", "local") == (None,)
    assert towns_of("Miami,  FL", "local") == ("", "miami, fl")
    assert towns_of("Miami, FL", "acme") == ("", "miami, fl", "miami, fl\nacme")


def test_blanks_change_no_question() -> None:
    assert normal("  how \t tall\n") == "how tall"
