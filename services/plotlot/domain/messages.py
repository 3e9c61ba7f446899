"""What is said to a model, and by it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What was said by whom: ``role`` is system, user or assistant."""

    role: str
    content: str


def characters(messages: Sequence[Message]) -> int:
    """How long a conversation is."""
    return sum(len(message.content) for message in messages)
