"""Reads dimensional standards from sentences and labelled lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plotlot.domain.documents import Document, Span
from plotlot.domain.quantities import Quantity, find_quantities, normalise
from plotlot.domain.standards import FIELD_UNITS, Formula, Status
from plotlot.extraction.reader.districts import DistrictIndex
from plotlot.extraction.reader.formulas import read_formula
from plotlot.extraction.reader.passages import Passage, passages
from plotlot.extraction.reader.readings import Reading
from plotlot.extraction.reader.scopes import Place, Scopes
from plotlot.extraction.reader.vocabulary import (
    FOREIGN,
    Mention,
    conditions_named,
    field_limit,
    fields_named,
    uses_named,
)

_FIELDS_OF_UNIT = {
    "ft": {
        "front_setback", "side_setback", "side_setback_total", "street_side_setback",
        "rear_setback", "min_lot_width", "min_lot_depth", "max_height",
    },
    "sqft": {"min_lot_area", "min_lot_area_per_unit", "min_unit_area"},
    "percent": {"max_lot_coverage", "max_impervious", "min_open_space"},
    "stories": {"max_stories"},
    "units_per_acre": {"max_density"},
    "spaces": {"parking_per_unit"},
    "units": {"max_units_per_lot"},
    "": {"max_far", "max_units_per_lot"},
}  # fmt: skip
_FIELDS_OF_UNIT["acre"] = _FIELDS_OF_UNIT["sqft"] - {"min_unit_area"}
_FIELDS_OF_UNIT["sqm"] = _FIELDS_OF_UNIT["sqft"]
_FIELDS_OF_UNIT["m"] = _FIELDS_OF_UNIT["ft"]

_CUE = re.compile(
    r"(?P<max>max(?:imum)?\b|not\s+(?:to\s+)?(?:be\s+)?exceed(?:ing)?|no\s+more\s+than|not\s+(?:be\s+|cover\s+|occupy\s+)?more\s+than|may\s+not\s+exceed|not\s+be\s+(?:greater|higher|taller)\s+than|no\s+\w+(?:\s+\w+){0,12}?\s+(?:shall\s+|may\s+)?exceed|nor\s+exceed|or\s+exceed|limited\s+to|up\s+to|not\s+greater\s+than|shall\s+not\s+(?:cover|occupy|exceed))"
    r"|(?P<min>min(?:imum)?\b|not\s+(?:be\s+|have\s+)?(?:less|fewer)\s+than|no\s+less\s+than|at\s+least|no\s+(?:building|structure)\s+(?:\w+\s+){0,6}(?:closer|nearer)|no\s+(?:closer|nearer)\s+than|required|shall\s+be\s+(?:set\s*back|located|placed))",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"^[\s.,(]*(?:(?:or|to|-|–)\s+[\d.,]+\s*(?:%|ft\.?|feet|percent|s\.f\.)[\s.,]*)?(?:to\s+(?:the\s+)?eaves?\s+)?(?P<cue>max(?:imum)?|min(?:imum)?)\b",
    re.IGNORECASE,
)
_PLAIN_LINK = re.compile(
    r"^[\s:=.–—()|-]*(?:(?:shall|must|is|are|be|of|the|a|an|at|to|each|requirement\w*|depth|width|distance|area|line|lines|from|feet|ft|property|lot|street|right-of-way|yards?|setbacks?|size|per|lots?|for|all|required|approximately|about|this|such|in|zone|district|and)\b[\s:=.,–—()|-]*)*$",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|no|nor|never|neither|without)\s+(?:\w+\s+){0,3}(?:more|less|fewer|greater|higher|taller|exceed\w*|over|closer|nearer|above|under)(?:\s+than)?\s*(?:a\s+|an\s+|the\s+|of\s+)?$"
    r"|(?:shall|may|must|or|nor)\s+(?:not\s+|never\s+)?exceed\s*$|no\s+(?:building|structure|dwelling)[^.;]{0,90}exceed(?:s|ing)?\s+(?:an?\s+|the\s+)?(?:\w+\s+){0,3}(?:of\s+)?$",
    re.IGNORECASE,
)
_NOT_A_LIMIT = re.compile(
    r"\b(?:over|above|(?:greater|more|less|fewer|other|rather)\s+than|in\s+excess\s+of|exceeds|exceeding|exceed|each|every|additional|within|plus|under|below|next|first|last|containing|"
    r"(?:increased?|reduced?|decreased?|extend\w*|project\w*|encroach\w*|lowered|adjusted|varied|modified)\s+(?:\w+\s+){0,4}(?:by|to|into|up\s+to)?|"
    r"with\s+an\s+area\s+of|fewer|per|intervals?\s+of|point|beyond|between|than\s+the|section|sec|article|chapter|table|figure|paragraph|page|exceed\s+\w+)"
    r"\s*(?:a\s+|an\s+|the\s+|of\s+|than\s+|\.)?$",
    re.IGNORECASE,
)
_UNLIKE_AFTER = re.compile(
    r"^\s*(?:,?\s*(?:[\w-]+\s+){0,2}accessory|(?:or|and)\s+(?:more|over|greater|less|fewer|above)|(?:of|from)\s+(?:an?\s+|any\s+|the\s+)?(?:(?:existing|adjacent|adjoining|abutting|nearest|other|residential|another|main|principal|public|navigable)\s+)*(?:dwellings?|buildings?|structures?|intersections?|wells?|residences?|districts?|zones?|boundar\w+|centerline|center\s?line|centre|streams?|lakes?|water|ponds?|shore\w*|mean|normal|ordinary)"
    r"|in\s+(?:gross\s+)?(?:length|diameter|width|thickness)|wide\b|long\b|deep\b|thick\b|in\s+area\s+per\s+face|apart|intervals?|clear|contour|abov?e\s+(?:ground|grade|the)\s+(?:level\s+)?(?:at|for)|per\s+(?:acre|story|floor|bedroom|guest|room|bed|seat|employee|site|campsite|lot\s+for)|for\s+each\s+(?:additional\s+)?(?:foot|story|bedroom|guest|room|employee|seat|\d|one|two|ten|hundred))",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"\b(?:except|provided|unless|however|where|when|whenever|if|in\s+(?:the\s+)?case|in\s+the\s+event|on\s+lots|for\s+lots|lots\s+(?:of|with|having|which)|corner\s+lots?|in\s+(?:no|any)\s+(?:case|event)|but)\b",
    re.IGNORECASE,
)
_INCLUSION = re.compile(
    r",?\s*(?:\(?including|\bincludes?|together\s+with|and\s+(?:their\s+|its\s+|all\s+)?|or\s+(?:its\s+)?|excluding|exclusive\s+of|except(?:ing)?|not\s+including|plus)\s*(?:all\s+|any\s+|detached\s+|attached\s+|both\s+|principal\s+and\s+)*"
    r"(?:accessory|garages?|carports?|decks?|porch(?:es)?|parking|driveways?|patios?|sidewalks?|swimming\s+pools?)[^.;,]{0,60}",
    re.IGNORECASE,
)
_ADDITIONAL = re.compile(r"^\W{0,2}\s*(?:(?:of\s+\w+(?:\s+\w+){0,3}\s+)?(?:for|per)\s+)?(?:each|every|per|any)\s+additional\b|^\s*per\s+additional", re.IGNORECASE)  # fmt: skip
_FIRST_UNIT = re.compile(r"^\W{0,2}\s*for\s+(?:the\s+|each\s+)?first\b", re.IGNORECASE)
_DWELLING = re.compile(r"dwelling|famil(?:y|ies)\b|apartment|duplex|town\s?house|residential\s+unit|residence", re.IGNORECASE)  # fmt: skip
_WRONG_PARKING = re.compile(
    r"\bper\s+(?:bed\w*|guest|room|employee|seat)|guest|visitor|bed\s+and|boarding|lodging|nursing|elderly|senior|care\b|ancillary|accessory|home\s+occup|rooming|dormitor|hotel|motel|studio|efficiency|trailer|affordable|housing\s+for",
    re.IGNORECASE,
)
_FOR_DWELLINGS = re.compile(
    r"\W*(?:\(?\w{1,3}[.)]\s*)?(?:(?:all|each|every|any|minimum\s+of|one|two|three|for)\s+)*(?:residential|dwellings?|residences?|(?:off-street\s+)?parking\s+spaces?\s+(?:shall\s+be\s+(?:provided|required)\s+)?(?:for|per))\b",
    re.IGNORECASE,
)
_ALL_RESIDENTIAL = re.compile(r"\b(?:all|any|each|every)\s+(?:of\s+the\s+)?(?:residential|residence)\s+(?:zoning\s+)?(?:districts?|zones?)\b", re.IGNORECASE)  # fmt: skip
_CLAUSE = re.compile(
    r"[;:]|,\s+(?=(?:and\s+)?(?:except|provided|unless|where|when|if|in\s+which|but|however)\b)|\s(?=(?:except|provided|unless|however)\b)",
    re.IGNORECASE,
)
_ROOT_SECTIONS = re.compile(r"\b(?:purpose|intent|findings|legislative)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Match:
    field: str
    mention: Mention | None
    origin: str  # "text", "lead" or "heading"


def read_sentences(document: Document, index: DistrictIndex, scopes: Scopes) -> list[Reading]:
    """Every reading of a document's prose that is tied to districts or general to dwellings."""
    found: list[Reading] = []
    for passage in passages(document):
        if not passage.text or len(passage.text) > 2_500 or not _PROMISING.search(passage.text):
            continue
        found.extend(_read_passage(passage, index, scopes))
    return found


