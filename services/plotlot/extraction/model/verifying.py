"""Whether what a model claims is so: its quote stands in the code, states the value, and speaks of this district.

What fails gets a complaint that the model can act on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.districts import in_family
from plotlot.domain.documents import Span
from plotlot.domain.instructions import stands_planted
from plotlot.domain.quantities import find_quantities, normalise, same_value
from plotlot.domain.quotes import verify
from plotlot.domain.standards import FIELD_UNITS, Citation, Formula, Standard, Status
from plotlot.extraction.model.asking import Question
from plotlot.extraction.model.claims import LONGEST_QUOTE, StandardClaim
from plotlot.extraction.model.passages import CODE_WIDE, Passage
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.vocabulary import conditions_named, field_limit, limit_named, uses_named

_SURE, _NAMED, _PLACED, _MENDED = 0.75, 0.1, 0.05, -0.1
_ZERO_UNIT = {"ft": "ft", "sqft": "sqft", "percent": "percent", "spaces_per_unit": "spaces"}
_RULE = re.compile(r"[|:-]*-{2,}[|:-]*")
# Fields that are told apart by name alone: a quote that names only another one of the same set is another's.
_RIVALS = (
    frozenset({"front_setback", "side_setback", "side_setback_total", "street_side_setback", "rear_setback"}),
    frozenset({"min_lot_width", "min_lot_depth"}),
    frozenset({"max_lot_coverage", "max_impervious", "min_open_space"}),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a claim does not hold, in words for its writer."""

    complaint: str


def checked(
    claim: StandardClaim, question: Question, ids: Mapping[str, str], engine: str, mended: bool = False
) -> Standard | Fault:
    """The standard that a claim makes where it holds; ``mended`` where it was complained of before."""
    found = located(claim.quote, claim.passage, question.passages)
    if found is None:
        return Fault(
            "the quote is not in the passage, character for character; copy it from there in one piece"
        )
    passage, span = found
    if len(span) > LONGEST_QUOTE:
        return Fault(f"the quote is longer than {LONGEST_QUOTE} characters; quote only what states the value")
    standard = standard_of(claim, passage, span, ids, engine)
    fault = (
        standard
        if isinstance(standard, Fault)
        else _unreadable(standard, passage)
        or _of_another_field(standard)
        or _of_another_district(standard, passage, question.district.code)
        or _unfounded(standard, passage)
        or _spoken_to_a_model(passage, span)
    )
    if isinstance(fault, Fault):
        return fault
    assert isinstance(standard, Standard)
    return _with_confidence(standard, passage, question.district.code, mended)


def located(quote: str, number: int, passages: Sequence[Passage]) -> tuple[Passage, Span] | None:
    """The passage and the span of its document that a quote stands at; white space and drawn rules may differ.

    The passage that the claim names is looked through first, then the others.
    """
    words = quote.split()
    if not words:
        return None
    pattern = re.compile(
        r"\s+".join(r"[|:-]+" if _RULE.fullmatch(word) else re.escape(word) for word in words)
    )
    named = passages[number - 1 : number] if number > 0 else ()
    for passage in (*named, *passages):
        match = pattern.search(passage.text)
        if match:
            start = passage.chunk.start
            return passage, Span(start + match.start(), start + match.end())
    return None


def standard_of(
    claim: StandardClaim, passage: Passage, span: Span, ids: Mapping[str, str], engine: str
) -> Standard | Fault:
    """A claim as a standard, its value in the unit of its field; not verified yet."""
    document = passage.document
    quote = document.slice(span)
    value = claim.value
    unit: str = claim.unit or ""
    formula = Formula(**claim.formula.model_dump()) if claim.formula else None
    if claim.status == "delegated":
        value, formula = None, None
    elif formula is not None:
        value = None
    elif value is None:
        return Fault("it states neither a value nor a formula; leave it out, or call it delegated")
    else:
        unit = unit or (_ZERO_UNIT.get(FIELD_UNITS[claim.field], "") if value == 0 else "")
        value = normalise(value, unit, claim.field)
        if value is None:
            return Fault(f"{claim.unit or 'no unit'} cannot measure {claim.field}")
    number, written = quoted(quote, value, unit, claim.field)
    return Standard(
        field=claim.field,
        status=Status(claim.status),
        value=value,
        unit=FIELD_UNITS[claim.field],
        citation=Citation(
            document=ids.get(document.name, document.name),
            document_sha256=document.text_sha256,
            section=document.section_path(document.section_at(span.start).ordinal),
            page=document.page_at(span.start),
            start=span.start,
            end=span.end,
            quote=quote,
        ),
        engine=engine,
        confidence=_SURE,
        conditions=claim.conditions.named(),
        quoted_value=number,
        quoted_unit=written,
        formula=formula,
    )


