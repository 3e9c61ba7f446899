"""Answers in quotes of passages: what is sent to inference, what of its answer stands, and what contradicts."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.domain.contradictions import Statement, contradict
from plotlot.gateway.searching.results import result_json

Json = dict[str, Any]
QUOTED_SOURCE = (
    "municipality", "document", "document_title", "document_sha256", "effective_date", "retrieved_at", "section",
    "anchor", "page",
)  # fmt: skip


def within_budget(
    results: Sequence[retrieval_pb2.SearchResult], characters: int
) -> list[retrieval_pb2.SearchResult]:
    """The first results whose texts have no more characters in all; the first is always among them."""
    sizes = itertools.accumulate(len(result.text) for result in results)
    return [result for result, size in zip(results, sizes, strict=True) if size <= characters] or list(
        results[:1]
    )


def passages_of(results: Sequence[retrieval_pb2.SearchResult]) -> list[inference_pb2.Passage]:
    """Results as passages."""
    return [
        inference_pb2.Passage(id=result.chunk, text=result.text, section=result.section) for result in results
    ]


def stands(quote: inference_pb2.Quote, passages: Mapping[str, retrieval_pb2.SearchResult]) -> bool:
    """Whether a quote is a span of a passage that was sent; what an engine makes up is not shown."""
    return quote.passage in passages and 0 <= quote.start < quote.end <= len(passages[quote.passage].text)


def quoted(quote: inference_pb2.Quote, passage: retrieval_pb2.SearchResult) -> Json:
    """A quote with where it stands in the code, and the head of its table where it is a row of one."""
    source = result_json(passage)
    columns = columns_above(source["text"], quote.start, quote.end)
    return {
        **{name: source[name] for name in QUOTED_SOURCE},
        "start": source["start"] + quote.start,
        "end": source["start"] + quote.end,
        "quote": source["text"][quote.start : quote.end],
        "score": quote.score,
        **({"columns": columns} if columns else {}),
    }


def columns_above(text: str, start: int, end: int) -> str:
    """The first row of the table that a quoted row stands in; empty for prose and for the first row itself."""
    row = text[start:end]
    mark = "\t" if "\t" in row else "|" if row.count("|") > 1 else ""
    if not mark or "\n" in row.strip():
        return ""
    first = ""
    for line in reversed(text[:start].rstrip("\n").split("\n")):
        if mark not in line:
            break
        first = line.strip()
    return first if any(letter.isalpha() for letter in first) else ""


def conflicts_among(quotes: Sequence[Json]) -> list[Json]:
    """The quotes that contradict the best of them, each with it."""
    found: list[Json] = []
    for other in quotes[1:]:
        best = quotes[0]
        apart = (best["document"], best["start"]) != (other["document"], other["start"])
        if apart and contradict(stated(best), stated(other)):
            about = str(best["section"]).rsplit(" > ", 1)[-1]
            found.append({"about": about, "values": [], "quotes": [best, other]})
    return found


def stated(quote: Json) -> Statement:
    """A quote as a statement of the code."""
    return Statement(quote["quote"], quote["section"])


def text_of(quotes: Sequence[Json]) -> str:
    """Quotes as the text of an answer, each on a line."""
    return "\n".join(" ".join(quote["quote"].split()) for quote in quotes).rstrip(" ;,:")
