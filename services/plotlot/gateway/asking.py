"""Questions in words: from the standards where they are about one, otherwise in quotes of the code."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.districts import district_key
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.questions import fields_asked, words_of
from plotlot.domain.standards import Citation, Standard, Status, least_conditioned, standard_json
from plotlot.gateway.clients import Clients, DistrictStandards
from plotlot.gateway.search_results import result_json
from plotlot.rpc.context import current_parameters

REFUSAL = "The code that is here does not answer this; ask the planning department."
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
        fields = fields_asked(question)
        found = await self._district(question, municipality) if municipality and fields else None
        stated = from_standards(found, fields) if found else None
        answer = stated or await self._from_passages(question, municipality)
        answer["citations"]["dropped"] += found.dropped if found else 0
        return {**base, **answer}

    async def _district(self, question: str, municipality: str) -> DistrictStandards | None:
        """The district that the question names, where it names exactly one."""
        words = {district_key(word) for word in words_of(question)}
        named = [
            district.code
            for district in await self.clients.districts(municipality)
            if district_key(district.code) in words
        ]
        return await self.clients.standards(municipality, named[0]) if len(named) == 1 else None

    async def _from_passages(self, question: str, municipality: str) -> dict[str, Any]:
        """The sentences of the code that answer best."""
        wanted = current_parameters().retrieval.passages
        results = await self.clients.search(question, municipality, wanted)
        passages = [inference_pb2.Passage(id=result.chunk, text=result.text) for result in results]
        answer = inference_pb2.GenerateResponse()
        if passages:
            answer = await self.clients.generate(question, passages)
        by_chunk = {result.chunk: result for result in results}
        quotes = [
            quoted(quote, by_chunk[quote.passage]) for quote in answer.quotes if stands(quote, by_chunk)
        ]
        refused = not answer.answer or not quotes
        return {
            "refused": refused,
            "answer": REFUSAL if refused else answer.answer.rstrip(" ;,:"),
            "engine": answer.engine,
            "quotes": quotes,
            "standards": [],
            "citations": {"verified": len(quotes), "dropped": len(answer.quotes) - len(quotes)},
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
        }


def from_standards(found: DistrictStandards, fields: Sequence[str]) -> dict[str, Any] | None:
    """The answer from a district's standards, where it states one of the fields asked for."""
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
        "citations": {"verified": sum(item.citation is not None for item in stated), "dropped": 0},
        "prompt_tokens": 0,
        "completion_tokens": 0,
    }


def stands(quote: inference_pb2.Quote, passages: Mapping[str, retrieval_pb2.SearchResult]) -> bool:
    """Whether a quote is a span of a passage that was sent; what an engine makes up is not shown."""
    return quote.passage in passages and 0 <= quote.start < quote.end <= len(passages[quote.passage].text)


def quoted(quote: inference_pb2.Quote, passage: retrieval_pb2.SearchResult) -> dict[str, Any]:
    """A quote with where it stands in the code."""
    source = result_json(passage)
    return {
        **{name: source[name] for name in QUOTED_SOURCE},
        "start": source["start"] + quote.start,
        "end": source["start"] + quote.end,
        "quote": source["text"][quote.start : quote.end],
        "score": quote.score,
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
