"""The phrases by which codes name the fields of a district, in labels and in sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_YARD = r"(?:yards?|set[\s-]?backs?|building\s+lines?)"
_LOT = r"(?:lot|site|parcel|zoning\s+lot|plot|tract|land)"
_DWELLING = r"(?:dwelling\s+units?|d\.?u\.?s?\b|dwellings?|units?|famil(?:y|ies)|apartments?)"
_PER = rf"(?:per|for\s+each|for\s+every|each|/)\s*(?:(?:each|principal|residential|additional|one)\s+)*{_DWELLING}"

# In this order: where two match at the same place, the first (more specific) one is meant.
_FIELDS: tuple[tuple[str, str], ...] = (
    (
        "min_lot_area_per_additional_unit",
        rf"(?:{_LOT}\s+)?(?:area|size)\s+{_PER.replace('additional', 'principal')}?\s*(?:for\s+)?(?:per|each|every)\s+additional\s+{_DWELLING}"
        rf"|additional\s+(?:{_LOT}\s+)?area\s+{_PER}",
    ),
    (
        "min_lot_area_per_unit",
        rf"{_LOT}\s+(?:area|size)s?\s*,?\s*(?:\(?\s*(?:sq(?:uare|\.)?\s*(?:feet|ft\.?)|acres)\s*\)?\s*)?(?:required\s+)?{_PER}"
        rf"|(?:(?:minimum|required|net)\s+)?(?:{_LOT}\s+)?(?<!floor\s)(?<!living\s)(?<!habitable\s)area\s*(?:\([^)]{{0,20}}\)\s*)?{_PER}"
        rf"|(?:sq(?:uare|\.)?\s*(?:feet|ft\.?)|acres?)\s+of\s+{_LOT}(?:\s+area)?\s+{_PER}"
        rf"|(?:acres?|square\s+feet)\s+{_PER}|density\s*\(\s*(?:sq|square|acres?)[^)]{{0,40}}\)",
    ),
    (
        "max_density",
        r"(?:(?:maximum|gross|net|residential|overall|permitted|allowable|base)\s+){0,4}densit(?:y|ies)"
        r"(?:\s+(?:of\s+development|factor|maximum))?"
        r"|(?:dwelling\s+)?units\s*(?:per|/)\s*(?:(?:gross|net|buildable)\s+)?(?:acre|ac\b\.?)|d\.?u\.?s?\s*/\s*ac(?:re)?\b",
    ),
    (
        "max_units_per_lot",
        r"units\s+(?:may|shall)\s+be\s+(?:built|located|allowed|permitted)\s+on\s+(?:a|any|each)\s+(?:single\s+|individual\s+)?lot"
        r"|(?:maximum\s+)?number\s+of\s+(?:principal\s+)?(?:dwelling\s+)?units(?:\s+(?:per|on\s+any\s+individual)\s+(?:lot|structure|building))?"
        r"|dwelling\s+units\s+per\s+(?:lot|building|structure)|units\s+per\s+lot",
    ),
    (
        "min_unit_area",
        rf"(?:minimum\s+)?(?:(?:gross|net|habitable|living|heated|finished|livable|liveable|usable|total)\s+)*"
        rf"(?:floor\s+(?:area|space)|living\s+(?:area|space)|dwelling\s+(?:unit\s+)?(?:area|size)|unit\s+size|"
        rf"habitable\s+(?:area|space)|square\s+footage)"
        rf"(?!\s*[-/:]?\s*(?:to\s+(?:{_LOT}|land)|ratio|/\s*lot))(?:\s*\([^)]{{0,30}}\))?(?:\s*{_PER})?"
        r"|(?:minimum\s+)?(?:dwelling|house|home|building)\s+(?:unit\s+)?size",
    ),
    (
        "max_far",
        r"floor[\s-]+(?:to[\s-]+)?area[\s-]+ratio|\bf\.?a\.?r\b\.?|floor[\s-]+lot[\s-]+ratio|\bflr\b"
        r"|(?:building|floor)\s+(?:area|space)[\s-]+to[\s-]+(?:lot|land)(?:[\s-]+area)?[\s-]+ratio",
    ),
    (
        "max_impervious",
        r"impervious(?:\s+(?:surfaces?|areas?|cover(?:age)?|lot|material))*(?:\s+ratio)?"
        r"|(?:impermeable|non-?permeable)\s+surfaces?|maximum\s+hardscape|\bi\.?s\.?r\b",
    ),
    (
        "min_open_space",
        r"(?:common\s+|usable\s+|minimum\s+|required\s+|total\s+|green\s+|landscaped\s+)*"
        r"(?:open[\s-]+space|green[\s-]*space|landscaped\s+(?:area|surface|open\s+area)|open\s+area|landscaping\s+area|pervious\s+(?:surface|area))"
        r"(?:\s+(?:ratio|area|requirement))?",
    ),
    (
        "max_lot_coverage",
        rf"(?:cover(?:ed)?|occup(?:y|ied))\s+(?:by\s+\w+(?:\s+\w+){{0,4}}\s+)?(?:not\s+|no\s+)?(?:to\s+exceed\s+)?(?=more\s+than|greater\s+than|in\s+excess)|cover\s+(?=\w+[\s-]+(?:\w+\s+)?\(?\d*\)?\s*percent)"
        rf"|(?:(?:total|maximum|impervious|building|structure|principal|main)\s+)*"
        rf"(?:{_LOT}|building|structures?|ground|area)(?:\s+(?:area|ground|surface))?\s+cover(?:age|ed)?\b(?!\s+letter)"
        rf"|(?:maximum\s+)?(?:percent(?:age)?|portion|%)\s+of\s+{_LOT}\s+(?:area\s+)?(?:coverage|covered|occupied|to\s+be\s+(?:covered|occupied)|which\s+may\s+be)"
        rf"|maximum\s+coverage|coverage\s+(?:by|of|ratio|maximum|area)|\bcoverage\b|(?:maximum\s+)?building\s+area\s*\(?\s*(?:%|percent)|percent(?:age)?\s+of\s+{_LOT}\s+occupied",
    ),
    (
        "street_side_setback",
        rf"(?:street[\s-]+side|corner[\s-]+side|side[\s-]+street|exterior[\s-]+side|corner[\s-]+lot[\s-]+(?:side|street)|secondary\s+front|front(?:[\s-]+{_YARD})?\s*[,(–-]\s*secondary|sides?(?:[\s-]+yards?)?[\s(-]+(?:on|abutting|facing|adjacent\s+to|along|adjoining|bordering)\s+(?:an?\s+|the\s+|any\s+)?(?:\w+\s+)?street(?!\s+(?:or|right))|side[\s-]+corner|sides?(?:[\s-]+yards?)?\s*\((?:street|corner)(?:\s+side)?\))"
        rf"(?:[\s-]+{_YARD})*",
    ),
    (
        "side_setback_total",
        rf"(?:(?:sum|total|combined|aggregate|combination)\s+(?:width\s+)?(?:of\s+)?(?:the\s+)?(?:both|two|all)?\s*(?:required\s+)?(?:interior\s+)?(?:side|sides)(?:\s+{_YARD})?(?:\s+(?:widths?|total))?)"
        rf"|(?:sum|total|combined|aggregate)\s+(?:of\s+(?:the\s+)?)?widths?(?:\s+of\s+(?:the\s+)?(?:(?:both|two(?:\s+\(2\))?|required|all)\s+)*sides?\s+{_YARD}|(?=\s+of\s+(?:not\s+less|at\s+least|\d|\w+[\s-]*(?:\w+\s+)?(?:\(\d+\)\s+)?feet)))"
        rf"|(?:sum|total|aggregate)\s+(?:widths?\s+)?of\s+which\b"
        rf"|both\s+side\s+{_YARD}?(?:\s+(?:combined|total))?|two\s+side\s+{_YARD}\s+(?:combined|total)|side\s+{_YARD}\s*[-,:(]*\s*(?:total|both|combined|aggregate|sum)(?:\s+(?:of\s+)?(?:both|two))?|(?:total|aggregate|combined)\s+(?:of\s+)?(?:both\s+)?sides?\b|both\s+sides\b|total\s+side\b",
    ),
    (
        "front_setback",
        rf"from\s+(?:the\s+|any\s+)?front\s+(?:lot|property)\s+lines?|(?:principal\s+|primary\s+)?\bfront(?:al|s)?(?:\s*/\s*street)?(?:[\s-]+(?:lot[\s-]+line|property[\s-]+line|building|street|yard|and\s+street))*(?:[\s-]+{_YARD})+"
        rf"|(?:principal\s+|primary\s+)front\b"
        rf"|{_YARD}(?:\s+(?:requirements?|minimum|required|distances?|depth))*\s*[-,:(]*\s*(?:from\s+)?(?:the\s+)?(?:principal\s+)?front(?:\s+(?:lot|property|street)?\s*(?:line|yard))?"
        rf"|(?:street|road|highway)(?:\s+(?:right[\s-]of[\s-]way|line|centerline))?\s+{_YARD}"
        rf"|{_YARD}\s+(?:distance\s+)?from\s+(?:the\s+|any\s+|an?\s+)?(?:(?:edge|center\s?line)\s+of\s+(?:the\s+|any\s+)?)?(?:public\s+|town\s+)?(?:street|road|highway|right[\s-]of[\s-]way|r\.?o\.?w)\b"
        rf"|\bfront\b(?=\s*[:\-–—(]|\s*$|\s+\d|\s*,\s*\d|\s+minimum|\s*\.{{2,}})|\bfront[\s-]+yard\b",
    ),
    (
        "rear_setback",
        rf"from\s+(?:the\s+|any\s+)?rear\s+(?:lot|property)\s+lines?|\brear(?:[\s-]+(?:lot[\s-]+line|property[\s-]+line|building|yard))*(?:[\s-]+{_YARD})+"
        rf"|{_YARD}(?:\s+(?:requirements?|minimum|required|distances?|depth))*\s*[-,:(]*\s*(?:from\s+)?(?:the\s+)?rear(?:\s+(?:lot|property)?\s*(?:line|yard))?"
        rf"|\brear\b(?=\s*[:\-–—(]|\s*$|\s+\d|\s*,\s*\d|\s+minimum|\s*\.{{2,}})|\brear[\s-]+yard\b|\bback[\s-]+yard\b",
    ),
    (
        "side_setback",
        rf"from\s+(?:the\s+|any\s+|each\s+)?(?:interior\s+)?side\s+(?:lot|property)\s+lines?|\b(?:interior[\s-]+|inside[\s-]+)?sides?(?:[\s-]+(?:lot[\s-]+line|property[\s-]+line|building|yard|interior|each|one))*(?:[\s-]+{_YARD})+"
        rf"|{_YARD}(?:\s+(?:requirements?|minimum|required|distances?|depth))*\s*[-,:(]*\s*(?:from\s+)?(?:the\s+)?(?:interior\s+)?sides?\b(?:\s+(?:lot|property)?\s*(?:line|yard))?"
        rf"|\b(?:interior\s+)?sides?\b(?=\s*[:\-–—(]|\s*$|\s+\d|\s*,\s*\d|\s+minimum|\s*\.{{2,}})|\bsides?[\s-]+yards?\b|\bleast\s+side\b|\bone\s+side\b|\beach\s+side\b|interior\s+side\b",
    ),
    (
        "min_lot_depth",
        rf"(?:minimum\s+)?{_LOT}\s+depth|depth\s+of\s+(?:the\s+)?(?:{_LOT}|lots)(?!\s+not)",
    ),
    (
        "min_lot_width",
        rf"\b(?:maintain|have)\s+(?:an?\s+)?(?:minimum\s+|average\s+)*width|(?:minimum\s+)?(?:average\s+)?{_LOT}\s+widths?|widths?\s+of\s+(?:a\s+|the\s+|any\s+|each\s+)?{_LOT}s?"
        rf"|{_LOT}\s+area\s+and\s+width|width\s+at\s+(?:the\s+)?(?:front\s+|minimum\s+)?(?:building|setback|set-back|yard)\s*(?:line|setback)?",
    ),
    (
        "min_lot_area",
        rf"(?:(?:minimum|net|gross|required|total|buildable)\s+){{0,3}}(?:zoning\s+lot|lot|site|parcel|plot|tract|land)\s+(?:areas?|sizes?|requirements?\s*:)(?!\s+(?:coverage|covered))"
        rf"|(?:minimum|required)\s+(?:required\s+)?areas?(?:\s+of\s+(?:a\s+|the\s+|each\s+|any\s+)?{_LOT}s?)?(?!\s+(?:per|of\s+(?:each|the)\s+(?:unit|dwelling)))|area\s+of\s+(?:a\s+|the\s+|any\s+|each\s+|every\s+)?(?:zoning\s+lot|lot|site|parcel)s?\b|(?:^|[.)]\s)\s*areas?(?=\s*[:.—–])|(?:minimum\s+)?size\s+of\s+(?:lot|parcel)s?|minimum\s+(?:lot|parcel|tract)s?\b(?!\s+(?:width|depth|frontage|line|coverage))",
    ),
    (
        "parking_per_unit",
        r"(?:off[\s-]?street\s+)?(?:automobile\s+|vehicle\s+|vehicular\s+|resident\s+)?parking(?:\s+(?:spaces?|requirements?|ratio))?",
    ),
    (
        "max_stories",
        r"(?:maximum\s+)?(?:number\s+of\s+)?stor(?:ies|y)\b|height\s+(?:in|\()\s*stories",
    ),
    (
        "max_height",
        r"(?:(?:maximum|building|structure|principal|main|residential|allowable|permitted)\s+){0,4}(?<!\w)(?<!floor\s)(?<!ceiling\s)(?<!story\s)(?<!wall\s)(?<!parapet\s)heights?(?:\s+(?:of|for)\s+(?:all\s+|any\s+|a\s+|the\s+|principal\s+|main\s+)*(?:buildings?|structures?|dwellings?))?"
        r"|height\s+limits?|(?:feet|foot|ft\.?)\s+in\s+height|(?:feet|foot|ft\.?)\s+(?:high|tall)\b",
    ),
)

FIELD_NAMES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE) for name, pattern in _FIELDS
}
"""For each field the phrases that name it, the most specific field first."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A field named in a text, with its offsets there."""

    field: str
    start: int
    end: int
    text: str


_NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "min_lot_area_per_additional_unit": (("additional",),),
    "min_lot_area_per_unit": (
        ("unit", "dwelling", "famil", "apartment", "du", "d.u", "densit"),
        ("area", "size", "acre", "sq", "densit"),
    ),
    "max_density": (("densit", "unit", "du", "d.u"), ("densit", "ac")),
    "max_units_per_lot": (("units",),),
    "min_unit_area": (
        ("area", "space", "size", "footage"),
        ("floor", "living", "dwelling", "unit", "habitable", "square", "house", "home", "building"),
    ),
    "max_far": (("ratio", "far", "f.a", "fa.r", "flr"),),
    "max_impervious": (("impervious", "permeable", "hardscape", "isr", "i.s", "is.r"),),
    "min_open_space": (("space", "landscap", "open", "pervious"),),
    "max_lot_coverage": (("cover", "occup", "percent", "portion", "%"),),
    "street_side_setback": (
        ("side", "corner", "secondary"),
        ("street", "corner", "exterior", "secondary"),
    ),
    "side_setback_total": (("sum", "total", "combin", "aggregate", "both"), ("side", "width")),
    "front_setback": (
        ("front", "street", "road", "highway", "right", "r.o", "row"),
        ("front", "yard", "back", "line"),
    ),
    "rear_setback": (("rear", "back"),),
    "side_setback": (("side",),),
    "min_lot_depth": (("depth",),),
    "min_lot_width": (("width",),),
    "min_lot_area": (("area", "size", "requirement", "minimum"),),
    "parking_per_unit": (("parking",),),
    "max_stories": (("stor",),),
    "max_height": (("height", "high", "tall"),),
}
"""For each field, letters that every phrase of it holds one of, in lower case: cheap to look for."""


def may_name(name: str, lower: str) -> bool:
    """Whether a text in lower case holds what every phrase of a field needs."""
    for one_of in _NEEDS[name]:
        for letters in one_of:
            if letters in lower:
                break
        else:
            return False
    return True


@lru_cache(maxsize=2048)
def fields_named(text: str) -> tuple[Mention, ...]:
    """Every field that a text names, in order of appearance; overlaps go to the specific one."""
    found: list[Mention] = []
    lower = text.lower()
    for name, pattern in FIELD_NAMES.items():
        if not may_name(name, lower):
            continue
        for match in pattern.finditer(text):
            if match.end() > match.start() and not any(
                match.start() < other.end and other.start < match.end() for other in found
            ):
                found.append(Mention(name, match.start(), match.end(), match[0]))
    return tuple(sorted(found, key=lambda mention: mention.start))
