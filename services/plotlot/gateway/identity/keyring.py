"""Whose a key or a cookie is: looked up once for all who send it, and forgotten within seconds, so that it can be
revoked."""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from plotlot.domain.access import Identity
from plotlot.domain.api_keys import ApiKey, read_api_key
from plotlot.domain.errors import InvalidCredentials, TooManyAttempts
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.key_store import Keys

Entry = TypeVar("Entry")

FRESH_SECONDS = 2.0
REFUSED_SECONDS = 30.0  # a key that is not here now will not be: nobody chooses one
MOST_KEPT = 10_000
LOOKUPS = (
    2  # of keys that nobody knew before, at once: a flood of them leaves the store to those who are known
)
MOST_WAITING = 64


@dataclass(frozen=True, slots=True)
class Known:
    """Whose a key was when it was looked up, and until when it is valid."""

    identity: Identity
    at: float
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """Whose something is, and until when."""

    identity: Identity
    expires_at: datetime | None


class Holders(Protocol):
    """Where holders are looked up; ``not_valid`` is what those are told who are not there."""

    not_valid: str

    def read(self, text: str) -> Any | None:
        """What a text is to be looked up by; None for one that was never handed out."""

    async def held(self, read: Any) -> Held | None:
        """Whose it is now."""


class KeyHolders:
    """Holders of API keys."""

    not_valid = "the API key is not valid: it was mistyped, has expired, or was revoked"

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def read(self, text: str) -> ApiKey | None:
        """The key that a text is."""
        return read_api_key(text)

    async def held(self, read: ApiKey) -> Held | None:
        """Whose key it is, while it is active."""
        found = await self._keys.holder(read)
        if found is None:
            return None
        stored, digest = found
        valid = hmac.compare_digest(digest, read.digest) and stored.state(datetime.now(UTC)) == "active"
        return Held(stored.identity, stored.expires_at) if valid else None


class Keyring:
    """Identities by what their holders send."""

    def __init__(self, holders: Holders, attempts: Attempts, now: Callable[[], float]) -> None:
        self._holders = holders
        self._attempts = attempts
        self._now = now
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._refused: OrderedDict[bytes, float] = OrderedDict()
        self._looking: dict[bytes, asyncio.Task[Identity]] = {}
        self._places = asyncio.Semaphore(LOOKUPS)
        self._waiting = 0

    async def identity(self, text: str, address: str) -> Identity:
        """Whose it is. Raises InvalidCredentials or TooManyAttempts."""
        mark = sha256(text.encode()).digest()
        known = self._known.get(mark)
        if known is not None and known.at + FRESH_SECONDS > self._now() and still_valid(known.expires_at):
            return known.identity
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

    async def _looked_up(self, mark: bytes, text: str, before: bool) -> Identity:
        read = self._holders.read(text)
        if read is None or self._refused.get(mark, 0.0) > self._now():
            raise InvalidCredentials(self._holders.not_valid)
        task = self._looking.get(mark)
        if task is None:
            task = self._looking[mark] = asyncio.create_task(self._look(mark, read, before))
            task.add_done_callback(lambda done: self._ended(mark, done))
        return await asyncio.shield(task)

    def _ended(self, mark: bytes, task: "asyncio.Task[Identity]") -> None:
        del self._looking[mark]
        if not task.cancelled():
            task.exception()  # nobody may be left to be told

    async def _look(self, mark: bytes, read: Any, before: bool) -> Identity:
        found = await (self._holders.held(read) if before else self._first_look(read))
        if found is not None:
            keep(self._known, mark, Known(found.identity, self._now(), found.expires_at))
            return found.identity
        self._known.pop(mark, None)
        keep(self._refused, mark, self._now() + REFUSED_SECONDS)
        raise InvalidCredentials(self._holders.not_valid)

    async def _first_look(self, read: Any) -> Held | None:
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
