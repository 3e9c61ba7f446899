"""Which field a quantity in prose measures."""

import re
from dataclasses import dataclass

from plotlot.domain.quantities import Quantity
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.vocabulary import Mention, fields_named

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
_PERCENT_OF = re.compile(
    r"(?:percent|%|per\s+cent|portion|half|part|amount)\s*\)?\s+(?:of\s+)?(?:the\s+|such\s+|any\s+|total\s+|gross\s+|net\s+)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Match:
    """A field, where the text names it, and whether the text, its lead or a heading does."""

    field: str
    mention: Mention | None
    origin: str  # "text", "lead" or "heading"


def match_field(passage: Passage, quantity: Quantity, mentions: tuple[Mention, ...]) -> Match | None:
    """The field that a quantity measures: named before it, after it, or over the passage."""
    allowed = _FIELDS_OF_UNIT.get(quantity.unit)
    if not allowed:
        return None
    text = passage.text
    fitting = [m for m in mentions if m.field in allowed and not _PERCENT_OF.search(text[: m.start])]
    for mention in fitting:
        gap = text[quantity.end : mention.start]
        if 0 <= mention.start - quantity.end <= 14 and not re.search(r"[,;:.]|\band\b|\bor\b", gap):
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
