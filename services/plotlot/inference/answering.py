"""Answers from passages, by whichever generator a request names: by quotes alone, or by a model that must quote."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from plotlot.domain.bundles import Generation
from plotlot.inference.completion import Message, Prompt, Sampling, Usage
from plotlot.inference.completions import Completions
from plotlot.inference.generation import Answer, Generator, Passage, Quote
from plotlot.inference.prompts import NAMES, prompt
from plotlot.inference.requests import caller_of

MAX_TOKENS = 1024
LONGEST_QUESTION = 2000  # characters of a question that a model is asked
LONGEST_PASSAGE = 8000  # characters of a passage that a model is shown


class Answerer(Protocol):
    """A generator as the service calls it: on the event loop."""

    @property
    def model(self) -> str:
        """The model's name."""

    @property
    def engine(self) -> str:
        """What runs the model."""

    @property
    def prompts(self) -> Sequence[str]:
        """The versions of the prompt that it knows."""

    async def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """An answer that rests on the passages alone."""


class Threaded:
    """A generator that computes, on a thread."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.model, self.engine, self.prompts = generator.model, generator.engine, generator.prompts

    async def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """What the generator answers."""
        return await asyncio.to_thread(self._generator.answer, question, passages, parameters)


class QuotingModel:
    """A model that picks quotes. What it made up is left out; where nothing is left there is no answer."""

    prompts = NAMES

    def __init__(self, model: str, engine: str, completions: Completions) -> None:
        self.model = model
        self.engine = engine
        self._completions = completions

    async def answer(self, question: str, passages: Sequence[Passage], parameters: Generation) -> Answer:
        """The quotes that stand in their passages, each on a line. Raises InvalidOutput, and as engines do."""
        shown = [Passage(passage.id, passage.text[:LONGEST_PASSAGE]) for passage in passages]
        if not any(passage.text.strip() for passage in shown):
            return Answer()
        written = await self._completions.complete(
            Prompt(
                self.model,
                (
                    Message("system", prompt(parameters.prompt)),
                    Message("user", asked(question[:LONGEST_QUESTION], shown)),
                ),
                schema=schema(len(shown), parameters.most_quotes),
                sampling=Sampling(max_tokens=MAX_TOKENS),
                urgency=1,
            ),
            caller_of(affinity_key=affinity(shown)),
        )
        quotes = standing(json.loads(written.text)["quotes"], shown)[: parameters.most_quotes]
        return answer_of(quotes, shown, written.usage)


def affinity(passages: Sequence[Passage]) -> str:
    """Questions about the same first passage share the beginning of their prompts."""
    return passages[0].id


def asked(question: str, passages: Sequence[Passage]) -> str:
    """The question and the passages as data: what a passage holds cannot close it."""
    parts = [{"number": number, "text": passage.text} for number, passage in enumerate(passages, 1)]
    return json.dumps({"passages": parts, "question": question}, ensure_ascii=False)


def schema(passages: int, most_quotes: int) -> Mapping[str, Any]:
    """What an answer may look like."""
    quote = {
        "type": "object",
        "properties": {
            "passage": {"type": "integer", "minimum": 1, "maximum": passages},
            "text": {"type": "string", "minLength": 1},
        },
        "required": ["passage", "text"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"quotes": {"type": "array", "items": quote, "maxItems": most_quotes}},
        "required": ["quotes"],
        "additionalProperties": False,
    }


def standing(picked: Sequence[Mapping[str, Any]], passages: Sequence[Passage]) -> list[Quote]:
    """The quotes that stand in the passage they name, word for word; each once. White space may differ."""
    found: dict[tuple[str, int, int], Quote] = {}
    for rank, each in enumerate(picked):
        passage, words = passages[each["passage"] - 1], each["text"].split()
        stands = re.search(r"\s+".join(map(re.escape, words)), passage.text) if words else None
        if stands:
            span = (passage.id, stands.start(), stands.end())
            found.setdefault(span, Quote(*span, score=1.0 - rank / (len(picked) + 1)))
    return list(found.values())


def answer_of(quotes: Sequence[Quote], passages: Sequence[Passage], usage: Usage) -> Answer:
    """The quotes as an answer; none where there is none."""
    texts = {passage.id: passage.text for passage in passages}
    lines = [" ".join(texts[quote.passage][quote.start : quote.end].split()) for quote in quotes]
    return Answer("\n".join(lines), tuple(quotes), usage.prompt_tokens, usage.completion_tokens)
