"""What servers of the OpenAI API say, read without trust: pieces of an answer, tokens, models, errors."""

import math
import re
from collections.abc import Mapping
from typing import Any

from plotlot.inference.completion import Usage

SPARE_EVENTS = 64  # that are no tokens: roles, ends
_READS = re.compile(r"(?:context|model) length\D{0,12}(\d+)")
_HAS = re.compile(r"(\d+)(?: input)? tokens|length \(?(\d+)\)")


class Answer:
    """What the events of a stream add up to."""

    def __init__(self, max_tokens: int) -> None:
        self._most = max_tokens + SPARE_EVENTS
        self.events = 0
        self.finish_reason = ""
        self.usage: Usage | None = None

    @property
    def runs_on(self) -> bool:
        """Whether more came than the tokens asked for can be."""
        return self.events > self._most

    def add(self, said: Mapping[str, Any]) -> str:
        """Take an event in, and give the text in it."""
        usage = said.get("usage")
        if isinstance(usage, dict):
            self.usage = usage_of(usage)
        choices = said.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return ""
        self.events += 1
        choice = choices[0]
        self.finish_reason = str(choice.get("finish_reason") or self.finish_reason)
        delta = choice.get("delta") or choice.get("message")
        text = delta.get("content") if isinstance(delta, dict) else None
        return text if isinstance(text, str) else ""


def whole(text: str) -> str:
    """The text, with half characters that escapes can make replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """The tokens that the server counted."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(
        whole_number(usage.get("prompt_tokens")),
        whole_number(usage.get("completion_tokens")),
        whole_number(cached),
    )


def whole_number(value: Any) -> int:
    """A count as a number that is 0 or more, whatever was sent."""
    return max(int(value), 0) if isinstance(value, int | float) and math.isfinite(value) else 0


def models_of(listed: Any) -> tuple[tuple[str, ...], int | None]:
    """The names in a list of models, and the most tokens that one of them takes, where that is said."""
    entries = listed.get("data") if isinstance(listed, dict) else None
    models = [each for each in entries or () if isinstance(each, dict) and isinstance(each.get("id"), str)]
    longest = [each["max_model_len"] for each in models if isinstance(each.get("max_model_len"), int)]
    return tuple(each["id"] for each in models), max(longest, default=None)


def error_object(said: Any) -> Mapping[str, Any]:
    """The error in a body, which some put under ``error``, some at the top, and some as a text alone."""
    inner = said.get("error", said) if isinstance(said, dict) else said
    if isinstance(inner, dict):
        return inner
    return {"message": str(inner)}


def status_in(said: Mapping[str, Any]) -> int:
    """The HTTP status that an error inside a stream names; 500 where it names none."""
    code = said.get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def over(message: str) -> str:
    """By how many tokens a prompt is too long, where a server's message has both numbers."""
    reads = _READS.search(message)
    has = max((int(one or other) for one, other in _HAS.findall(message)), default=0)
    excess = has - int(reads[1]) if reads else 0
    return f" by {excess:,} {'token' if excess == 1 else 'tokens'}" if excess > 0 else ""


def retry_after(header: str) -> float:
    """Seconds to wait by a ``Retry-After`` header; 0 where it says nothing of use."""
    return min(float(header), 60.0) if header.isdecimal() else 0.0
