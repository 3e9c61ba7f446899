"""Questions in words: from the standards where they are about one, otherwise in quotes of the code.

What is shown is a value or a sentence with its quote. What is not found is said, part by part, with its reason.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.instructions import without_instructions
from plotlot.domain.question_districts import (
    Named,
    districts_named,
    is_named_in,
    may_name_district,
    places_named,
    speaks_of_zoning,
    tells_of_zoning,
    with_codes,
)
from plotlot.domain.questions import Asked, asked_of, fields_asked, may_be_about, may_state, parts_of
from plotlot.domain.references import is_at, references_in
from plotlot.domain.standards import standard_json
from plotlot.domain.use_questions import use_asked
from plotlot.gateway.asking.passages import (
    conflicts_among,
    passages_of,
    quoted,
    stands,
    text_of,
    within_budget,
)
from plotlot.gateway.asking.refusals import Reason, words_for
from plotlot.gateway.asking.standards import misses_case, quotes_of, told_by
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.gateway.web.events import Event, last
from plotlot.gateway.wording import field_label
from plotlot.rpc.context import current_parameters
from plotlot.telemetry import SpanNames
from plotlot.tracing.notes import note, note_more

Json = dict[str, Any]
MOST_DISTRICTS = 12  # of which all are told where a question names none
FOLLOWED = 20  # results among which the section is looked for that another sends to
ZONED = 2  # paragraphs that speak of zoning, by which a code is one that zones
_EMPTY_LINES = re.compile(r"\n\s*\n")
NEAR_TOPIC = 0.3  # likeness to the nearest passage below which a question is not about the code


@dataclass(slots=True)
class Searched:
    """The generation of the index that the first search of an answer found, to which its others are held; 0 before."""

    generation: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions asked, where it is asked, what it names, and the index that all of them are looked up in."""

    question: str
    municipality: str
    asked: Asked
    named: Named
    districts: Sequence[tuple[str, str]] | None
    searched: Searched

    @property
    def named_by_name(self) -> list[tuple[str, str]]:
        """The districts that it names, as code and name."""
        return [(code, name) for code, name in self.districts or () if code in self.named.codes]

    @property
    def districts_asked(self) -> tuple[str, ...]:
        """The districts that it is about: those named by code or name, else what it takes for one."""
        return self.named.codes or ((self.named.unknown,) if self.named.unknown else ())

    @property
    def lacks_zoning(self) -> bool:
        """Whether it is about zoning, in a town whose code has no districts."""
        about = self.asked.is_of_standards or speaks_of_zoning(self.question)
        return self.districts is not None and not self.districts and about


