"""Asks the golden questions of a running PlotLot, and scores what it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.golden import Place, Question, places
from plotlot.evaluation.runs import Case
from plotlot.evaluation.stack import AnswerFailed, Stack
from plotlot.evaluation.suites.answers import score_answer
from plotlot.evaluation.towns import Town

LONGEST_SHOWN = 1200


async def ask_all(stack: Stack, questions: Sequence[Question], towns: Mapping[str, Town]) -> list[Case]:
    """A case for each question, in their order."""
    return [await ask(stack, question, towns[question.municipality]) for question in questions]


async def ask(stack: Stack, question: Question, town: Town) -> Case:
    """A question's case; where no answer comes, its scores are missing."""
    body = {"question": question.question, "municipality": question.municipality}
    detail: dict[str, Any] = {"question": question.question, "wanted": wanted_words(question)}
    try:
        found = places(question, town)
        answer, spent = await stack.post("/v1/ask", body)
    except (InvalidRequest, AnswerFailed) as error:
        return _case(question, dict.fromkeys(applying(question)), None, None, {**detail, "error": str(error)})
    scores = score_answer(question, answer, found, town.texts)
    cost = float(answer.get("prompt_tokens", 0) + answer.get("completion_tokens", 0))
    return _case(question, scores, spent, cost, {**detail, **shown(answer, found)})


def applying(question: Question) -> tuple[str, ...]:
    """The scores that a question's answer would have."""
    found = ["ask.cited", "ask.grounded"]
    if question.wants_refusal:
        found += ["ask.refused", *(["ask.reason"] if question.reasons else [])]
    else:
        found += ["ask.answered", "ask.correct", *(["ask.evidence"] if question.evidence else [])]
        found += ["ask.conflict"] if question.kind == "conflict" else []
    return (*found, *(["ask.unswayed"] if question.forbidden else []))


def shown(answer: Mapping[str, Any], found: Sequence[Place]) -> dict[str, Any]:
    """What people look at to see why a case went as it did."""
    return {
        "answer": answer["answer"][:LONGEST_SHOWN],
        "refused": answer["refused"],
        "reason": answer.get("reason"),
        "engine": answer.get("engine", ""),
        "quotes": [quote["quote"][:LONGEST_SHOWN] for quote in answer["quotes"]],
        "evidence": [place.document.slice(place.spans[0])[:LONGEST_SHOWN] for place in found],
    }


def wanted_words(question: Question) -> str:
    """The right answer in words."""
    if question.wants_refusal:
        return "a refusal"
    wanted = question.answer or {}
    if wanted.get("words"):
        return " … ".join(wanted["words"])
    values = wanted.get("values") or [wanted.get("value")]
    return " and ".join(
        f"{value:g}" if isinstance(value, int | float) else str(value) for value in values
    ) + (f" {wanted['unit']}" if wanted.get("unit") else "")


def _case(
    question: Question,
    scores: Mapping[str, float | None],
    latency_ms: float | None,
    cost: float | None,
    detail: Mapping[str, Any],
) -> Case:
    return Case(
        id=f"ask/{question.id}",
        town=question.municipality,
        slice=question.slice,
        kind=question.kind,
        scores=scores,
        latency_ms=latency_ms,
        cost=cost,
        detail=detail,
    )
