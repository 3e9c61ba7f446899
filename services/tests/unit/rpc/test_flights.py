"""Work that several ask for is done once, outlives who asked, and ends with the service."""

import asyncio

import pytest

from plotlot.rpc.flights import Flights


async def test_work_is_shared_by_key_and_begun_anew_once_it_has_ended() -> None:
    flights, begun, go = Flights[str](), list[str](), asyncio.Event()

    async def work(key: str) -> str:
        begun.append(key)
        await go.wait()
        return key.upper()

    asked = [asyncio.create_task(flights.join(key, lambda key=key: work(key))) for key in "aab"]  # type: ignore[misc]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*asked) == ["A", "A", "B"]
    assert sorted(begun) == ["a", "b"]
    assert await flights.join("a", lambda: work("a")) == "A"
    assert sorted(begun) == ["a", "a", "b"]


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    flights: Flights[str] = Flights()

    async def fails() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def works() -> str:
        return "yes"

    told = await asyncio.gather(*(flights.join("a", fails) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in told] == ["no", "no"]
    assert await flights.join("a", works) == "yes"


async def test_closing_waits_for_a_time_and_then_gives_up() -> None:
    flights, ended = Flights[None](), list[float]()

    async def work(seconds: float) -> None:
        await asyncio.sleep(seconds)
        ended.append(seconds)

    quick = asyncio.create_task(flights.join("quick", lambda: work(0.01)))
    endless = asyncio.create_task(flights.join("endless", lambda: work(3600)))
    await asyncio.sleep(0)
    await flights.close(0.2)
    await quick
    with pytest.raises(asyncio.CancelledError):
        await endless
    assert ended == [0.01]
