"""Answers kept under all that they depend on: who asks, the bundle, what is stored, and what is asked."""

import json
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from fastapi.responses import Response

from plotlot.gateway.caching.content import ContentState, current_state
from plotlot.rpc.context import current_tenant, is_shadow
from plotlot.rpc.flights import Flights
from plotlot.store.cache import Cache
from plotlot.telemetry import Metrics, SpanNames
from plotlot.tracing.notes import note

Make = Callable[[], Awaitable[bytes]]
FRESH_SECONDS = 600
STALE_SECONDS = 600  # after that, an answer is given once more while it is made anew behind it
_AGE_BYTES = 8
STATUSES = {
    "hit": "hit",
    "stale": "hit; detail=stale",
    "shared": "fwd=miss; collapsed",
    "miss": "fwd=miss; stored",
    "bypass": "fwd=bypass",
}


class AnswerCache:
    """Finds answers, or has them made, once for all who ask the same at the same time.

    ``rests`` says when nothing is to be found here: while a release is judged, both bundles answer every question
    themselves, or the one whose cache is colder would look slower. A shadow request neither finds nor fills.
    """

    def __init__(
        self,
        cache: Cache,
        content: ContentState,
        bundle: str,
        metrics: Metrics,
        rests: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._cache = cache
        self._content = content
        self._bundle = bundle
        self._lookups = metrics.answer_cache
        self._rests = rests
        self._clock = clock
        self._making: Flights[bytes] = Flights()

    async def answer(
        self, operation: str, asked: tuple[str, ...], make: Make, municipality: str = ""
    ) -> tuple[bytes, str]:
        """An answer, and whether it was a ``hit``, ``stale``, ``shared`` or a ``miss``; or the cache a ``bypass``.

        ``asked`` is all that the operation was asked, in its normal form; where it is of a ``municipality``, no change
        of another one touches the answer. Raises what ``make`` does.
        """
        state = await self.state_of(municipality)
        if not state:
            return self._told(operation, await make(), "bypass")
        key = self._key(operation, asked, state)
        kept = await self._cache.get(key)
        if kept is not None:
            stale = self._clock() - age_of(kept) > FRESH_SECONDS
            if stale:
                self._making.start(key, lambda: self._make(key, make))
            return self._told(operation, kept[_AGE_BYTES:], "stale" if stale else "hit")
        shared = key in self._making
        content = await self._making.join(key, lambda: self._make(key, make))
        return self._told(operation, content, "shared" if shared else "miss")

    async def state_of(self, municipality: str) -> str:
        """The state that what is answered now rests on, which lets services be asked less; empty for who is to be
        answered anew."""
        state = "" if is_shadow() or self._rests() else await self._content.now(municipality)
        current_state.set(state)
        return state

    async def _make(self, key: str, make: Make) -> bytes:
        content = await make()
        stamped = int(self._clock()).to_bytes(_AGE_BYTES, "big") + content
        await self._cache.set(key, stamped, FRESH_SECONDS + STALE_SECONDS)
        return content

    def _key(self, operation: str, asked: tuple[str, ...], state: str) -> str:
        parts = (current_tenant(), self._bundle, state, operation, *asked)
        written = "".join(f"{len(part)}:{part}" for part in parts)
        return f"plotlot:answer:{sha256(written.encode('utf-8', 'surrogatepass')).hexdigest()}"

    def _told(self, operation: str, content: bytes, result: str) -> tuple[bytes, str]:
        self._lookups.labels(operation, result).inc()
        note(SpanNames.CACHE, result)
        return content, result


def normal(text: str) -> str:
    """A text without what changes no answer: blanks around it, and more than one between words."""
    return " ".join(text.split())


def compact(document: Any) -> str:
    """JSON as it is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def cached_json(content: bytes, result: str) -> Response:
    """An answer that is JSON, with how it was come by."""
    return Response(content, headers={"Cache-Status": status_of(result)}, media_type="application/json")


def status_of(result: str) -> str:
    """The field ``Cache-Status`` (RFC 9211)."""
    return f"plotlot; {STATUSES[result]}"


def age_of(kept: bytes) -> int:
    """When an answer was made, in Unix seconds."""
    return int.from_bytes(kept[:_AGE_BYTES], "big")