@dataclass
class Found:
    """What was found for a part: ``reason`` is why nothing was."""

    text: str = ""
    quotes: list[Json] = field(default_factory=list)
    standards: list[Json] = field(default_factory=list)
    conflicts: list[Json] = field(default_factory=list)
    not_found: list[Json] = field(default_factory=list)
    reason: Reason | None = None
    about: str = ""
    engine: str = ""
    verified: int = 0
    dropped: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Asker:
    """Answers a question, or refuses."""

    clients: Clients
    bundle: str

    async def answer(self, question: str, municipality: str) -> Json:
        """The answer with its quotes, what contradicts and what was not found; or ``refused`` with a reason."""
        return await last(self.answering(question, municipality))

    async def answering(self, question: str, municipality: str) -> AsyncGenerator[Event]:
        """The text of each part of the answer, as soon as its quotes are seen to stand; the whole answer last."""
        if not question.strip():
            raise InvalidRequest("ask something", field="question")
        kept = without_instructions(question)
        if not kept and not answers_everything():
            refused = [("", Found(reason=Reason.INSTRUCTIONS))]
            yield "result", {**self._told(question, municipality, refused, ()), "generation": None}
            return
        searched = Searched()
        parts = await self._parts(kept or question, municipality, searched)
        found = []
        for part in parts:
            found.append((part.question, await self._found(part)))
            if (text := found[-1][1].text) and found[-1][1].reason is None:
                yield "text", {"part": part.question, "text": text}
        known = [code for code, _ in parts[0].districts or ()]
        told = self._told(question, municipality, found, known)
        yield "result", {**told, "generation": searched.generation or None}

    async def _parts(self, question: str, municipality: str, searched: Searched) -> list[Part]:
        """The parts of a question; one that names no district is about those that the whole names."""
        districts = await self._districts(question, municipality)
        whole = districts_named(question, districts or ())
        parts = []
        for text in parts_of(question):
            own = districts_named(text, districts or ())
            named = own if own.codes or own.unknown else whole
            town = frozenset(municipality.casefold().replace(",", " ").split())
            asked = asked_of(text, named.words | town)
            parts.append(Part(text, municipality, asked, named, districts, searched))
        return parts

    async def _districts(self, question: str, municipality: str) -> list[tuple[str, str]] | None:
        """The districts of the town's code, as code and name; None where the question needs none."""
        about = fields_asked(question) or may_name_district(question) or speaks_of_zoning(question)
        if not municipality or not about:
            return None
        return [(found.code, found.name) for found in await self.clients.districts(municipality)]

    async def _found(self, part: Part) -> Found:
        """What answers a part: standards where it asks for nothing else, else the text."""
        codes = self._codes(part)
        standards = list(
            await asyncio.gather(*(self.clients.standards(part.municipality, code) for code in codes))
        )
        stated = from_standards(standards, part.asked)
        if stated.quotes and not misses_case(standards, part.asked):
            return stated
        found = await self._from_passages(part)
        found.dropped += stated.dropped
        return stated if found.reason and stated.quotes else found

    def _codes(self, part: Part) -> Sequence[str]:
        """The districts whose standards answer: those named, else all of a code with few."""
        if not part.asked.is_of_standards:
            return ()
        if part.named.codes or part.named.unknown:
            return part.named.codes[:MOST_DISTRICTS]
        every = [code for code, _ in part.districts or ()]
        return every if len(every) <= MOST_DISTRICTS else ()

    async def _from_passages(self, part: Part) -> Found:
        """The sentences of the code that answer best, and where they send the reader."""
        parameters = current_parameters()
        question = with_codes(part.question, part.named_by_name)
        results = await self._results(part, question, parameters.retrieval.passages)
        results = within_budget(results, parameters.generation.context_characters)
        if part.lacks_zoning and not answers_everything() and not is_zoned(results):
            return Found(reason=Reason.NO_ZONING)
        unknown = part.named.unknown
        if unknown and not answers_everything() and not is_spoken_of(unknown, results):
            return Found(reason=Reason.NO_SUCH_DISTRICT, about=unknown)
        if not answers_everything() and is_about_elsewhere(part, results):
            return replaced(Found(), part, results)
        found = await self._quoted(question, results)
        if part.asked.is_of_standards and part.districts_asked and not answers_everything():
            found.quotes = [quote for quote in found.quotes if speaks_of(quote, part)]
        if not found.quotes:
            return replaced(found, part, results)
        await self._follow(part, found)
        found.text = text_of(found.quotes)
        found.conflicts = conflicts_among(found.quotes)
        return found

    async def _results(self, part: Part, words: str, limit: int) -> Sequence[retrieval_pb2.SearchResult]:
        """The best chunks, all of an answer's of one generation of the index."""
        found = await self.clients.search(words, part.municipality, limit, part.searched.generation)
        part.searched.generation = found.generation
        return list(found.results)

    async def _quoted(self, question: str, results: Sequence[retrieval_pb2.SearchResult]) -> Found:
        """The quotes that inference chose and that stand."""
        answer = inference_pb2.GenerateResponse()
        if results:
            note_more(SpanNames.CHUNKS_USED, len(results))
            note(SpanNames.PROMPT, current_parameters().generation.prompt)
            answer = await self.clients.generate(question, passages_of(results))
        by_chunk = {result.chunk: result for result in results}
        standing = [quote for quote in answer.quotes if stands(quote, by_chunk)] if answer.answer else []
        return Found(
            quotes=[quoted(quote, by_chunk[quote.passage]) for quote in standing],
            engine=answer.engine,
            verified=sum(stands(quote, by_chunk) for quote in answer.quotes),
            dropped=sum(not stands(quote, by_chunk) for quote in answer.quotes),
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
        )

    async def _follow(self, part: Part, found: Found) -> None:
        """Add the best sentence of the section that the best quote sends to, where that is not quoted yet."""
        best = found.quotes[0]
        for number in references_in(best["quote"]):
            if any(is_at(quote["section"], number) for quote in found.quotes):
                continue
            results = await self._results(part, f"{number} {part.question}", FOLLOWED)
            there = [result for result in results if is_at(result.section, number)][:3]
            if not there:
                continue
            # What the section is called says what its sentences are about.
            called = there[0].section.rsplit(" > ", 1)[-1]
            more = await self._quoted(f"{called}: {part.question}", there)
            found.prompt_tokens += more.prompt_tokens
            for quote in more.quotes[:2]:
                found.quotes.append({**quote, "followed_from": best["section"]})
                found.verified += 1
            return

    def _told(
        self, question: str, municipality: str, parts: Sequence[tuple[str, Found]], known: Sequence[str]
    ) -> Json:
        """The answer in the form of the REST API."""
        answered = [found for _, found in parts if found.reason is None]
        lacking = [(text, found) for text, found in parts if found.reason is not None]
        first = lacking[0][1] if lacking else Found()
        reason = first.reason if first.reason and not answered else None
        not_found = [missed for found in answered for missed in found.not_found]
        if answered:
            not_found += [
                {"about": text, "reason": found.reason, "words": words_for(found.reason, found.about, known)}
                for text, found in lacking
                if found.reason
            ]
        every = [found for _, found in parts]
        return {
            "question": question,
            "municipality": municipality,
            "bundle": self.bundle,
            "refused": not answered,
            "reason": reason or "",
            "answer": "\n".join(found.text for found in answered)
            if answered
            else words_for(reason or Reason.NOT_STATED, first.about, known),
            "engine": next((found.engine for found in every if found.engine), ""),
            "quotes": distinct([quote for found in answered for quote in found.quotes]),
            "standards": [one for found in answered for one in found.standards],
            "conflicts": [conflict for found in answered for conflict in found.conflicts],
            "not_found": not_found,
            "citations": {
                "verified": sum(found.verified for found in every),
                "dropped": sum(found.dropped for found in every),
            },
            "prompt_tokens": sum(found.prompt_tokens for found in every),
            "completion_tokens": sum(found.completion_tokens for found in every),
        }