_PROMISING = re.compile(
    r"feet|foot|ft\b|['’′]|sq|acre|%|percent|per\s+cent|stor(?:y|ies)|spaces?|units?|ratio|FAR|FLR|s\.f|\bac\b",
    re.IGNORECASE,
)


def _read_passage(passage: Passage, index: DistrictIndex, scopes: Scopes) -> Iterator[Reading]:
    place = scopes.place(passage.section, passage.start)
    named = index.find(passage.text, strict=True)
    if not named and passage.lead:
        named = index.find(passage.lead, strict=True)
    if place.aside and not (named and not place.districts) and not place.parking:
        return
    mentions = fields_named(passage.text)
    taken = 0
    for quantity in find_quantities(passage.text):
        if quantity.start < taken:
            continue
        percentage = read_formula(passage.text, quantity)
        if percentage is not None:
            taken = percentage[1].end
            reading = _read_formula(passage, quantity, percentage, mentions, _districts(place, named))
            if reading is not None:
                yield reading
            continue
        match = _match_field(passage, quantity, mentions)
        if match is None:
            continue
        reading = _read_quantity(passage, quantity, match, place, named, index)
        if reading is not None:
            yield reading


_PERCENT_OF = re.compile(
    r"(?:percent|%|per\s+cent|portion|half|part|amount)\s*\)?\s+(?:of\s+)?(?:the\s+|such\s+|any\s+|total\s+|gross\s+|net\s+)*$",
    re.IGNORECASE,
)


