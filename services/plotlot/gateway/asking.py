"""Questions in words: from the standards where they are about one, otherwise in quotes of the code."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.domain.districts import district_key
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.questions import fields_asked, words_of
from plotlot.domain.standards import Citation, Standard, Status, least_conditioned, standard_json
from plotlot.gateway.clients import Clients
from plotlot.gateway.search_results import result_json

PASSAGES = 8
QUOTED_SOURCE = ("municipality", "document", "document_title", "document_sha256", "section", "page")


@dataclass(frozen=True, slots=True)
class Asker:
    """Answers a question, or refuses."""

    clients: Clients
    bundle: str

    async def answer(self, question: str, municipality: str) -> dict[str, Any]:
        """The answer with its quotes; ``refused`` where the code does not hold one."""
        if not question.strip():
            raise InvalidRequest("ask something", field="question")
        base = {"question": question, "municipality": municipality, "bundle": self.bundle}
        stated = await self._from_standards(question, municipality) if municipality else None
        return {**base, **(stated or await self._from_passages(question, municipality))}

    async def _from_standards(self, question: str, municipality: str) -> dict[str, Any] | None:
        """The standards of a district that the question names, where it asks for some."""
        fields = fields_asked(question)
        if not fields:
            return None
        words = {district_key(word) for word in words_of(question)}
        named = [
            district.code
            for district in await self.clients.districts(municipality)
            if district_key(district.code) in words
        ]
        if len(named) != 1:
            return None
        found = await self.clients.standards(municipality, named[0])
        chosen = [least_conditioned(found.standards, name) for name in fields]
        stated = [item for item in chosen if item and item.status is not Status.NOT_STATED]
        if not stated:
            return None
        return {
            "refused": False,
            "answer": "; ".join(sentence(item, found.code) for item in stated),
            "engine": stated[0].engine,
            "quotes": quotes_of(stated),
            "standards": [standard_json(item) for item in found.standards if item.field in fields],
        }

    async def _from_passages(self, question: str, municipality: str) -> dict[str, Any]:
        """The sentences of the code that answer best."""
        results = await self.clients.search(question, municipality, PASSAGES)
        passages = [inference_pb2.Passage(id=result.chunk, text=result.text) for result in results]
        answer = await self.clients.generate(question, passages) if passages else None
        if answer is None or not answer.answer:
            return {
                "refused": True,
                "answer": "The code that is here does not answer this; ask the planning department.",
                "engine": answer.engine if answer else "",
                "quotes": [],
                "standards": [],
            }
        by_chunk = {result.chunk: result for result in results}
        quotes = []
        for quote in answer.quotes:
            source = result_json(by_chunk[quote.passage])
            quotes.append(
                {
                    **{name: source[name] for name in QUOTED_SOURCE},
                    "start": source["start"] + quote.start,
                    "end": source["start"] + quote.end,
                    "quote": source["text"][quote.start : quote.end],
                    "score": quote.score,
                }
            )
        return {
            "refused": False,
            "answer": answer.answer.rstrip(" ;,:"),
            "engine": answer.engine,
            "quotes": quotes,
            "standards": [],
        }


def sentence(standard: Standard, district: str) -> str:
    """A standard in words."""
    name = standard.field.replace("_", " ")
    if standard.value is not None:
        return f"{name} in {district}: {standard.value:,.10g} {standard.unit.replace('_', ' ')}"
    return f"{name} in {district}: see the quote"


def quotes_of(standards: Sequence[Standard]) -> list[dict[str, Any]]:
    """The citations of standards as quotes of an answer; one that several rest on stands once."""
    found: dict[Citation, dict[str, Any]] = {}
    for standard in standards:
        if standard.citation is not None:
            quote = {**asdict(standard.citation), "score": standard.confidence}
            found.setdefault(standard.citation, quote)
    return list(found.values())
