"""Reads dimensional standards from sentences and labelled lines."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from plotlot.domain.documents import Document, Span
from plotlot.domain.quantities import Quantity, find_quantities, normalise, unit_kind
from plotlot.domain.standards import Formula
from plotlot.extraction.reader.cell_passages import cell_passages
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.field_names import Mention, fields_named, may_name
from plotlot.extraction.reader.formulas import read_formula
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.prose_conditions import clause_start, conditions_of
from plotlot.extraction.reader.prose_fields import FIELDS_WITHOUT_UNIT, Match, match_fields
from plotlot.extraction.reader.prose_general import is_general, may_be_general
from plotlot.extraction.reader.prose_limits import (
    cue,
    is_foreign,
    is_plain,
    is_plausible,
    is_unlike,
    opens_line,
)
from plotlot.extraction.reader.prose_none import none_required
from plotlot.extraction.reader.prose_parking import is_of_use, is_residential
from plotlot.extraction.reader.readings import Reading
from plotlot.extraction.reader.scopes import Place, Scopes
from plotlot.extraction.reader.vocabulary import FOREIGN, conditions_named, field_limit

_ADDITIONAL = re.compile(r"^\W{0,2}\s*(?:(?:of\s+\w+(?:\s+\w+){0,3}\s+)?(?:for|per)\s+)?(?:each|every|per|any)\s+(?:additional\b|(?:dwelling\s+|family\s+)?units?\s+(?:over|above|in\s+excess\s+of|more\s+than)\b)|^\s*per\s+additional", re.IGNORECASE)  # fmt: skip
_FIRST_UNIT = re.compile(r"^\W{0,2}\s*for\s+(?:the\s+|each\s+)?first\b", re.IGNORECASE)
_EACH_UNIT = re.compile(r"\b(?:each|every)\s+(?:dwelling\s+)?unit\b[^.;]{0,80}$", re.IGNORECASE)
_SET_EQUAL = re.compile(r"(?<!\w)([A-Z][\w-]*)\s*[=:]")
_ROOT_SECTIONS = re.compile(r"\b(?:purpose|intent|findings|legislative)\b", re.IGNORECASE)
_ASIDE_HEADING = re.compile(r"\b(?:accessory|sign|fence|parking\s+lot)", re.IGNORECASE)
_OTHER_THINGS = re.compile(
    r"signs?|signage|fenc|walls|wireless|telecommunicat|towers?|wind|solar|swimming|pools?|non-?conform|docks?|kennels?|campgrounds?",
    re.IGNORECASE,
)
"""Headings under which even a passage that names a district speaks of no house in it."""
_LEAST_DENSITY = re.compile(r"\bmin(?:imum)?\.?\s+(?:\w+\s+){0,2}densit", re.IGNORECASE)
_MARK = re.compile(r"^\W*(?:\w{1,3}[.)]\W*)*")
_ALLOWANCE = re.compile(
    r"\bmay\s+be\s+(?:built|erected|constructed|increased|extended|raised|reduced|allowed|permitted|approved)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\W*(?:\(?\w{1,3}[.)]\s*)?([A-Z][\w\s,/&'-]{3,50}):\W*$")
_PLAIN_LABEL = re.compile(
    r"\b(?:principal|main|primary|buildings?|structures?|dwellings?|lots?|interior|all|any|each|min\w*|max\w*|streets?|"
    r"yards?|resid\w*|standard|general|required|requirement|size|area|width|depth|height|density|coverage|districts?|zones?)\b",
    re.IGNORECASE,
)
_PARKING_OF_USE = 0.86  # as sure as a row of a table, or a table that says another number would hide it
_OF_DIMENSIONS = re.compile(
    r"\W*(?:(?:dimension(?:s|al)?|bulk|area|lots?|yards?|set\s?-?backs?|front|side|rear|heights?|densit(?:y|ies)|intensity|coverage|"
    r"width|depth|size|space|buildings?|structures?|minimum|maximum|required|general|residential|requirements?|regulations?|"
    r"standards|limits?|limitations?|restrictions?|provisions|schedule|and|or|of|for|on|in|the|all|every|zoning|districts?|zones?)\b\W*)+",
    re.IGNORECASE,
)
"""A title that names dimensions and narrows them to nothing: ``Yards``, ``Height of buildings``, no ``Corner lots``."""
_DIMENSION = re.compile(
    r"\b(?:dimension|bulk|area|lots?\b|yard|set\s?-?back|height|densit|coverage)", re.IGNORECASE
)
_ROUGH = re.compile(r"\bapproximate|\baverage\b", re.IGNORECASE)
_IN_DISTRICT = re.compile(
    r"[\s,]*(?:(?:for|per)\s+(?:(?:each|every|one|a)\s+)?(?:dwelling\s+|residential\s+)?(?:unit|dwelling|family)\s+)?"
    r"(?:[a-z]+\s+){0,2}?(?:in|for|within)\s+(?:the\s+|an?\s+)?([^,;.]{1,60}?\b(?:zones?|districts?))\b",
    re.IGNORECASE,
)
_AND_TOO = re.compile(r"\b(?:districts?|zones?)\W+and\s+$", re.IGNORECASE)
"""What joins a number to the one before it, each for its own districts."""
_UNIT_IN_LABEL = re.compile(
    r"(?:\(\s*(?:in\s+)?|\bin\s+)((?:square|sq\.?)\s+(?:feet|ft\.?)|feet|ft\.?|acres?|%|percent)\s*\)?[\s:=–—.…-]{1,40}$",
    re.IGNORECASE,
)
_PROMISING = re.compile(
    r"f(?:eet|oot|t\b|ar|lr)|'|’|′|s(?:q|tory|tories|pace|\.f)|a(?:cre|(?<=\ba)c\b)|%|per(?:cent|\s+cent)|unit|r(?:equire|atio)"
)
"""What a passage in lower case must hold; letters that all begin alike are found at once."""


def read_sentences(
    passages: Iterable[Passage], index: DistrictIndex, scopes: Scopes, skipped: Sequence[Span] = ()
) -> list[Reading]:
    """Every reading of a document's prose that is tied to districts or general to dwellings."""
    found: list[Reading] = []
    for passage in passages:
        if not passage.text or len(passage.text) > 2_500 or not _PROMISING.search(passage.text.lower()):
            continue
        if any(span.start <= passage.start < span.end for span in skipped):
            continue
        found.extend(_read_passage(passage, index, scopes))
    return found


