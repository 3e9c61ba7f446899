"""Which field a quantity in prose measures."""

import re
from dataclasses import dataclass

from plotlot.domain.quantities import Quantity
from plotlot.extraction.reader.field_names import Mention, fields_named
from plotlot.extraction.reader.passages import Passage

FIELDS_WITHOUT_UNIT = {"max_far", "max_units_per_lot"}
"""The fields that a bare number may measure."""
_FIELDS_OF_UNIT = {
    "ft": {
        "front_setback", "side_setback", "side_setback_total", "street_side_setback",
        "rear_setback", "min_lot_width", "min_lot_depth", "max_height",
    },
    "sqft": {"min_lot_area", "min_lot_area_per_unit", "min_unit_area"},
    "percent": {"max_lot_coverage", "max_impervious", "min_open_space", "max_far"},
    "stories": {"max_stories"},
    "units_per_acre": {"max_density"},
    "spaces": {"parking_per_unit"},
    "units": {"max_units_per_lot"},
    "": FIELDS_WITHOUT_UNIT,
}  # fmt: skip
_FIELDS_OF_UNIT["acre"] = _FIELDS_OF_UNIT["sqft"] - {"min_unit_area"}
_FIELDS_OF_UNIT["sqm"] = _FIELDS_OF_UNIT["sqft"]
_FIELDS_OF_UNIT["hectare"] = _FIELDS_OF_UNIT["acre"]
_FIELDS_OF_UNIT["m"] = _FIELDS_OF_UNIT["ft"]
_PERCENT_OF = re.compile(
    r"(?:percent|%|per\s+cent|portion|half|part|amount)\s*\)?\s+(?:of\s+)?(?:the\s+|such\s+|any\s+|total\s+|gross\s+|net\s+)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Match:
    """A field, where the text names it, and whether the text, its lead or a heading does.

    The origin is ``per`` where the words before the number make it the ground of one dwelling.
    """

    field: str
    mention: Mention | None
    origin: str  # "text", "lead", "heading" or "per"


def match_fields(passage: Passage, quantity: Quantity, mentions: tuple[Mention, ...]) -> list[Match]:
    """The fields that a quantity measures: mostly one, two in ``side and rear yards: 15 feet``."""
    text = passage.text
    if _ITEM.match(text[: quantity.end + 2]) and text[: quantity.start].strip(" (") == "":
        return []
    if quantity.unit in ("sqft", "acre") and _UNIT_PER.search(text[: quantity.start]):
        return [Match("min_lot_area_per_unit", None, "per")]
    if quantity.unit == "percent" and _SHARE_OF_OTHER.match(text, quantity.end):
        return []
    lines = _lines_after(text, quantity)
    if lines:
        return lines
    subject = _of_lot(text, quantity)
    if subject:
        return [Match(subject, None, "text")]
    match = _nearest(passage, quantity, mentions)
    if match is None or not _is_said(passage, quantity, match):
        return []
    if match.field == "side_setback" and _TOGETHER.match(text, quantity.end):
        return [Match("side_setback_total", match.mention, match.origin)]
    if match.field == "side_setback_total" and match.mention and match.mention.end <= quantity.start:
        between = text[match.mention.end : quantity.start]
        if _ONE_OF_TWO.search(between):
            return [Match("side_setback", None, match.origin)]
    fields = [match.field, *_joined(text, match.mention)]
    return [Match(field, match.mention, match.origin) for field in dict.fromkeys(fields)]


def _is_said(passage: Passage, quantity: Quantity, match: Match) -> bool:
    """Whether stories are a height and no label, and both sides are those of a lot."""
    before = passage.text[: quantity.start]
    if match.field == "max_stories":
        labels = passage.text[quantity.end :].lstrip()[:1] == ":"
        return not labels and bool(_HEIGHT.search(" ".join((before, passage.lead, *passage.headings[:2]))))
    if match.mention and re.fullmatch(r"both\s+sides", match.mention.text, re.IGNORECASE):
        return bool(_YARD_WORD.search(" ".join((before, passage.lead, *passage.headings[:1]))))
    return True


_ITEM = re.compile(r"\s*\(?\d{1,2}[.)]\s")
_UNIT_PER = re.compile(
    r"\b(?:one|1)(?:\s*\(1\))?\s+(?:single[\s-]family\s+)?(?:(?:dwelling|residential|housing)\s+)?(?:unit|dwelling|family|residence|house)\s+"
    r"(?:per|(?:for|on)\s+(?:each|every))\s*$",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\s*(?:in\s+)?(?:the\s+)?(?:aggregate|combined|total\b(?!\s+(?:height|area))|(?:for\s+)?both\s+side|sum\b)",
    re.IGNORECASE,
)
_HEIGHT = re.compile(
    r"\b(?:heights?|high|stor(?:y|ies)|exceed\w*|max\w*|feet|ft|limit\w*|more\s+than|buildings?)\b",
    re.IGNORECASE,
)
_ONE_OF_TWO = re.compile(
    r"\b(?:neither|either|least\s+side|one\s+side|each(?:\s+side)?|(?:no|any|smaller|narrower|least|minimum|single)\s+(?:\w+\s+)?(?:side|one|yard))\b",
    re.IGNORECASE,
)
_SIDE = r"(?:front|rear|back|side)"
_LINES_AFTER = re.compile(
    r"\s*(?:from|to|of)\s+(?:(?:the|any|each|a|all|every|its|interior)\s+)*"
    rf"(?:(?P<street>(?:street|road|highway)(?:\s+right[\s-]of[\s-]way)?(?:\s+line|\s+lines)?(?=\W)|right[\s-]of[\s-]way)"
    rf"|(?P<sides>{_SIDE}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+)(?:the\s+)?{_SIDE})*)\s+(?:(?:lot|property|boundary|yard)\s+)+(?:line|boundar)|(?P<other>front)\s+line)",
    re.IGNORECASE,
)
_WAY = r"(?:(?:the|any|an?|each|all|public|private|town|state|existing|travell?ed)\s+)*(?:way|roads?|streets?|highways?|right[\s-]of[\s-]way|portion)\b"
_OPEN_SETBACK = re.compile(
    rf"\s*(?:measured\s+)?from\s+(?:the\s+|all\s+|any\s+|each\s+)*"
    rf"(?:(?P<street>(?:(?:cent(?:er|re)(?:\s*-?\s*line)?|edge)\s+of\s+)?{_WAY}|(?:road|street)\s+cent(?:er|re)\s*-?\s*line)"
    r"|(?P<lot>(?:(?:next|adjoining|adjacent|abutting|nearest|other)\s+)*(?:property|lot)\s+(?:boundary\s+)?lines?\b|boundary\s+lines?\b))",
    re.IGNORECASE,
)
_OPEN_LABEL = re.compile(r"\bset\s?-?backs?\b", re.IGNORECASE)
_SET_FROM = re.compile(
    r"\bno\s+(?:\w+\s+){0,3}(?:building|structure|dwelling|portion|part)\b[^.;]*(?:within|near|close)|\bset\s?-?back\b|\b(?:located|placed|erected|situated|constructed)\b[^.;]*\b(?:at\s+least|not\s+less\s+than|a\s+minimum\s+of|within|closer|nearer)",
    re.IGNORECASE,
)


def _lines_after(text: str, quantity: Quantity) -> list[Match]:
    """``thirty feet from the street line``, ``15 feet of any side or rear lot line``.

    A setback of no yard in particular, from the road or from the lot's lines, is that of the yards there.
    """
    if quantity.unit != "ft":
        return []
    before = text[: quantity.start]
    if _OPEN_LABEL.search(before) and not re.search(rf"\b{_SIDE}\b", before, re.IGNORECASE):
        line = _OPEN_SETBACK.match(text, quantity.end)
        if line:
            fields = ["front_setback"] if line["street"] else ["side_setback", "rear_setback"]
            return [Match(field, None, "text") for field in fields]
    after = _LINES_AFTER.match(text, quantity.end)
    if not after or not _SET_FROM.search(text[: quantity.start]):
        return []
    sides = re.findall(_SIDE, after["sides"] or after["other"] or "front", re.IGNORECASE)
    fields = [f"{side.lower().replace('back', 'rear')}_setback" for side in sides]
    return [Match(field, None, "text") for field in dict.fromkeys(fields)]


_LOT_SUBJECT = re.compile(
    r"\b(?:lots?|parcels?|building\s+sites?)\s+(?:(?:with)?in\s+(?:[\w/-]+\s+){1,5}?(?=shall|must))?(?:shall|must|having|with|of|containing|contain|is|are|less|smaller|(?:which|that)\s+(?:is|are|has|have))\b",
    re.IGNORECASE,
)
_LOTS_OF_AREA = re.compile(
    r"\b(?:lots?|parcels?)\b[^.;]{0,90}?\b(?:ha(?:ve|s|ving)|with|contain\w*)\s+an?\s+(?:minimum\s+|total\s+)?area\s+of\s+(?:at\s+least\s+|not\s+less\s+than\s+)?$",
    re.IGNORECASE,
)
_IN_WIDTH = re.compile(r"\s*(?:in\s+(?:average\s+)?width|wide)\b", re.IGNORECASE)
_IN_DEPTH = re.compile(r"\s*(?:in\s+(?:average\s+)?depth|deep)\b", re.IGNORECASE)
_WIDTH_OF = re.compile(r"\bwidth\s+of\s+(?:not\s+less\s+than\s+|at\s+least\s+)?$", re.IGNORECASE)
_LOT_AREA = re.compile(r"\b(?:lot|parcel|site)\s+(?:area|size|dimensions)\b", re.IGNORECASE)
_YARD_WORD = re.compile(
    r"\b(?:yards?|set\s?-?backs?|strip|buffer|street|driveway|frontage|coverage)\b", re.IGNORECASE
)
_SHARE = re.compile(
    r"\s*(?:of\s+)?(?:the\s+|such\s+|any\s+|each\s+|its\s+|a\s+|total\s+|gross\s+|net\s+|entire\s+)*(?:area\s+of\s+(?:the\s+|any\s+|each\s+|such\s+|a\s+)?)?(?:lot|site|parcel|plot)s?\b",
    re.IGNORECASE,
)
_SHARE_OF_OTHER = re.compile(
    r"\s*(?:of\s+)(?:the\s+|such\s+|this\s+|any\s+|all\s+|its\s+|required\s+|total\s+|common\s+|minimum\s+|gross\s+)*"
    r"(?:open\s+space|floor\s+(?:area|space)|(?:dwelling\s+)?units?|(?:front|rear|side)\s+yard|yard|frontage|facade|wall|fa[cç]ade|buildings?\b(?!\s+site)|spaces?|value|cost)\b",
    re.IGNORECASE,
)
_BUILT_ON = re.compile(r"\b(?:cover(?:ed|s|age)?|occup(?:y|ied)|built\s+upon)\b", re.IGNORECASE)
_NOT_BUILDINGS = re.compile(
    r"\b(?:impervious|pervious|open\s+space|landscap\w+|vegetat\w+|paved|pavement|yards?|parking|lawn|trees?|undisturbed|slopes?|hard\w*)\b",
    re.IGNORECASE,
)


def _of_lot(text: str, quantity: Quantity) -> str:
    """The field of a number that the lot itself is the subject of: ``no lot shall be less than``."""
    before = text[: quantity.start]
    if quantity.unit == "percent":
        share = _SHARE.match(text, quantity.end)
        built = share and _BUILT_ON.search(text) and not _NOT_BUILDINGS.search(text)
        return "max_lot_coverage" if built else ""
    if (
        quantity.unit == "ft"
        and _WIDTH_OF.search(before)
        and _LOT_AREA.search(before)
        and not _YARD_WORD.search(before)
    ):
        return "min_lot_width"
    if quantity.unit in ("sqft", "acre") and _LOTS_OF_AREA.search(before):
        return "min_lot_area"
    subjects = list(_LOT_SUBJECT.finditer(before))
    if not subjects or _YARD_WORD.search(before, subjects[-1].start()):
        return ""
    if quantity.unit == "ft":
        if _IN_WIDTH.match(text, quantity.end):
            return "min_lot_width"
        return "min_lot_depth" if _IN_DEPTH.match(text, quantity.end) else ""
    near = quantity.start - subjects[-1].end() < 90
    return "min_lot_area" if quantity.unit in ("sqft", "acre") and near else ""


_BEFORE_FIELD = re.compile(
    rf"\b(?P<sides>{_SIDE}(?:\s*,\s*{_SIDE})*)\s*(?:,?\s*(?:and|or)\s+|\s*[,&/]\s*)$", re.IGNORECASE
)


def _joined(text: str, mention: Mention | None) -> list[str]:
    """The yards that share a number with the one named: ``side and rear yards``."""
    if mention is None or not mention.field.endswith("_setback"):
        return []
    start = mention.start
    if re.match(r"(?:the\s+)?minimum\b", mention.text, re.IGNORECASE):
        return []
    joined = _BEFORE_FIELD.search(text[:start])
    sides = re.findall(_SIDE, joined["sides"], re.IGNORECASE) if joined else []
    return [f"{side.lower().replace('back', 'rear')}_setback" for side in sides]


def _is_unit(mention: Mention, text: str) -> bool:
    """Whether "units per acre" is what an earlier number is counted in, and names no field."""
    return mention.field == "max_density" and re.search(r"\d\)?\s*$", text[: mention.start]) is not None


def _nearest(passage: Passage, quantity: Quantity, mentions: tuple[Mention, ...]) -> Match | None:
    """The field that a quantity measures: named before it, after it, or over the passage."""
    allowed = _FIELDS_OF_UNIT.get(quantity.unit)
    if not allowed:
        return None
    text = passage.text
    fitting = [
        m
        for m in mentions
        if m.field in allowed and not _PERCENT_OF.search(text[: m.start]) and not _is_unit(m, text)
    ]
    for mention in fitting:
        if mention.field == "front_setback" and "line" in mention.text.lower():
            continue  # "70 feet at the front building line" is where a width is measured
        gap = text[quantity.end : mention.start]
        beside = quantity.start <= mention.start and mention.end > quantity.end
        if beside and mention.start - quantity.end <= 14 and not re.search(r"[,;:.]|\band\b|\bor\b", gap):
            return Match(mention.field, mention, "text")
    before = [m for m in fitting if m.end <= quantity.start]
    if before:
        return Match(before[-1].field, before[-1], "text")
    if quantity.unit in ("stories", "units_per_acre") or (quantity.unit == "spaces" and quantity.per_unit):
        return Match(next(iter(allowed)), None, "text")
    if any(m.end <= quantity.start for m in mentions) and quantity.unit == "ft":
        # Another measure was named just before: the number belongs to it, not to the heading.
        last = [m for m in mentions if m.end <= quantity.start][-1]
        if last.field == "max_stories":
            return Match("max_height", None, "text")
        if quantity.start - last.end < 40 and last.field not in ("min_lot_area", "parking_per_unit"):
            return None
    for origin, words in (("lead", (passage.lead,)), ("heading", passage.headings[:3])):
        for one in words:
            over = [m for m in fields_named(one) if m.field in allowed] if one else []
            fields = {m.field for m in over}
            if len(fields) == 1:
                return Match(over[-1].field, None, origin)
            if fields:
                return None
    after = [m for m in fitting if 0 <= m.start - quantity.end <= 45]
    if after and not re.search(r"[,;:.]", text[quantity.end : after[0].start]):
        return Match(after[0].field, after[0], "text")
    return None
