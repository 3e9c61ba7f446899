"""Searches for the sections that answer the golden questions, and scores the ranking."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotlot.domain.documents import Document, Span
from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.golden import Place, Question, places
from plotlot.evaluation.ranking import ndcg, recall, reciprocal_rank
from plotlot.evaluation.runs import Case
from plotlot.evaluation.stack import AnswerFailed, Stack
from plotlot.evaluation.suites.answers import overlap
from plotlot.evaluation.towns import Town

DEPTH = 10
SCORES = ("ndcg@10", "recall@5", "recall@10", "mrr", "section@5")


async def search_all(stack: Stack, questions: Sequence[Question], towns: Mapping[str, Town]) -> list[Case]:
    """A case for each question that has evidence."""
    return [
        await search(stack, question, towns[question.municipality])
        for question in questions
        if question.evidence
    ]


async def search(stack: Stack, question: Question, town: Town) -> Case:
    """The case of a question's search; where it fails, its scores are missing."""
    body = {"query": question.question, "municipality": question.municipality, "k": DEPTH}
    detail: dict[str, Any] = {"question": question.question}
    scores: Mapping[str, float | None] = {f"retrieval.{name}": None for name in SCORES}
    spent = None
    try:
        found = places(question, town)
        answer, spent = await stack.post("/v1/search", body)
        scores = score_ranking(answer["results"], found)
        detail["wanted"] = [place.document.section_path(section_of(place).ordinal) for place in found]
        detail["found"] = [result["section"] for result in answer["results"][:5]]
    except (InvalidRequest, AnswerFailed) as error:
        detail["error"] = str(error)
    return Case(
        id=f"retrieval/{question.id}",
        town=question.municipality,
        slice=question.slice,
        kind=question.kind,
        scores=scores,
        latency_ms=spent,
        detail=detail,
    )


def score_ranking(results: Sequence[Mapping[str, Any]], found: Sequence[Place]) -> dict[str, float]:
    """Measures of the ranking: by the evidence itself, and by the section that holds it.

    A result that holds evidence again, or none, is one that nobody asked for.
    """
    judged = {str(number): 1 for number in range(len(found))}
    ranking = ranked(results, found)
    sections = sum(any(in_section(result, place) for result in results[:5]) for place in found)
    return {
        "retrieval.ndcg@10": ndcg(ranking, judged),
        "retrieval.recall@5": recall(ranking, judged, 5),
        "retrieval.recall@10": recall(ranking, judged),
        "retrieval.mrr": reciprocal_rank(ranking, judged),
        "retrieval.section@5": sections / len(found),
    }


def ranked(results: Sequence[Mapping[str, Any]], found: Sequence[Place]) -> list[str]:
    """Each result as the evidence that it is the first to hold. One that holds several stands for each in turn."""
    left = dict(enumerate(found))
    ranking = []
    for rank, result in enumerate(results):
        held = [number for number, place in left.items() if holds(result, place)]
        ranking += [str(number) for number in held] or [f"other {rank}"]
        left = {number: place for number, place in left.items() if number not in held}
    return ranking


def holds(result: Mapping[str, Any], place: Place) -> bool:
    """Whether a result holds at least half of some evidence."""
    if result["document_sha256"] != place.document.text_sha256:
        return False
    span = Span(result["start"], result["end"])
    return any(2 * overlap(span, each) >= len(each) for each in place.spans)


def in_section(result: Mapping[str, Any], place: Place) -> bool:
    """Whether a result lies in the section that holds the evidence."""
    section = section_of(place)
    same = result["document_sha256"] == place.document.text_sha256
    return same and section.start <= result["start"] < section.end


def section_of(place: Place) -> Any:
    """The section that holds the evidence, not the subsection."""
    return whole_section(place.document, place.spans[0].start)


def whole_section(document: Document, offset: int) -> Any:
    """The innermost section at an offset that is no subsection."""
    section = document.section_at(offset)
    while section.kind == "subsection" and section.parent is not None:
        section = document.sections[section.parent]
    return section
