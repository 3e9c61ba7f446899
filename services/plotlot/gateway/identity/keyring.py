"""What a key, a cookie or a link opens: looked up once for all who send it, and forgotten within seconds, so that it
can be revoked."""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from plotlot.domain.access import Identity
from plotlot.domain.api_keys import ApiKey, read_api_key
from plotlot.domain.errors import InvalidCredentials, TooManyAttempts
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.key_store import Keys
from plotlot.rpc.flights import Flights

Entry = TypeVar("Entry")
Found = TypeVar("Found")

FRESH_SECONDS = 2.0
REFUSED_SECONDS = 30.0  # a key that is not here now will not be: nobody chooses one
MOST_KEPT = 10_000
LOOKUPS = (
    2  # of keys that nobody knew before, at once: a flood of them leaves the store to those who are known
)
MOST_WAITING = 64


@dataclass(frozen=True, slots=True)
class Known(Generic[Found]):
    """What a key opened when it was looked up, and until when it is valid."""

    found: Found
    at: float
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held(Generic[Found]):
    """What something opens, and until when."""

    found: Found
    expires_at: datetime | None


class Holders(Protocol[Found]):
    """Where it is looked up what is opened; ``not_valid`` is what those are told who are not there."""

    not_valid: str

    def read(self, text: str) -> Any | None:
        """What a text is to be looked up by; None for one that was never handed out."""

    async def held(self, read: Any) -> Held[Found] | None:
        """What it opens now."""


class KeyHolders:
    """Holders of API keys."""

    not_valid = "the API key is not valid: it was mistyped, has expired, or was revoked"

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def read(self, text: str) -> ApiKey | None:
        """The key that a text is."""
        return read_api_key(text)

    async def held(self, read: ApiKey) -> Held[Identity] | None:
        """Whose key it is, while it is active."""
        found = await self._keys.holder(read)
        if found is None:
            return None
        stored, digest = found
        valid = hmac.compare_digest(digest, read.digest) and stored.state(datetime.now(UTC)) == "active"
        return Held(stored.identity, stored.expires_at) if valid else None


class Keyring(Generic[Found]):
    """What is opened by what is sent; believed for ``fresh_seconds``, and not looked up for whom fails again and again."""

    def __init__(
        self,
        holders: Holders[Found],
        attempts: Attempts,
        now: Callable[[], float],
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._holders = holders
        self._attempts = attempts
        self._now = now
        self._fresh_seconds = fresh_seconds
        self._known: OrderedDict[bytes, Known[Found]] = OrderedDict()
        self._refused: OrderedDict[bytes, float] = OrderedDict()
        self._looking: Flights[Found] = Flights()
        self._places = asyncio.Semaphore(LOOKUPS)
        self._waiting = 0

    async def found(self, text: str, address: str) -> Found:
        """What it opens. Raises InvalidCredentials or TooManyAttempts."""
        mark = sha256(text.encode()).digest()
        known = self._known.get(mark)
        if (
            known is not None
            and known.at + self._fresh_seconds > self._now()
            and still_valid(known.expires_at)
        ):
            return known.found
        if known is None:
            self._attempts.check(address)
        try:
            return await self._looked_up(mark, text, before=known is not None)
        except InvalidCredentials:
            self._attempts.fail(address)
            raise

    def forget(self, text: str) -> None:
        """Look it up anew where it is sent again."""
        self._known.pop(sha256(text.encode()).digest(), None)

    async def _looked_up(self, mark: bytes, text: str, before: bool) -> Found:
        read = self._holders.read(text)
        if read is None or self._refused.get(mark, 0.0) > self._now():
            raise InvalidCredentials(self._holders.not_valid)
        return await self._looking.join(mark, lambda: self._look(mark, read, before))

    async def _look(self, mark: bytes, read: Any, before: bool) -> Found:
        found = await (self._holders.held(read) if before else self._first_look(read))
        if found is not None:
            keep(self._known, mark, Known(found.found, self._now(), found.expires_at))
            return found.found
        self._known.pop(mark, None)
        keep(self._refused, mark, self._now() + REFUSED_SECONDS)
        raise InvalidCredentials(self._holders.not_valid)

    async def _first_look(self, read: Any) -> Held[Found] | None:
        if self._waiting >= MOST_WAITING:
            raise TooManyAttempts(
                "too many credentials that nobody knows yet are asked for", retry_after_seconds=1.0
            )
        self._waiting += 1
        try:
            async with self._places:
                return await self._holders.held(read)
        finally:
            self._waiting -= 1


def still_valid(expires_at: datetime | None) -> bool:
    """Whether a key has not expired."""
    return expires_at is None or expires_at > datetime.now(UTC)


def keep(entries: "OrderedDict[bytes, Entry]", mark: bytes, entry: Entry) -> None:
    """Keep an entry, and forget the oldest where there are too many."""
    entries[mark] = entry
    entries.move_to_end(mark)
    if len(entries) > MOST_KEPT:
        entries.popitem(last=False)
