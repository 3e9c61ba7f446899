"""Answers from passages, by whichever generator a request names: by quotes alone, or by a model that must quote."""

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from plotlot.domain.bundles import Generation
from plotlot.domain.errors import InvalidOutput, PromptTooLong, ServiceUnavailable
from plotlot.domain.instructions import stands_planted, without_planted
from plotlot.domain.messages import Message
from plotlot.inference.completion import Prompt, Sampling, Usage
from plotlot.inference.completions import Completions, Written
from plotlot.inference.generation import Answer, Answering, Generator, Passage, Quote
from plotlot.inference.prompts import NAMES, prompt
from plotlot.inference.requests import caller_of

log = logging.getLogger(__name__)

MAX_TOKENS = 1024
LONGEST_QUESTION = 2000  # characters of a question that a model is asked
LONGEST_PASSAGE = 8000  # characters of a passage that a model is shown
PASSAGES_CHARACTERS = 24_000  # of all passages, where it is not known how much the model reads
LEAST_CHARACTERS = 1000
CHARACTERS_PER_TOKEN = 3  # fewer than of prose: tables have many short words
SPARE_TOKENS = 500  # for the prompt, the question and the brackets


class Answerer(Answering, Protocol):
    """A generator as the service calls it: on the event loop."""

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
        """The quotes that stand in their passages, each on a line. Raises as engines do.

        A model that cannot keep to quotes, told so once, is not believed: there is no answer.
        """
        shown = fitting(passages, characters_for(self._completions.replicas.context_tokens))
        if not any(passage.text.strip() for passage in shown):
            return Answer()
        try:
            written = await self._asked(question, shown, parameters)
        except InvalidOutput as error:
            log.warning("%s gave no quotes, so there is no answer: %s", self.model, error.message)
            return Answer()
        except PromptTooLong as error:  # what the caller asked was short; what we added was not
            raise ServiceUnavailable(f"the passages do not fit the model: {error.message}") from error
        quotes = standing(json.loads(written.text)["quotes"], shown)[: parameters.most_quotes]
        return answer_of(quotes, shown, written.usage)

    async def _asked(self, question: str, shown: Sequence[Passage], parameters: Generation) -> Written:
        return await self._completions.complete(
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


def characters_for(context_tokens: int | None) -> int:
    """How much of passages a model can be shown that reads so many tokens; a moderate amount where it is not known."""
    if context_tokens is None:
        return PASSAGES_CHARACTERS
    return max((context_tokens - MAX_TOKENS - SPARE_TOKENS) * CHARACTERS_PER_TOKEN, LEAST_CHARACTERS)


def fitting(passages: Sequence[Passage], characters: int) -> list[Passage]:
    """The first passages that fit, the best stand first; the last of them may be cut."""
    shown = []
    for passage in passages:
        text = passage.text[: min(LONGEST_PASSAGE, characters)]
        characters -= len(text)
        if text:
            shown.append(Passage(passage.id, text))
    return shown


def affinity(passages: Sequence[Passage]) -> str:
    """Questions about the same first passage share the beginning of their prompts."""
    return passages[0].id


def asked(question: str, passages: Sequence[Passage]) -> str:
    """The question and the passages as data: what a passage holds cannot close it, and what it says to machines is left out."""
    parts = [
        {"number": number, "text": without_planted(passage.text)}
        for number, passage in enumerate(passages, 1)
    ]
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
        if stands and not stands_planted(passage.text, stands.start(), stands.end()):
            span = (passage.id, stands.start(), stands.end())
            found.setdefault(span, Quote(*span, score=1.0 - rank / (len(picked) + 1)))
    return list(found.values())


def answer_of(quotes: Sequence[Quote], passages: Sequence[Passage], usage: Usage) -> Answer:
    """The quotes as an answer; none where there is none."""
    texts = {passage.id: passage.text for passage in passages}
    lines = [" ".join(texts[quote.passage][quote.start : quote.end].split()) for quote in quotes]
    return Answer("\n".join(lines), tuple(quotes), usage.prompt_tokens, usage.completion_tokens)