def _districts(place: Place, named: tuple[str, ...]) -> tuple[str, ...] | None:
    """The districts of a passage, or None where it names others than its place is about."""
    if not named or not place.districts:
        return named or place.districts
    both = tuple(code for code in named if code in place.districts)
    return both or None


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
    if not before or not districts or _is_foreign(passage.text, quantity):
        return None
    return Reading(
        field=before[-1].field,
        value=None,
        span=Span(passage.start, passage.start + span.end),
        source="sentence",
        quoted_value=quantity.number_text,
        quoted_unit="percent",
        formula=formula,
        conditions=_conditions(passage.text, quantity, 0, before[-1].field, passage),
        districts=districts,
        section=passage.section.ordinal,
        confidence=0.85,
    )


def _match_field(passage: Passage, quantity: Quantity, mentions: tuple[Mention, ...]) -> _Match | None:
    """The field that a quantity measures: named before it, after it, or over the passage."""
    allowed = _FIELDS_OF_UNIT.get(quantity.unit)
    if not allowed:
        return None
    text = passage.text
    fitting = [m for m in mentions if m.field in allowed and not _PERCENT_OF.search(text[: m.start])]
    for mention in fitting:
        gap = text[quantity.end : mention.start]
        if 0 <= mention.start - quantity.end <= 14 and not re.search(r"[,;:.]|\band\b|\bor\b", gap):
            return _Match(mention.field, mention, "text")
    before = [m for m in fitting if m.end <= quantity.start]
    if before:
        return _Match(before[-1].field, before[-1], "text")
    if quantity.unit in ("stories", "units_per_acre") or (quantity.unit == "spaces" and quantity.per_unit):
        return _Match(next(iter(allowed)), None, "text")
    if any(m.end <= quantity.start for m in mentions) and quantity.unit == "ft":
        # Another measure was named just before: the number belongs to it, not to the heading.
        last = [m for m in mentions if m.end <= quantity.start][-1]
        if last.field == "max_stories":
            return _Match("max_height", None, "text")
        if quantity.start - last.end < 40 and last.field not in ("min_lot_area", "parking_per_unit"):
            return None
    for origin, words in (("lead", (passage.lead,)), ("heading", passage.headings[:3])):
        for one in words:
            over = [m for m in fields_named(one) if m.field in allowed] if one else []
            fields = {m.field for m in over}
            if len(fields) == 1:
                return _Match(over[-1].field, None, origin)
            if fields:
                return None
    after = [m for m in fitting if 0 <= m.start - quantity.end <= 45]
    if after and not re.search(r"[,;:.]", text[quantity.end : after[0].start]):
        return _Match(after[0].field, after[0], "text")
    return None


