import asyncio

import pytest
from grpc_health.v1 import health_pb2

from plotlot.domain.errors import StoreUnavailable
from plotlot.rpc.health import LIVENESS, LONGEST_SECONDS, LOOK_SECONDS, Health, Need
from plotlot.telemetry import Metrics


class Store:
    """Something that may be away."""

    def __init__(self) -> None:
        self.wrong: Exception | None = StoreUnavailable("it is away")

    async def check(self) -> None:
        if self.wrong is not None:
            raise self.wrong


async def status(health: Health, service: str) -> str:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = await health.servicer.Check(request, None)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def test_what_lasts_is_told_once_and_looked_for_ever_more_seldom(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    need = Need("the store", store.check)
    delays = []
    for _ in range(8):
        await need.look()
        delays.append(need.delay_seconds)
    assert caplog.text.count("the store: not ready: it is away") == 1
    assert delays == sorted(delays)
    assert delays[0] < LOOK_SECONDS < delays[-1] == LONGEST_SECONDS
    assert need.lacking == "it is away"
    store.wrong = None
    await need.look()
    assert (need.lacking, need.delay_seconds) == ("", LOOK_SECONDS)
    assert "the store: ready" in caplog.text


async def test_what_was_there_is_looked_for_every_second(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    need = Need("the store", store.check)
    need.found()
    for _ in range(8):
        await need.look()
    assert need.delay_seconds == LOOK_SECONDS


async def test_a_fault_of_ours_is_not_ready_and_logged_whole(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    store.wrong = ZeroDivisionError("a fault")
    need = Need("the store", store.check)
    await need.look()
    assert need.lacking == "ZeroDivisionError: a fault"
    assert "Traceback" in caplog.text


async def test_readiness_follows_the_needs_and_liveness_does_not() -> None:
    store, model = Store(), Store()
    needs = Need("the store", store.check), Need("the model", model.check)
    health = Health({"search": needs[0], "embed": needs[1], "door": None}, also=[])
    await health.start()
    assert [await status(health, name) for name in ("search", "embed", "door", "", LIVENESS)] == [
        "NOT_SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING", "SERVING",
    ]  # fmt: skip
    store.wrong = None
    async with asyncio.timeout(10):
        while await status(health, "search") != "SERVING":
            await asyncio.sleep(0.02)
    assert await status(health, "") == "NOT_SERVING"
    model.wrong = None
    async with asyncio.timeout(10):
        while not health.ready:
            await asyncio.sleep(0.02)
    await health.drain()
    assert [await status(health, name) for name in ("search", "door", "", LIVENESS)] == [
        "NOT_SERVING", "NOT_SERVING", "NOT_SERVING", "SERVING",
    ]  # fmt: skip


async def test_what_is_lacking_stands_in_the_metrics() -> None:
    store, metrics = Store(), Metrics()
    health = Health({"search": Need("the store", store.check)}, metrics=metrics)

    def lacking() -> float | None:
        return metrics.registry.get_sample_value("plotlot_need_lacking", {"need": "store"})

    await health.start()
    assert lacking() == 1
    store.wrong = None
    async with asyncio.timeout(10):
        while lacking() != 0:
            await asyncio.sleep(0.02)
    await health.drain()


async def test_what_no_service_waits_for_does_not_hold_readiness_back() -> None:
    store = Store()
    need = Need("the store", store.check)
    health = Health({"door": None}, also=[need])
    await health.start()
    async with asyncio.timeout(10):
        while need.lacking != "it is away":
            await asyncio.sleep(0.02)
    assert health.ready
    await health.drain()
