"""From scored candidates to standards: the best value for each field and case, with its citation."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.documents import Document
from plotlot.domain.quantities import same_value
from plotlot.domain.quotes import verify
from plotlot.domain.standards import FIELD_UNITS, FIELDS, Citation, District, Standard, Status, not_stated
from plotlot.extraction.learned.candidates import Candidate
from plotlot.extraction.learned.model import Model, least_scores
from plotlot.extraction.reader.assemble import CodeReading

_MOST_CONFIDENT = 0.99
_LEAST_SCORE = 0.05
_SUPPORTS = 0.3
"""What a second place with the same value adds to a score, as a share of what is missing to certainty."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate with the score of its value, which several places may hold."""

    candidate: Candidate
    score: float


def choices(candidates: Sequence[Candidate], scores: NDArray[np.float32]) -> list[Choice]:
    """For each district, field and case the candidates of its values, the best value first.

    Only the best place of each value is kept.
    """
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[Choice]] = defaultdict(list)
    for one, score in zip(candidates, scores.tolist(), strict=True):
        if score >= _LEAST_SCORE:
            groups[one.district, one.field, case_of(one)].append(Choice(one, score))
    return [choice for group in groups.values() for choice in _by_value(group)[:1]]


def case_of(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """What the value depends on, in a fixed order; a house for one family is the plain case."""
    found = candidate.found.conditions
    return tuple(sorted((k, v) for k, v in found.items() if (k, v) != ("use", "one_family")))


def _by_value(group: Sequence[Choice]) -> list[Choice]:
    """One choice for each value, its score raised where other places say the same."""
    values: list[list[Choice]] = []
    for choice in sorted(group, key=lambda one: -one.score):
        for same in values:
            if same_value(same[0].candidate.value, choice.candidate.value, 0.005):
                same.append(choice)
                break
        else:
            values.append([choice])
    raised = [Choice(same[0].candidate, _raised(same)) for same in values]
    return sorted(raised, key=lambda one: -one.score)


def _raised(same: Sequence[Choice]) -> float:
    places = {choice.candidate.found.place.offset: choice.score for choice in reversed(same)}
    scores = sorted(places.values(), reverse=True)
    if len(scores) == 1:
        return scores[0]
    return scores[0] + (1 - scores[0]) * _SUPPORTS * scores[1]


def read(
    model: Model,
    found: Sequence[Choice],
    documents: Sequence[Document],
    districts: Sequence[District],
    ids: Mapping[str, str],
) -> CodeReading:
    """The standards that reach their field's threshold and whose citation holds."""
    least = least_scores(model.properties, FIELDS)
    kept: dict[tuple[str, str], list[Standard]] = defaultdict(list)
    dropped = 0
    for choice in found:
        if choice.score < least[choice.candidate.field]:
            continue
        document = documents[choice.candidate.found.document]
        standard = _standard(choice, document, model, ids)
        if verify(standard, document.text).holds:
            kept[choice.candidate.district, choice.candidate.field].append(standard)
        else:
            dropped += 1
    standards = {one.code: _complete(one.code, kept, model.engine) for one in districts}
    return CodeReading(tuple(districts), standards, dropped)


def _complete(
    code: str, kept: Mapping[tuple[str, str], Sequence[Standard]], engine: str
) -> tuple[Standard, ...]:
    result: list[Standard] = []
    for name in FIELDS:
        stated = sorted(kept.get((code, name), ()), key=lambda one: (len(one.conditions), -one.confidence))
        result += stated or [not_stated(name, engine)]
    return tuple(result)


def _standard(choice: Choice, document: Document, model: Model, ids: Mapping[str, str]) -> Standard:
    one, place = choice.candidate, choice.candidate.found.place
    measured = one.found.measures[one.field]
    citation = Citation(
        document=ids.get(document.name, document.name),
        document_sha256=document.text_sha256,
        section=document.section_path(place.section),
        page=document.page_at(place.quote.start),
        start=place.quote.start,
        end=place.quote.end,
        quote=document.slice(place.quote),
    )
    return Standard(
        field=one.field,
        status=Status.STATED,
        value=measured.value,
        unit=FIELD_UNITS[one.field],
        citation=citation,
        engine=model.engine,
        confidence=min(model.confidence(choice.score), _MOST_CONFIDENT),
        conditions=dict(one.found.conditions),
        quoted_value=place.quantity.number_text.strip(),
        quoted_unit=place.quantity.unit_text or measured.unit,
    )