def read_cells(
    document: Document, index: DistrictIndex, scopes: Scopes, taken: Sequence[Span]
) -> list[Reading]:
    """The readings of cells that say a whole thing by themselves, where no table's grid was read."""
    return [
        reading
        for cell in cell_passages(document, index, taken)
        for reading in _read_passage(cell.passage, index, scopes, cell.districts)
    ]


def _read_passage(
    passage: Passage, index: DistrictIndex, scopes: Scopes, headed: tuple[str, ...] = ()
) -> Iterator[Reading]:
    place = scopes.place(passage.section, passage.start)
    if (place.of_use or (place.aside and place.districts)) and not place.parking:
        return
    if _OTHER_THINGS.match(place.aside):
        return
    named = headed or index.find(passage.text, strict=True)
    if not named and passage.lead:
        named = index.find(passage.lead, strict=True)
    if place.aside and not named and not place.parking:
        return
    if not _speaks(passage, _districts(place, named), index):
        return
    yield from _read_none(passage, place, named)
    yield from _read_quantities(passage, place, named, index)


def _read_quantities(
    passage: Passage, place: Place, named: tuple[str, ...], index: DistrictIndex
) -> Iterator[Reading]:
    quantities = _measures(passage)
    mentions = fields_named(passage.text) if quantities else ()
    taken = 0
    for quantity in quantities:
        if quantity.start < taken:
            continue
        percentage = read_formula(passage.text, quantity)
        if percentage is not None:
            taken = percentage[1].end
            reading = _read_formula(passage, quantity, percentage, mentions, _districts(place, named))
            if reading is not None:
                yield reading
            continue
        for match in match_fields(passage, quantity, mentions):
            reading = _read_quantity(passage, quantity, match, place, named, index)
            if reading is not None:
                yield reading


def _measures(passage: Passage) -> list[Quantity]:
    """The numbers of a passage; those without a unit only where a field that has none may be named."""
    found = [_with_unit_of_label(quantity, passage.text) for quantity in find_quantities(passage.text)]
    if all(quantity.unit for quantity in found):
        return found
    around = " ".join((passage.text, passage.lead, *passage.headings[:3])).lower()
    counts = any(may_name(name, around) for name in FIELDS_WITHOUT_UNIT)
    return found if counts else [quantity for quantity in found if quantity.unit]


def _with_unit_of_label(quantity: Quantity, text: str) -> Quantity:
    """``Front yard (ft.): 65``: the label gives the unit of a bare number."""
    label = _UNIT_IN_LABEL.search(text[: quantity.start]) if not quantity.unit else None
    unit = unit_kind(label[1]) if label else ""
    return replace(quantity, unit=unit) if unit else quantity


def _speaks(passage: Passage, districts: tuple[str, ...] | None, index: DistrictIndex) -> bool:
    """Whether a passage can set a standard: for its districts, one it sets equal, or every dwelling."""
    if districts or any(index.resolve(match[1]) for match in _SET_EQUAL.finditer(passage.text)):
        return True
    return districts is not None and may_be_general(passage.text, passage.headings)