def answers_everything() -> bool:
    """Whether the bundle wants an answer to every question, related or not."""
    return current_parameters().generation.least_relevance == 0


def from_standards(found: Sequence[DistrictStandards], asked: Asked) -> Found:
    """What the standards of districts answer."""
    told = told_by(found, asked)
    return Found(
        text="; ".join(told.sentences),
        quotes=quotes_of(told.rest_on),
        standards=[standard_json(one) for one in told.standards],
        conflicts=told.conflicts,
        not_found=told.not_found,
        engine=told.rest_on[0].engine if told.rest_on else "",
        verified=sum(one.citation is not None for one in told.rest_on),
        dropped=sum(each.dropped for each in found),
    )


def replaced(found: Found, part: Part, results: Sequence[retrieval_pb2.SearchResult]) -> Found:
    """What was found, as a refusal with its reason."""
    likeness = max((result.cosine for result in results), default=0.0)
    about_standards = part.asked.is_of_standards
    use = use_asked(part.question)
    of_zoning = about_standards or (use and (part.named.codes or speaks_of_zoning(part.question)))
    found.reason = Reason.NOT_STATED if of_zoning or likeness >= NEAR_TOPIC else Reason.OFF_TOPIC
    if about_standards:
        where = f" for {', '.join(part.districts_asked)}" if part.districts_asked else ""
        found.about = f"a {field_label(part.asked.fields[0]).lower()}{where}"
    elif use and found.reason is Reason.NOT_STATED:
        where = f" in {', '.join(part.named.codes)}" if part.named.codes else ""
        found.about = f'whether the use "{use}" is allowed{where}'
    return found


def speaks_of(quote: Json, part: Part) -> bool:
    """Whether a quote, where it stands, may be about a field asked for, and is about no other district.

    A district that the code speaks of, and that the part which is here does not establish, is known by its name alone.
    """
    text = f"{quote['section']}\n{quote['quote']}"
    if not any(may_be_about(text, name) and may_state(quote["quote"], name) for name in part.asked.fields):
        return False
    named = districts_named(quote["quote"], part.districts or ()).codes
    named = named or districts_named(quote["section"], part.districts or ()).codes
    if not named or set(named) & set(part.named.codes):
        return True
    return bool(part.named.unknown) and is_named_in(part.named.unknown, text)


def is_zoned(results: Sequence[retrieval_pb2.SearchResult]) -> bool:
    """Whether passages are of a code that zones, though the part that establishes its districts is not here."""
    paragraphs = {paragraph for result in results for paragraph in _EMPTY_LINES.split(result.text)}
    return sum(map(tells_of_zoning, paragraphs)) >= ZONED


def is_spoken_of(name: str, results: Sequence[retrieval_pb2.SearchResult]) -> bool:
    """Whether a passage, or the headings over it, names what a question takes for a district."""
    return any(is_named_in(name, f"{result.section}\n{result.text}") for result in results)


def is_about_elsewhere(part: Part, results: Sequence[retrieval_pb2.SearchResult]) -> bool:
    """Whether a question is about a place that is neither this town nor spoken of in its code."""
    known = {*part.named.words, *part.municipality.casefold().replace(",", " ").split()}
    said = "\n".join(f"{result.section}\n{result.text}" for result in results).casefold()
    return any(place.casefold() not in said for place in places_named(part.question, known))


def distinct(quotes: Sequence[Json]) -> list[Json]:
    """Quotes, each span once."""
    found: dict[tuple[str, int, int], Json] = {}
    for quote in quotes:
        found.setdefault((quote["document"], quote["start"], quote["end"]), quote)
    return list(found.values())