def _cue(text: str, quantity: Quantity, mention: Mention | None) -> str:
    after = _CUE_AFTER.match(text[quantity.end : quantity.end + 30])
    if after:
        return after["cue"][:3].lower()
    floor = max(0, quantity.start - 170)
    if mention is not None and mention.end <= quantity.start:
        floor = max(floor, mention.start - 50)
    cues = list(_CUE.finditer(text, floor, quantity.start))
    if not cues:
        return ""
    return "max" if cues[-1]["max"] else "min"


def _is_foreign(text: str, quantity: Quantity) -> bool:
    """Whether the words before the number, in its clause, speak of another thing."""
    cleaned = _INCLUSION.sub("", text[: quantity.start])
    return bool(FOREIGN.search(cleaned))


def _read_quantity(
    passage: Passage,
    quantity: Quantity,
    match: _Match,
    place: Place,
    named: tuple[str, ...],
    index: DistrictIndex,
) -> Reading | None:
    text, name = passage.text, match.field
    before, after = text[: quantity.start], text[quantity.end :]
    if _is_foreign(text, quantity) or FOREIGN.match(passage.lead or ""):
        return None
    if re.search(r"\b(?:accessory|sign|fence|parking\s+lot)", " ".join(passage.headings[:1]), re.IGNORECASE):
        return None
    if _ADDITIONAL.match(after):
        if name not in ("min_lot_area", "min_lot_area_per_unit"):
            return None
        name = "min_lot_area_per_additional_unit"
    elif _FIRST_UNIT.match(after) and name == "min_lot_area_per_unit":
        name = "min_lot_area"
    elif _UNLIKE_AFTER.match(after) or (
        _NOT_A_LIMIT.search(before[-45:]) and not _NEGATED.search(before[-130:])
    ):
        return None
    elif quantity.per_unit and name == "min_lot_area":
        name = "min_lot_area_per_unit"
    if name == "parking_per_unit" and not _is_residential_parking(passage, quantity):
        return None
    cue = _cue(text, quantity, match.mention)
    if cue and cue != field_limit(name) and name not in ("max_density", "min_lot_area_per_additional_unit"):
        return None
    gap = before[match.mention.end :] if match.mention and match.mention.end <= quantity.start else ""
    plain = bool(_PLAIN_LINK.match(gap)) and len(gap) < 90
    if not cue and not plain and name != "min_lot_area_per_additional_unit":
        return None
    if (
        not cue
        and match.origin != "text"
        and not re.match(r"^\W*(?:\(?\w{1,2}[.)]\s*)?[\w-]*(?:[\s/][\w-]+){0,7}\W*$", before)
    ):
        return None
    unit = quantity.unit or ("ratio" if name == "max_far" else "units")
    value = normalise(quantity.value, unit, name)
    if value is None or not _is_plausible(name, value):
        return None
    clause_start = _clause_start(text, quantity)
    conditions = _conditions(text, quantity, clause_start, name, passage)
    if "program" in conditions or "program" in conditions_named(before):
        return None
    specific = _equals_code(before, index)
    districts = specific or _districts(place, named)
    general = False
    if districts is None:
        return None
    if not districts:
        parking = name == "parking_per_unit" and (
            ("use" in conditions and place.parking) or bool(_FOR_DWELLINGS.match(text))
        )
        if _ALL_RESIDENTIAL.search(text) or parking:
            general = True
        else:
            return None
    confidence = 0.9
    confidence -= 0.0 if cue else 0.08
    confidence -= {"text": 0.0, "lead": 0.03, "heading": 0.05}[match.origin]
    confidence -= 0.06 * min(len(conditions), 2)
    confidence += 0.04 if named and not place.caption else 0.0
    confidence -= 0.12 if general else 0.0
    confidence -= 0.15 if place.aside else 0.0
    confidence += 0.05 if specific or place.caption else 0.0
    confidence += 0.03 if place.caption else 0.0
    confidence -= 0.1 if text.startswith("*") else 0.0
    if conditions.get("street") == "local":
        confidence += 0.03
    if re.search(r"\bapproximate|\baverage\b", before[-60:], re.IGNORECASE):
        confidence -= 0.1
    if any(_ROOT_SECTIONS.search(h) for h in passage.headings[:1]):
        confidence -= 0.1
    end = min(len(text), quantity.end + _tail(after))
    return Reading(
        field=name,
        value=value,
        span=Span(passage.start, passage.start + end),
        source="sentence" if cue else "label",
        quoted_value=quantity.number_text,
        quoted_unit=unit,
        conditions=conditions,
        districts=districts,
        general=general,
        status=Status.STATED,
        section=passage.section.ordinal,
        confidence=round(confidence, 3),
    )