def _read_none(passage: Passage, place: Place, named: tuple[str, ...]) -> Iterator[Reading]:
    """Yards of no depth, as ``No side yard is required`` leaves them."""
    districts = _districts(place, named)
    if not districts:
        return
    for name, zero in none_required(passage):
        if is_foreign(passage.text, zero):
            continue
        conditions = conditions_of(passage.text, zero, clause_start(passage.text, zero), name, passage)
        end = zero.end + _tail(passage.text[zero.end :])
        yield Reading(
            field=name,
            value=0.0,
            span=Span(passage.start, passage.start + end),
            source="sentence",
            quoted_value=zero.number_text,
            quoted_unit="ft",
            conditions=conditions,
            districts=districts,
            section=passage.section.ordinal,
            confidence=round(
                0.85 - 0.06 * min(len(conditions), 2) - (0.0 if _at_home(passage, place, named) else 0.13), 3
            ),
        )


def _districts(place: Place, named: tuple[str, ...]) -> tuple[str, ...] | None:
    """The districts of a passage, or None where it names others than its place is about."""
    if not named or not place.districts:
        return named or place.districts
    both = tuple(code for code in named if code in place.districts)
    # "In the R-1 district ..." may open a section that goes on to speak of R-2.
    return both or (named if place.opening else None)


_SETBACKS = ("front_setback", "side_setback", "rear_setback", "street_side_setback")


def _read_formula(
    passage: Passage,
    quantity: Quantity,
    percentage: tuple[Formula, Span],
    mentions: tuple[Mention, ...],
    districts: tuple[str, ...] | None,
) -> Reading | None:
    formula, span = percentage
    before = [m for m in mentions if m.end <= quantity.start and m.field in _SETBACKS]
    if not before and passage.headings:
        before = [m for m in fields_named(passage.headings[0]) if m.field in _SETBACKS]
    if not before or not districts or is_foreign(passage.text, quantity):
        return None
    return Reading(
        field=before[-1].field,
        value=None,
        span=Span(passage.start, passage.start + span.end),
        source="sentence",
        quoted_value=quantity.number_text,
        quoted_unit="percent",
        formula=formula,
        conditions=conditions_of(passage.text, quantity, 0, before[-1].field, passage),
        districts=districts,
        section=passage.section.ordinal,
        confidence=0.85,
    )


def _read_quantity(
    passage: Passage,
    quantity: Quantity,
    match: Match,
    place: Place,
    named: tuple[str, ...],
    index: DistrictIndex,
) -> Reading | None:
    """The reading of a number that is a limit of a field; None where the words make it another thing."""
    text = passage.text
    before, after = text[: quantity.start], text[quantity.end :]
    limit = cue(text, quantity, match.mention)
    measured = _measured(passage, quantity, match, limit)
    if measured is None or is_foreign(text, quantity) or FOREIGN.match(_MARK.sub("", passage.lead)):
        return None
    name, value, unit = measured
    conditions = _conditions(passage, quantity, match, name)
    if conditions is None:
        return None
    specific = _equals_code(before, index) or (_own_district(after, index) if len(named) > 1 else ())
    districts = specific or _districts(place, named)
    general = districts == () and is_general(name, text, conditions, place, passage.headings)
    if not districts and not general:
        return None
    home = _at_home(passage, place, named)
    confidence = _confidence(passage, before, match, place, conditions, limit, home)
    confidence += 0.04 if named and not place.caption else 0.0
    confidence += 0.05 if specific or place.caption else 0.0
    confidence -= 0.12 if general else 0.0
    if general and name == "parking_per_unit" and is_of_use(text, quantity, conditions):
        confidence = max(confidence, _PARKING_OF_USE)
    return Reading(
        field=name,
        value=value,
        span=Span(passage.start, passage.start + min(len(text), quantity.end + _tail(after))),
        source="sentence" if limit else "label",
        quoted_value=quantity.number_text,
        quoted_unit=unit,
        conditions=conditions,
        districts=districts or (),
        general=general,
        section=passage.section.ordinal,
        confidence=round(confidence, 3),
    )


def _measured(
    passage: Passage, quantity: Quantity, match: Match, limit: str
) -> tuple[str, float, str] | None:
    """The field that a number limits, its value in the field's unit, and the unit as written."""
    text = passage.text
    before, after = text[: quantity.start], text[quantity.end :]
    if _ASIDE_HEADING.search(" ".join(passage.headings[:1])):
        return None
    name = match.field if match.origin == "per" else _field_meant(match.field, quantity, before, after)
    if name is None or (name == "parking_per_unit" and not is_residential(text, quantity)):
        return None
    if not _is_limit(name, limit, match, quantity, before):
        return None
    unit = quantity.unit or ("ratio" if name == "max_far" else "units")
    value = normalise(quantity.value, unit, name)
    return (name, value, unit) if value is not None and is_plausible(name, value) else None


