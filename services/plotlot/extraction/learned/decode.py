"""From scored candidates to standards: the best value for each field and case, with its citation."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
_STANDS = 0.4
"""The score from which on a field's choice counts as read where it stands."""
_NEAR = 2_500
_ODDS = (0.04, 0.98)
"""Scores beyond these are taken for these: what is hardly possible and what is nearly sure are no more than that."""
WEIGHTS = ("bias", "score", "rival", "near", "near_squared", "conditions")
"""What a certainty is made of beside each field's own weight."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best candidate of a district, field and case.

    ``rival`` is the best score of another value for the same field, ``near`` how many other fields of the
    district are read close by: a table or a list of standards holds several.
    """

    candidate: Candidate
    score: float
    rival: float = 0.0
    near: int = 0


def choices(candidates: Sequence[Candidate], scores: NDArray[np.float32]) -> list[Choice]:
    """For each district, field and case the candidate with the highest score, with what speaks for and against it."""
    groups: dict[tuple[str, str, tuple[tuple[str, str], ...]], Choice] = {}
    values: dict[tuple[str, str], dict[float, float]] = defaultdict(dict)
    for one, score in zip(candidates, scores.tolist(), strict=True):
        if score < _LEAST_SCORE:
            continue
        key = (one.district, one.field, case_of(one))
        if key not in groups or score > groups[key].score:
            groups[key] = Choice(one, score)
        held = values[one.district, one.field]
        value = round(one.value, 2)
        held[value] = max(held.get(value, 0.0), score)
    tops = _tops(groups.values())
    return [
        replace(
            choice,
            rival=_rival(values[choice.candidate.district, choice.candidate.field], choice.candidate.value),
            near=_near(choice, tops[choice.candidate.district]),
        )
        for choice in groups.values()
    ]


def _tops(found: Iterable[Choice]) -> dict[str, dict[str, Choice]]:
    """The best choice of each field, by district."""
    tops: dict[str, dict[str, Choice]] = defaultdict(dict)
    for choice in found:
        of_district, name = tops[choice.candidate.district], choice.candidate.field
        if choice.score >= _STANDS and (name not in of_district or choice.score > of_district[name].score):
            of_district[name] = choice
    return tops


def _rival(held: Mapping[float, float], value: float) -> float:
    return max((score for other, score in held.items() if not same_value(other, value, 0.005)), default=0.0)


def _near(choice: Choice, tops: Mapping[str, Choice]) -> int:
    here = choice.candidate.found
    return sum(
        name != choice.candidate.field
        and other.candidate.found.document == here.document
        and abs(other.candidate.found.place.offset - here.place.offset) < _NEAR
        for name, other in tops.items()
    )


def evidence(choice: Choice) -> dict[str, float]:
    """What a choice's certainty is made of: ``WEIGHTS``, and its field."""
    return {
        "bias": 1.0,
        "score": _log_odds(choice.score),
        "rival": _log_odds(choice.rival),
        "near": float(choice.near),
        "near_squared": float(choice.near**2),
        "conditions": float(len(case_of(choice.candidate))),
        choice.candidate.field: 1.0,
    }


def certainty(choice: Choice, weights: Mapping[str, float]) -> float:
    """The probability that a choice is right, by weights that were fitted on towns not seen."""
    total = sum(weights.get(name, 0.0) * value for name, value in evidence(choice).items())
    return min(1 / (1 + math.exp(-total)), _MOST_CONFIDENT)


def _log_odds(score: float) -> float:
    low, high = _ODDS
    kept = min(max(score, low), high)
    return math.log(kept / (1 - kept))


def case_of(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """What the value depends on, in a fixed order; a house for one family is the plain case."""
    found = candidate.found.conditions
    return tuple(sorted((k, v) for k, v in found.items() if (k, v) != ("use", "one_family")))


def read(
    model: Model,
    found: Sequence[Choice],
    documents: Sequence[Document],
    districts: Sequence[District],
    ids: Mapping[str, str],
) -> CodeReading:
    """The standards that are certain enough for their field and whose citation holds."""
    least = least_scores(model.properties, FIELDS)
    kept: dict[tuple[str, str], list[Standard]] = defaultdict(list)
    dropped = 0
    for choice in found:
        sure = certainty(choice, model.properties.weights)
        if sure < least[choice.candidate.field]:
            continue
        document = documents[choice.candidate.found.document]
        standard = _standard(choice, sure, document, model.engine, ids)
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


def _standard(
    choice: Choice, sure: float, document: Document, engine: str, ids: Mapping[str, str]
) -> Standard:
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
        engine=engine,
        confidence=round(sure, 4),
        conditions=dict(one.found.conditions),
        quoted_value=place.quantity.number_text.strip(),
        quoted_unit=place.quantity.unit_text or measured.unit,
    )