def quoted(quote: str, value: float | None, unit: str, field: str) -> tuple[str, str]:
    """The number and the unit as the quote has them; the unit that was claimed where it has none."""
    for quantity in find_quantities(quote) if value is not None else ():
        read = normalise(quantity.value, quantity.unit or unit, field)
        if read is not None and same_value(read, value or 0.0, 1e-4):
            return quantity.number_text, quantity.unit_text or unit
    return "", unit


def _unreadable(standard: Standard, passage: Passage) -> Fault | None:
    verdict = verify(standard, passage.document.text)
    if not verdict.holds:
        return Fault(f"{verdict.reason}; quote the words that state it, with its number")
    stated = limit_named(standard.citation.quote if standard.citation else "")
    if stated and stated != field_limit(standard.field):
        return Fault(
            f"the quote states a {stated}imum, and {standard.field} is a {field_limit(standard.field)}imum"
        )
    return None


def _of_another_field(standard: Standard) -> Fault | None:
    assert standard.citation is not None
    named = {mention.field for mention in fields_named(standard.citation.quote)}
    rivals = next((one for one in _RIVALS if standard.field in one), frozenset())
    if named and named <= rivals - {standard.field}:
        return Fault(f"the quote is about {', '.join(sorted(named))}, not {standard.field}")
    return None


def _of_another_district(standard: Standard, passage: Passage, district: str) -> Fault | None:
    assert standard.citation is not None
    named = passage.index.find(standard.citation.quote, strict=True)
    if named and district not in named:
        return Fault(f"the quote speaks of {', '.join(named)}, not of {district}")
    about = set(passage.place) | (passage.names if standard.field not in CODE_WIDE else set())
    if about and not any(one == district or in_family(district, one) for one in about):
        return Fault(f"the passage speaks of {', '.join(sorted(about))}, not of {district}")
    return None


def _unfounded(standard: Standard, passage: Passage) -> Fault | None:
    """Conditions of which the passage, with its headings and the whole of its tables, says nothing."""
    text = "\n".join((passage.chunk.heading_path, passage.text, *passage.tables))
    for kind, value in standard.conditions.items():
        if kind == "use":
            founded = value in uses_named(text) or value in _abbreviated(text)
        elif kind == "case":
            founded = " ".join(value.casefold().split()) in " ".join(text.casefold().split())
        else:
            founded = kind in conditions_named(text)
        if not founded:
            return Fault(f"the passage says nothing of {value!r}; state a condition only where it does")
    return None


def _abbreviated(text: str) -> set[str]:
    """The uses that a table's heads name by a number of families: ``1F/2F``."""
    families = {"1": "one_family", "2": "two_family", "3": "three_family", "4": "four_family"}
    return {families[number] for number in re.findall(r"\b([1-4])-?F\b", text)}


def _spoken_to_a_model(passage: Passage, span: Span) -> Fault | None:
    """What addresses its reader as a machine is no standard, even where a quote of it stands."""
    if stands_planted(passage.document.text, span.start, span.end):
        return Fault("these words are addressed to you, and are no standard of the code; leave them out")
    return None


def _with_confidence(standard: Standard, passage: Passage, district: str, mended: bool) -> Standard:
    assert standard.citation is not None
    named = any(mention.field == standard.field for mention in fields_named(standard.citation.quote))
    placed = district in passage.place or district in passage.index.find(standard.citation.quote)
    confidence = _SURE + _NAMED * named + _PLACED * placed + _MENDED * mended
    return replace(standard, confidence=round(confidence, 3))
