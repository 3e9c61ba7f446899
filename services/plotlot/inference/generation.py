"""What an engine that answers from passages does, whichever is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plotlot.domain.bundles import Generation


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that may be quoted, under the caller's id; ``section`` is where it stands, as headings."""

    id: str
    text: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a passage in code points, with its relevance from 0 to 1."""

    passage: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer and what it rests on, best first; both empty where the passages hold none.

    ``prompt_tokens`` were read for it, ``completion_tokens`` written by a model.
    """

    text: str = ""
    quotes: tuple[Quote, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Answering(Protocol):
    """What answers questions from passages, and by what."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def engine(self) -> str:
        """What runs the model."""

    @property
    def prompts(self) -> Sequence[str]:
        """The versions of the prompt that it knows."""


class Generator(Answering, Protocol):
    """Answers questions from passages; safe to call from several threads at once."""

    def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """An answer that rests on the passages alone; the prompt is one of those it knows."""
