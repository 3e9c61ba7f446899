"""What may be forgotten: bytes under a key for a time, in this process or in a Redis that replicas share.

A cache never fails its caller. One that is away is counted and left alone for a moment, so that it costs
a request at most its time-out, and most requests nothing.
"""

import asyncio
import importlib.util
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.trace import get_tracer

from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.settings import Settings
from plotlot.telemetry import Db, Metrics
from plotlot.tracing.spans import step

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

MOST_ENTRIES = 4096
TIMEOUT_SECONDS = 0.05
SKIP_SECONDS = 2.0  # during which a Redis that failed is not asked


class Cache(Protocol):
    """Keeps bytes under a key for a time, or forgets them sooner."""

    async def get(self, key: str) -> bytes | None:
        """What is kept under the key; None where nothing is."""

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None:
        """Keep the value for a time."""

    async def close(self) -> None:
        """Let go of connections."""


class MemoryCache:
    """Keeps the entries used last, in this process."""

    def __init__(
        self, metrics: Metrics, entries: int = MOST_ENTRIES, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._lookups = metrics.cache_lookups
        self._most = entries
        self._now = now
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """What is kept under the key."""
        expires, value = self._entries.get(key, (0.0, b""))
        if expires <= self._now():
            self._entries.pop(key, None)
            self._lookups.labels("miss").inc()
            return None
        self._entries.move_to_end(key)
        self._lookups.labels("hit").inc()
        return value

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None:
        """Keep the value, and forget the one that was not used for longest where there are too many."""
        self._entries[key] = (self._now() + ttl_seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    async def close(self) -> None:
        """Nothing to let go of."""


class RedisCache:
    """Keeps the entries in a Redis; its failures are misses."""

    def __init__(self, client: "Redis", metrics: Metrics, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._lookups = metrics.cache_lookups
        self._failures = metrics.cache_failures
        self._secrets_refused = metrics.secrets_refused
        self._now = now
        self._skip_until = 0.0
        self._failing = False
        self._tracer = get_tracer(__name__)

    async def get(self, key: str) -> bytes | None:
        """What is kept under the key; None also where Redis does not say in time."""
        value: bytes | None = await self._asked("GET", lambda: self._client.get(key))
        self._lookups.labels("miss" if value is None else "hit").inc()
        return value

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None:
        """Keep the value, where Redis takes it in time."""
        await self._asked("SET", lambda: self._client.set(key, value, ex=ttl_seconds))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _asked(self, command: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """What Redis answers; None where it fails, is slow, or did so a moment ago."""
        from redis.exceptions import AuthenticationError, RedisError

        if self._now() < self._skip_until:
            return None
        try:
            with step(self._tracer, command, {Db.SYSTEM: Db.REDIS, Db.OPERATION: command}):
                async with asyncio.timeout(2 * TIMEOUT_SECONDS):  # to connect, and to ask
                    answer = await ask()
        except (RedisError, OSError, TimeoutError) as error:
            if not self._failing:
                log.warning(
                    "the cache does not answer, going on without it: %s", error or type(error).__name__
                )
            self._failing = True
            self._failures.inc()
            if isinstance(error, AuthenticationError):
                self._secrets_refused.labels("cache").inc()
            self._skip_until = self._now() + SKIP_SECONDS
            return None
        self._failing = False
        return answer


def open_cache(settings: Settings, metrics: Metrics, entries: int = MOST_ENTRIES) -> Cache:
    """The Redis of the settings, else this process's memory. Raises InvalidRequest, ServiceUnavailable."""
    client = open_redis(settings)
    return MemoryCache(metrics, entries) if client is None else RedisCache(client, metrics)


def open_redis(settings: Settings) -> "Redis | None":
    """A client of the Redis of the settings, None where there is none. Raises InvalidRequest, ServiceUnavailable."""
    if settings.redis_url is None:
        return None
    if importlib.util.find_spec("redis") is None:
        raise ServiceUnavailable(
            "PLOTLOT_REDIS_URL is set, but its client is not here: install plotlot[cache]"
        )
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        client: Redis = Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:  # not told: it may repeat the password
        raise InvalidRequest(
            "PLOTLOT_REDIS_URL is not usable: it should look like redis://host:6379/0"
        ) from None
    return client