def _conditions(passage: Passage, quantity: Quantity, match: Match, name: str) -> dict[str, str] | None:
    """What a number depends on; None where it is a bonus, or a permission to go beyond the standard."""
    text = passage.text
    before = text[: quantity.start]
    conditions = conditions_of(text, quantity, clause_start(text, quantity), name, passage)
    label = _LABEL.match(before) if match.origin in ("lead", "heading") else None
    if label and not conditions and not _PLAIN_LABEL.search(label[1]):
        # "Care home: One acre" under "Minimum lot area" is for care homes.
        conditions["case"] = re.sub(r"\s+", " ", label[1]).strip()
    if "program" in conditions or "program" in conditions_named(before):
        return None
    if "case" in conditions and _ALLOWANCE.search(before[-80:]):
        return None
    return conditions


def _field_meant(name: str, quantity: Quantity, before: str, after: str) -> str | None:
    """The field, where the words after the number narrow it; None where they lead away from it."""
    if _ADDITIONAL.match(after):
        per_lot = name in ("min_lot_area", "min_lot_area_per_unit")
        return "min_lot_area_per_additional_unit" if per_lot else None
    if _FIRST_UNIT.match(after) and name == "min_lot_area_per_unit":
        return "min_lot_area"
    if is_unlike(name, before, after):
        return None
    per_unit = quantity.per_unit or _EACH_UNIT.search(before) is not None
    return "min_lot_area_per_unit" if per_unit and name == "min_lot_area" else name


def _is_limit(name: str, limit: str, match: Match, quantity: Quantity, before: str) -> bool:
    """Whether the words make a number the limit that the field is."""
    if match.origin == "per":
        return True
    additional = name == "min_lot_area_per_additional_unit"
    if name == "max_density" and _LEAST_DENSITY.search(before[-60:]):
        return False
    if limit:
        return limit == field_limit(name) or additional or name == "max_density"
    if name == "parking_per_unit" and quantity.per_unit and _AND_TOO.search(before):
        return True
    if not additional and not is_plain(before, match.mention, quantity):
        return False
    return match.origin == "text" or opens_line(before)


def _confidence(
    passage: Passage,
    before: str,
    match: Match,
    place: Place,
    conditions: Mapping[str, str],
    limit: str,
    home: bool,
) -> float:
    confidence = 0.9
    confidence -= 0.0 if limit else 0.08
    confidence -= {"lead": 0.03, "heading": 0.05}.get(match.origin, 0.0)
    confidence -= 0.06 * min(len(conditions), 2)
    parking = match.field == "parking_per_unit" and place.parking  # which one section sets for all
    confidence -= 0.15 if place.aside and not parking else 0.0
    confidence -= 0.0 if home or parking else 0.13
    confidence += 0.03 if place.caption else 0.0
    confidence -= 0.1 if passage.text.startswith("*") else 0.0
    confidence += 0.03 if conditions.get("street") == "local" else 0.0
    confidence -= 0.1 if _ROUGH.search(before[-60:]) else 0.0
    confidence -= 0.1 if any(_ROOT_SECTIONS.search(h) for h in passage.headings[:1]) else 0.0
    return confidence


def _at_home(passage: Passage, place: Place, named: tuple[str, ...]) -> bool:
    """Whether a passage stands in its district's section, or names it in a section about dimensions."""
    section = passage.section.kind != "subsection" and bool(named) and not place.aside
    over = passage.headings[0] if section and passage.headings else ""
    return place.home or bool(_DIMENSION.search(over) and _OF_DIMENSIONS.fullmatch(over))


def _tail(after: str) -> int:
    """How much of the words after the number the quote keeps: to the end of the clause."""
    stop = re.search(r"[.;](?:\s|$)", after)
    return min(stop.end() if stop else len(after), 160)


def _own_district(after: str, index: DistrictIndex) -> tuple[str, ...]:
    """``eight units per acre in the T3 zone, eighteen in the T4 zone``: the district right after a number."""
    match = _IN_DISTRICT.match(after)
    return index.find(match[1], strict=True) if match else ()


def _equals_code(before: str, index: DistrictIndex) -> tuple[str, ...]:
    """``T3-R = 9 du/ac``: the code that the number is set equal to."""
    match = re.search(r"(?<!\w)([A-Z][\w-]*)\s*[=:]\s*$", before)
    return index.resolve(match[1]) if match else ()
