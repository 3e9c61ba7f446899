"""Golden questions: what is asked, what the right answer is, and where the code says so."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from plotlot.domain.documents import Document, Span
from plotlot.domain.errors import InvalidRequest
from plotlot.evaluation.towns import Town

KINDS = ("answerable", "unanswerable", "adversarial", "conflict")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a code answers: a quote of a document, or the span of one whose text has a SHA-256."""

    document: str
    quote: str = ""
    start: int = 0
    end: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Evidence found in a document: ``spans`` are where it stands, each as good as the others."""

    document: Document
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a town; ``answer`` is None where the right answer is to refuse.

    ``forbidden`` words may not be shown, ``reasons`` are the codes of a refusal that are right.
    """

    id: str
    municipality: str
    question: str
    kind: str
    answer: Mapping[str, Any] | None = None
    evidence: tuple[Evidence, ...] = ()
    slice: str = ""
    split: str = "dev"
    note: str = ""
    forbidden: Sequence[str] = ()
    reasons: Sequence[str] = ()

    @property
    def wants_refusal(self) -> bool:
        """Whether the code does not answer it."""
        return self.kind == "unanswerable" or self.answer is None


def load_questions(paths: Sequence[Path]) -> list[Question]:
    """The questions of files of JSON lines. Raises InvalidRequest naming the line that cannot be used."""
    found: dict[str, Question] = {}
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip():
                question = question_of(line, f"{path.name}, line {number}")
                if question.id in found:
                    raise InvalidRequest(f"{path.name}, line {number}: the id {question.id} stands twice")
                found[question.id] = question
    return list(found.values())


def question_of(line: str, place: str) -> Question:
    """The question of a line."""
    try:
        values = json.loads(line)
        evidence = tuple(Evidence(**each) for each in values.pop("evidence", None) or ())
        question = Question(**values, evidence=evidence)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidRequest(f"{place} is not a golden question: {error}", field="golden") from error
    if question.kind not in KINDS:
        raise InvalidRequest(f"{place}: the kind is one of {', '.join(KINDS)}", field="kind")
    if question.kind == "answerable" and question.answer is None:
        raise InvalidRequest(f"{place} is answerable but has no answer", field="answer")
    return question


def places(question: Question, town: Town) -> list[Place]:
    """Where the evidence stands. Raises InvalidRequest for evidence that the code does not hold."""
    return [_place(question, evidence, town) for evidence in question.evidence]


def _place(question: Question, evidence: Evidence, town: Town) -> Place:
    document = town.documents.get(Path(evidence.document).name)
    if document is None:
        raise InvalidRequest(f"{question.id}: {town.name} has no document {evidence.document!r}")
    spans = _spans(document.text, evidence)
    if not spans:
        what = evidence.quote or f"characters {evidence.start} to {evidence.end}"
        raise InvalidRequest(f"{question.id}: {evidence.document} does not hold {what[:80]!r}")
    return Place(document, tuple(spans))


def _spans(text: str, evidence: Evidence) -> list[Span]:
    if evidence.quote:
        return list(_occurrences(text, evidence.quote))
    piece = text[evidence.start : evidence.end]
    stands = piece and sha256(piece.encode()).hexdigest() == evidence.sha256
    return [Span(evidence.start, evidence.end)] if stands else []


def _occurrences(text: str, quote: str) -> list[Span]:
    found, start = [], text.find(quote)
    while start >= 0:
        found.append(Span(start, start + len(quote)))
        start = text.find(quote, start + 1)
    return found
