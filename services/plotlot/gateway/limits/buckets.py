"""Token buckets: each fills steadily to its quota, a request takes what it costs."""

import asyncio
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60
MOST_BUCKETS = 20_000
TIMEOUT_SECONDS = 0.05
SKIP_SECONDS = 2.0  # during which a Redis that failed is not asked
# The bucket at KEYS[1] as "tokens at-second"; ARGV: quota, cost. Its clock is Redis's, which all replicas share.
_TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1e6
local quota, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = quota
if kept[1] then tokens = math.min(quota, kept[1] + (now - kept[2]) * quota / 60) end
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('EXPIRE', KEYS[1], 120)
return {allowed and 1 or 0, tostring(tokens)}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a request may go on; ``left`` of the quota, and the seconds until so much as it costs is there, or all
    is again."""

    allowed: bool
    left: int
    reset_seconds: int
    wait_seconds: int


class Buckets(Protocol):
    """Buckets by key."""

    async def take(self, key: str, quota: int, cost: int) -> Taken:
        """Take what a request costs, or nothing where it is not there. ``quota`` is for each minute."""

    async def close(self) -> None:
        """Let go of connections."""


def taken(allowed: bool, tokens: float, quota: int, cost: int) -> Taken:
    """What is told of a bucket with so many tokens."""
    rate = quota / WINDOW_SECONDS
    wait = 0 if allowed else math.ceil(max(min(cost, quota) - tokens, 0) / rate)
    return Taken(
        allowed, max(int(tokens), 0), math.ceil((quota - tokens) / rate), max(wait, int(not allowed))
    )


class MemoryBuckets:
    """Buckets of this process; those that were used last, where there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, key: str, quota: int, cost: int) -> Taken:
        """Take what a request costs; more than the whole quota costs the whole quota."""
        now, cost = self._clock(), min(cost, quota)
        tokens, at = self._kept.get(key, (float(quota), now))
        tokens = min(quota, tokens + (now - at) * quota / WINDOW_SECONDS)
        allowed = tokens >= cost
        self._kept[key] = (tokens - cost if allowed else tokens, now)
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_BUCKETS:
            self._kept.popitem(last=False)
        return taken(allowed, self._kept[key][0], quota, cost)

    async def close(self) -> None:
        """Nothing to let go of."""


class RedisBuckets:
    """Buckets in a Redis that replicas share; while it is away, each replica counts for itself."""

    def __init__(
        self,
        client: "Redis",
        metrics: Metrics,
        fallback: Buckets,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._script = client.register_script(_TAKE)
        self._failures = metrics.cache_failures
        self._fallback = fallback
        self._clock = clock
        self._skip_until = 0.0

    async def take(self, key: str, quota: int, cost: int) -> Taken:
        """Take what a request costs; more than the whole quota costs the whole quota."""
        from redis.exceptions import RedisError

        cost = min(cost, quota)
        if self._clock() >= self._skip_until:
            try:
                async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                    allowed, tokens = await self._script(keys=[f"plotlot:limit:{key}"], args=[quota, cost])
                return taken(bool(allowed), float(tokens), quota, cost)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("limits are counted by each process: %s", error or type(error).__name__)
                self._failures.inc()
                self._skip_until = self._clock() + SKIP_SECONDS
        return await self._fallback.take(key, quota, cost)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
