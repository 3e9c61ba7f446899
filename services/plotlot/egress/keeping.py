"""Answers kept in memory for as long as their server allows, and asked for again by their validators (RFC 9111)."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_BYTES = 16_000_000
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. ``url`` is where it came from in the end, ``retrieved_at`` when it was so for certain."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and until when, on the clock of whoever keeps it, it needs no question."""

    answer: Answer
    fresh_until: float

    def conditions(self) -> dict[str, str]:
        """The headers that ask whether it is still so; none where its server gave no validators."""
        told = validators(self.answer.headers, self.answer.retrieved_at)
        sent = {"if-none-match": "etag", "if-modified-since": "last-modified"}
        return {name: told[validator] for name, validator in sent.items() if validator in told}


class KeptAnswers:
    """The answers used last, up to so many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()

    def find(self, key: tuple[str, ...]) -> Kept | None:
        """What is kept under a key."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: tuple[str, ...], answer: Answer, now: float) -> None:
        """Keep an answer where its headers let it be used again."""
        self.forget(key)
        fresh_seconds = freshness(answer.headers)
        kept = Kept(answer, now + (fresh_seconds or 0))
        if fresh_seconds is None or (not fresh_seconds and not kept.conditions()):
            return
        self._kept[key] = kept
        self._bytes += len(answer.content)
        while self._bytes > self._most_bytes:
            self._bytes -= len(self._kept.popitem(last=False)[1].answer.content)

    def forget(self, key: tuple[str, ...]) -> None:
        """Let go of what is kept under a key."""
        if (kept := self._kept.pop(key, None)) is not None:
            self._bytes -= len(kept.answer.content)


def freshness(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer may be used without asking; None where it may not be kept at all."""
    control = headers.get("cache-control", "").lower()
    if "no-store" in control:
        return None
    found = _MAX_AGE.search(control)
    return 0.0 if found is None or "no-cache" in control else float(found.group(1))


def validators(headers: Mapping[str, str], retrieved_at: datetime) -> dict[str, str]:
    """The headers by which an answer may be asked for again.

    A Last-Modified after the answer itself is none (RFC 9110, section 8.8.2.1): of a clock that jumped ahead, its server
    would take all that comes later for what was there before.
    """
    told = {name: headers[name] for name in ("etag", "last-modified") if headers.get(name)}
    try:
        modified_at = parsedate_to_datetime(told.get("last-modified", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return told  # one that is no date, servers compare letter by letter, if at all
    if modified_at > retrieved_at:
        del told["last-modified"]
    return told


def still_so(kept: Kept, headers: Mapping[str, str], at: datetime) -> Answer:
    """A kept answer after its server said that nothing changed, with the headers that it said anew."""
    return replace(kept.answer, headers={**kept.answer.headers, **headers}, retrieved_at=at)