def _tail(after: str) -> int:
    """How much of the words after the number the quote keeps: to the end of the clause."""
    stop = re.search(r"[.;](?:\s|$)", after)
    return min(stop.end() if stop else len(after), 160)


def _equals_code(before: str, index: DistrictIndex) -> tuple[str, ...]:
    """``T3-R = 9 du/ac``: the code that the number is set equal to."""
    match = re.search(r"(?<!\w)([A-Z][\w-]*)\s*[=:]\s*$", before)
    return index.resolve(match[1]) if match else ()


def _is_residential_parking(passage: Passage, quantity: Quantity) -> bool:
    text = passage.text
    window = text[max(0, quantity.start - 110) : quantity.end + 70]
    if _WRONG_PARKING.search(window):
        return False
    return quantity.per_unit or bool(_DWELLING.search(text[: quantity.end + 40]))


_PLAUSIBLE = {
    "ft": (0.0, 1_500.0),
    "sqft": (150.0, 50_000_000.0),
    "sqft_per_unit": (150.0, 5_000_000.0),
    "percent": (1.0, 100.0),
    "ratio": (0.05, 30.0),
    "stories": (1.0, 90.0),
    "units": (1.0, 200.0),
    "units_per_acre": (0.01, 600.0),
    "spaces_per_unit": (0.25, 5.0),
}
_NARROWER = {
    "max_height": (10.0, 900.0),
    "min_lot_area": (800.0, 50_000_000.0),
    "min_lot_width": (10.0, 1_500.0),
    "min_lot_depth": (20.0, 1_500.0),
    "min_unit_area": (150.0, 5_000.0),
    "side_setback": (0.0, 250.0),
    "front_setback": (0.0, 400.0),
    "rear_setback": (0.0, 400.0),
    "max_lot_coverage": (2.0, 100.0),
}


