import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.settings import Settings
from plotlot.store.cache import MemoryCache, RedisCache, open_cache
from plotlot.telemetry import Metrics


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_what_is_kept_is_there_until_its_time_is_over() -> None:
    clock, metrics = Clock(), Metrics()
    cache = MemoryCache(metrics, now=clock)
    await cache.set("a", b"1", 60)
    clock.now += 59
    assert await cache.get("a") == b"1"
    clock.now += 1
    assert await cache.get("a") is None
    for result in ("hit", "miss"):
        assert metrics.registry.get_sample_value("plotlot_cache_lookups_total", {"result": result}) == 1


async def test_the_entry_that_was_not_used_for_longest_goes_first() -> None:
    cache = MemoryCache(Metrics(), entries=2)
    await cache.set("a", b"1", 60)
    await cache.set("b", b"2", 60)
    await cache.get("a")
    await cache.set("c", b"3", 60)
    assert [await cache.get(key) for key in "abc"] == [b"1", None, b"3"]


def test_the_settings_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLOTLOT_REDIS_URL", raising=False)
    assert isinstance(open_cache(Settings(), Metrics()), MemoryCache)
    assert isinstance(open_cache(Settings(redis_url="redis://127.0.0.1:1/0"), Metrics()), RedisCache)


def test_a_url_that_the_client_cannot_read_is_told_without_its_password() -> None:
    with pytest.raises(InvalidRequest, match="PLOTLOT_REDIS_URL") as raised:
        open_cache(Settings(redis_url="redis://:hidden@host:port/0"), Metrics())
    assert "hidden" not in raised.value.message
