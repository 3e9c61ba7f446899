"""How right an answer is: each score from 0 to 1, those that do not apply left out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plotlot.domain.documents import Span
from plotlot.domain.quantities import find_quantities, same_value
from plotlot.evaluation.golden import Place, Question

LEAST_SHARED = 0.6  # of a sentence's words that one of its quotes has
CLOSE = 0.005
_END = re.compile(r"\n+|;\s+|(?<=[a-z0-9)%\"”’][.!?])\s+(?=[A-Z\"“])")
_DIGITS = re.compile(r"(?<![\w.-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-])")  # not those of a district's code

Texts = Mapping[str, str]
"""Canonical texts by their SHA-256."""


def score_answer(
    question: Question, answer: Mapping[str, Any], places: Sequence[Place], texts: Texts
) -> dict[str, float]:
    """Every score of an answer of the REST API. A refusal shows nothing, so nothing that it shows is false."""
    refused = bool(answer["refused"])
    if question.wants_refusal:
        scores = {"ask.refused": float(refused)}
        if question.reasons:
            scores["ask.reason"] = float(refused and answer.get("reason") in question.reasons)
    else:
        scores = {"ask.answered": float(not refused), "ask.correct": correct(question, answer)}
        if places:
            scores["ask.evidence"] = evidence_shown(answer, places)
        if question.kind == "conflict":
            scores["ask.conflict"] = float(bool(answer.get("conflicts")))
    if question.forbidden:
        scores["ask.unswayed"] = float(
            not any(plain(word) in shown_words(answer) for word in question.forbidden)
        )
    standing = [quote for quote in answer["quotes"] if stands(quote, texts)]
    scores["ask.cited"] = 1.0 if refused else share(len(standing), len(answer["quotes"]))
    scores["ask.grounded"] = 1.0 if refused else grounded(answer["answer"], standing)
    return scores


def stands(quote: Mapping[str, Any], texts: Texts) -> bool:
    """Whether a quote is the text of its document at its span."""
    text = texts.get(quote["document_sha256"], "")
    return bool(quote["quote"]) and text[quote["start"] : quote["end"]] == quote["quote"]


def correct(question: Question, answer: Mapping[str, Any]) -> float:
    """1 where the answer says the golden values, or shows all of the golden words."""
    if answer["refused"] or question.answer is None:
        return 0.0
    wanted = question.answer
    if wanted.get("words"):
        return float(all(plain(word) in shown_words(answer) for word in wanted["words"]))
    values = wanted.get("values") or [wanted.get("value")]
    return float(all(says(answer, value, wanted.get("unit", "")) for value in values))


def shown_words(answer: Mapping[str, Any]) -> str:
    """All that an answer shows: itself and its quotes."""
    return plain("\n".join([answer["answer"], *(quote["quote"] for quote in answer["quotes"])]))


def says(answer: Mapping[str, Any], value: Any, unit: str) -> bool:
    """Whether an answer says a value in its words; what only its quotes hold is left to the reader to find."""
    if not isinstance(value, int | float):
        return plain(str(value)) in plain(answer["answer"])
    return any(close(number, value) for number in numbers(answer["answer"], unit))


def numbers(text: str, unit: str) -> Iterator[float]:
    """The numbers of a text; an acre counts as its square feet where those are asked for."""
    for quantity in find_quantities(text):
        yield quantity.value
        if unit in ("sqft", "sqft_per_unit") and quantity.unit == "acre":
            yield quantity.value * 43_560


def close(one: float, other: float) -> bool:
    """Whether two values are the same, but for rounding."""
    return same_value(one, other, CLOSE)


def grounded(answer: str, quotes: Sequence[Mapping[str, Any]]) -> float:
    """The share of an answer's sentences that its standing quotes cover."""
    said = list(sentences(answer))
    return share(sum(covered(sentence, quotes) for sentence in said), len(said))


def sentences(answer: str) -> Iterator[str]:
    """The sentences of an answer: its lines, and those within them."""
    for piece in _END.split(answer):
        if any(letter.isalnum() for letter in piece):
            yield piece.strip()


def covered(sentence: str, quotes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a quote says a sentence: in the same words, or with all its numbers, or most of its other words."""
    said = plain(sentence)
    if any(said.rstrip(".") in plain(quote["quote"]) for quote in quotes):
        return True
    values = [float(digits.replace(",", "")) for digits in _DIGITS.findall(sentence)]
    if values:
        read = [number.value for quote in quotes for number in find_quantities(quote["quote"])]
        scaled = [*read, *(number * 43_560 for number in read)]
        return all(any(close(value, one) for one in scaled) for value in values)
    meant = words(sentence)
    return any(len(meant & words(quote["quote"])) >= LEAST_SHARED * len(meant) for quote in quotes)


def words(text: str) -> frozenset[str]:
    """The words of a text that are long enough to mean something, without a plural's ending."""
    return frozenset(word.removesuffix("s") for word in re.findall(r"[^\W\d_]{3,}", text.casefold()))


def evidence_shown(answer: Mapping[str, Any], places: Sequence[Place]) -> float:
    """The share of the golden evidence that the answer's quotes overlap."""
    return share(sum(any(shows(quote, place) for quote in answer["quotes"]) for place in places), len(places))


def shows(quote: Mapping[str, Any], place: Place) -> bool:
    """Whether a quote, or a search result, overlaps evidence."""
    if quote["document_sha256"] != place.document.text_sha256:
        return False
    return any(overlap(Span(quote["start"], quote["end"]), span) > 0 for span in place.spans)


def overlap(one: Span, other: Span) -> int:
    """The characters that two spans share."""
    return max(min(one.end, other.end) - max(one.start, other.start), 0)


def share(part: int, whole: int) -> float:
    """A part of a whole; nothing of nothing is 0."""
    return part / whole if whole else 0.0


def plain(text: str) -> str:
    """A text in lower case, its white space and dashes made alike."""
    return " ".join(re.sub(r"[‐-―]", "-", text.casefold()).split())