def _is_plausible(name: str, value: float) -> bool:
    low, high = _NARROWER.get(name) or _PLAUSIBLE[FIELD_UNITS[name]]
    return low <= value <= high


_ZONE_PHRASE = re.compile(
    r"\b[A-Z][\w-]*\s+(?:[\w-]+\s+){0,3}?(?:district|zone)s?\b|\b(?:[\w-]+\s+){1,3}(?:districts?|zones?)\b"
)


_ALTERNATIVE = re.compile(r"\d\s*(?:%|ft\.?|feet|percent|s\.f\.)?\s*(?:or|to|-|–)\s+$", re.IGNORECASE)


def _clause_start(text: str, quantity: Quantity) -> int:
    """Where the clause of a number starts: after a break, or after the number before it."""
    start = max((m.end() for m in _CLAUSE.finditer(text, 0, quantity.start)), default=0)
    for earlier in find_quantities(text, 0, quantity.start):
        between = text[earlier.end : quantity.start]
        joints = list(re.finditer(r",\s*(?:and|or|but)\b|\band\b|,|/", between))
        if earlier.unit == quantity.unit and joints:
            start = max(start, earlier.end + joints[-1].end())
    return start


def _conditions(
    text: str, quantity: Quantity, clause_start: int, name: str, passage: Passage
) -> dict[str, str]:
    """What the number depends on, by the words of its own clause and of the label before it."""
    after = text[quantity.end :]
    stop = re.search(
        r"[.;]|,\s+(?:and\s+)?(?=\w+[\s-]+(?:\w+[\s-]+)?(?:\(\d|\d))|\band\s+(?=\d|\w+[\s-]*\(\d)", after
    )
    clause_after = after[: stop.start()] if stop else after
    clause = text[clause_start : quantity.start] + " " + clause_after
    found = conditions_named(_ZONE_PHRASE.sub(" ", clause))
    lead = conditions_named(passage.lead) if passage.lead else {}
    for kind, value in lead.items():
        found.setdefault(kind, value)
    if name == "street_side_setback":
        found.pop("lot", None)
    if name == "parking_per_unit":
        uses = uses_named(clause)
        found = {"use": uses[0]} if uses else {}
    opening = _EXCEPTION.search(text, clause_start, quantity.start)
    trailing = re.match(
        r"^[\s,]*(?:\(?\s*)(?:if|when|where|for|on|in\s+the\s+case|abutting|adjacent|adjoining)\s",
        clause_after,
        re.IGNORECASE,
    )
    if (
        not found
        and opening
        and not re.match(
            r"(?:in\s+(?:no|any)|where|when|if)\b.{0,60}\brequired", text[opening.start() :], re.IGNORECASE
        )
    ):
        found["case"] = _short(text[opening.start() : quantity.start])
    elif (
        not found
        and trailing
        and not re.match(
            r"[\s,(]*for\s+(?:the\s+|all\s+|any\s+|each\s+|every\s+)?(?:first|principal|main|buildings?|structures?|lots?|dwelling)",
            clause_after,
            re.IGNORECASE,
        )
    ):
        found["case"] = _short(clause_after)
    return found


def _short(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip(" ,.;:(")[:60]
