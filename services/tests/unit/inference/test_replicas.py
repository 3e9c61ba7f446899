"""Where replicas are, and what becomes of those that go."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from plotlot.domain.errors import EngineUnavailable
from plotlot.inference.completion import EngineState, Piece, Prompt
from plotlot.inference.replicas import Replicas
from plotlot.telemetry import Metrics


class Quiet:
    """An engine that writes once it is let, and says nothing else."""

    name = "quiet"

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.heard_at = 0.0
        self.closed = False
        self.may_write = asyncio.Event()

    async def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        await self.may_write.wait()
        yield Piece("", 0, "stop")

    async def state(self) -> EngineState:
        return EngineState(False, "it is quiet")

    async def alive(self) -> bool:
        return True

    def abort(self, why: str, silent_since: float) -> None:
        raise AssertionError("it is alive")

    async def close(self) -> None:
        self.closed = True


def replicas(url: str) -> Replicas:
    return Replicas(url, Quiet, Metrics(), asyncio.get_running_loop().time)


async def test_every_address_of_a_name_is_a_replica() -> None:
    found = replicas("dns+http://localhost:8000")
    chosen = await found.pick("key")
    assert chosen.engine.endpoint in ("http://127.0.0.1:8000", "http://[::1]:8000")
    assert {each.engine.endpoint for each in found} <= {"http://127.0.0.1:8000", "http://[::1]:8000"}


async def test_a_name_without_addresses_is_said_to_have_none() -> None:
    with pytest.raises(EngineUnavailable, match="no address"):
        await replicas("dns+http://no-such-name.invalid:8000").pick("")


async def test_a_replica_that_goes_ends_its_work_and_gets_no_more() -> None:
    known = replicas("http://a:1")
    (going,) = known
    engine = going.engine
    assert isinstance(engine, Quiet)
    work = asyncio.create_task(anext(aiter(going.write(Prompt("m", ())))))
    await asyncio.sleep(0)
    known._use({"http://b:1"})
    assert going.in_flight == 1
    assert (await known.pick("")).engine.endpoint == "http://b:1"
    engine.may_write.set()
    await work
    going.in_flight = 0
    known._use({"http://b:1"})
    await asyncio.sleep(0)
    assert engine.closed
    assert [each.engine.endpoint for each in known] == ["http://b:1"]


async def test_what_engines_say_is_why_none_takes_requests() -> None:
    known = replicas("http://a:1")
    await known.look()
    (only,) = known
    only.circuit = only.circuit.opened(asyncio.get_running_loop().time())
    with pytest.raises(EngineUnavailable, match="it is quiet"):
        await known.pick("")
