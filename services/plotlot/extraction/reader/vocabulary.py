"""The words by which codes name fields, conditions, and things that are not the main building.

Shared by tables and prose: a row label and a sentence name a front yard in the same words.
"""

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
        r"floor[\s-]+area[\s-]+ratio|\bf\.?a\.?r\b\.?|floor[\s-]+lot[\s-]+ratio|\bflr\b"
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
        rf"(?:street[\s-]+side|corner[\s-]+side|side[\s-]+street|exterior[\s-]+side|corner[\s-]+lot[\s-]+(?:side|street)|secondary\s+front|sides?(?:[\s-]+yards?)?[\s(-]+(?:on|abutting|facing|adjacent\s+to|along|adjoining|bordering)\s+(?:an?\s+|the\s+|any\s+)?(?:\w+\s+)?street(?!\s+(?:or|right))|side[\s-]+corner|sides?(?:[\s-]+yards?)?\s*\((?:street|corner)(?:\s+side)?\))"
        rf"(?:[\s-]+{_YARD})*",
    ),
    (
        "side_setback_total",
        rf"(?:(?:sum|total|combined|aggregate|combination)\s+(?:width\s+)?(?:of\s+)?(?:the\s+)?(?:both|two|all)?\s*(?:required\s+)?(?:interior\s+)?(?:side|sides)(?:\s+{_YARD})?(?:\s+(?:widths?|total))?)"
        rf"|(?:sum|total|combined|aggregate)\s+(?:of\s+(?:the\s+)?)?widths?(?:\s+of\s+(?:the\s+)?(?:(?:both|two(?:\s+\(2\))?|required|all)\s+)*sides?\s+{_YARD}|(?=\s+of\s+(?:not\s+less|at\s+least|\d|\w+[\s-]*(?:\w+\s+)?(?:\(\d+\)\s+)?feet)))"
        rf"|both\s+side\s+{_YARD}?(?:\s+(?:combined|total))?|two\s+side\s+{_YARD}\s+(?:combined|total)|side\s+{_YARD}\s*[-,:(]*\s*(?:total|both|combined|aggregate|sum)(?:\s+(?:of\s+)?(?:both|two))?|(?:total|aggregate|combined)\s+(?:of\s+)?(?:both\s+)?sides?\b|both\s+sides\b|total\s+side\b",
    ),
    (
        "front_setback",
        rf"from\s+(?:the\s+|any\s+)?front\s+(?:lot|property)\s+lines?|(?:principal\s+|primary\s+)?\bfront(?:al|s)?(?:\s*/\s*street)?(?:[\s-]+(?:lot[\s-]+line|property[\s-]+line|building|street|yard|and\s+street))*(?:[\s-]+{_YARD})+"
        rf"|(?:principal\s+|primary\s+)front\b"
        rf"|{_YARD}(?:\s+(?:requirements?|minimum|required|distances?|depth))*\s*[-,:(]*\s*(?:from\s+)?(?:the\s+)?(?:principal\s+)?front(?:\s+(?:lot|property|street)?\s*(?:line|yard))?"
        rf"|(?:street|road|highway)(?:\s+(?:right[\s-]of[\s-]way|line|centerline))?\s+{_YARD}"
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


@lru_cache(maxsize=2048)
def fields_named(text: str) -> tuple[Mention, ...]:
    """Every field that a text names, in order of appearance; overlaps go to the specific one."""
    found: list[Mention] = []
    for name, pattern in FIELD_NAMES.items():
        for match in pattern.finditer(text):
            if match.end() > match.start() and not any(
                match.start() < other.end and other.start < match.end() for other in found
            ):
                found.append(Mention(name, match.start(), match.end(), match[0]))
    return tuple(sorted(found, key=lambda mention: mention.start))


FOREIGN = re.compile(
    r"""\b(?:accessory|out-?buildings?|detached\s+garages?|carports?|sheds?|signs?|signage|billboards?|fences?|fencing|hedges?
    |walls?\b(?!\s+of\s+the\s+(?:main|principal))|swimming\s+pools?|pools?|towers?|antennas?|antennae|wireless|telecommunications?
    |wind\s+(?:turbine|energy)|turbines?|solar|satellite|parking\s+(?:lots?|areas?|facilit\w+|aisles?|structures?|garages?|decks?)|driveways?
    |aisles?|loading|storage|kennels?|stables?|utility\s+poles?|barns?|silos?|livestock|poultry|manure|greenhouses?|roadside\s+stands?|docks?|piers?
    |decks?|porch(?:es)?|patios?|awnings?|canop(?:y|ies)|steps|eaves|chimneys?|cornices?|bay\s+windows?|balcon(?:y|ies)
    |enclosures?|equipment|roofs?|rooftops?|spires?|steeples?|flagpoles?|monuments?|cupolas?|parapets?|projections?|encroach\w*|streams?|rivers?|wetlands?|shoreline|lakes?
    |buffers?|screening|(?:square|circle|rectangle)\s+(?:with|having)|slopes?|travel\s+lanes?|(?:the|such|any|no|each|commercial|inoperable|parked)\s+(?:motor\s+)?vehicles?|parallel\s+parking|trees?|shrubs?|landscap(?:e|ing)\s+strips?|light(?:ing)?\s+(?:poles?|fixtures?)|lamps?|sidewalks?|curbs?|culverts?
    |easements?|cul-?de-?sacs?|cemeter(?:y|ies)|junk\s*yards?|salvage|gasoline|service\s+stations?|filling\s+stations?|fuel|pumps?
    |campgrounds?|camp\s*sites?|recreational\s+vehicles?|travel\s+trailers?|gravel|quarr(?:y|ies)|excavation|mining|extraction|landfills?
    |bed\s+and\s+breakfasts?|home\s+occupations?|day\s*care|nursing\s+homes?|hospitals?|church(?:es)?|schools?|hotels?|motels?
    |adult\s+(?:use|entertainment|business|oriented)|elevator|penthouses?|mechanical\s+equipment|vision\s+clearance|sight\s+triangle|visibility)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that show that a passage speaks of something other than the main residential building."""

_USES: tuple[tuple[str, str], ...] = (
    (
        "one_or_two_family",
        r"(?:one|single|1)[\s-]*(?:and|or|&|/|to)[\s-]*(?:two|2)[\s-]*famil(?:y|ies)|(?:one|single)[\s-]*family(?:\s+(?:detached\s+)?dwellings?)?\s*(?:,?\s*and|,?\s*or|&|/)\s*two[\s-]*family|\bone-?\s*(?:or|and)\s+two-?\s*family",
    ),
    ("multi_family", r"multi(?:ple)?[\s-]*(?:family|dwelling|unit)|apartments?\b|multi-?plex"),
    (
        "townhouse",
        r"town\s?-?(?:houses?|homes?)|row\s?-?houses?|(?:single|one)[\s-]*family\s+attached|attached\s+(?:single|one)[\s-]*family",
    ),
    (
        "two_family",
        r"(?:two|2)[\s-]*famil(?:y|ies)|duplex(?:es)?|two[\s-]+unit\s+dwellings?|semi-?detached",
    ),
    ("three_family", r"(?:three|3)[\s-]*famil(?:y|ies)|triplex(?:es)?|three[\s-]+unit"),
    (
        "four_family",
        r"(?:four|4)[\s-]*famil(?:y|ies)|quad(?:ru|ri)?plex(?:es)?|fourplex(?:es)?|four[\s-]+unit",
    ),
    ("manufactured_home", r"(?:mobile|manufactured)\s+(?:homes?|housing)|trailers?\b"),
    (
        "one_family",
        r"(?:single|one|1)[\s-]*famil(?:y|ies)|detached\s+dwellings?|single[\s-]+(?:unit|detached|dwelling)|one[\s-]+unit\s+dwelling",
    ),
    (
        "nonresidential",
        r"non-?residential|commercial\s+(?:uses?|buildings?|structures?)|business(?:es)?\s+uses?|industrial\s+uses?|institutional|(?:all\s+|any\s+)?other\s+(?:permitted\s+|principal\s+|allowed\s+)?(?:uses?|structures?|buildings?)|non-?dwelling|offices?|retail|public\s+(?:buildings?|uses?)",
    ),
)
_CONDITIONS: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "use": tuple((value, re.compile(rf"\b(?:{p})", re.IGNORECASE)) for value, p in _USES),
    "lot": (
        ("corner", re.compile(r"\bcorner\b", re.IGNORECASE)),
        ("through", re.compile(r"\b(?:through|double[\s-]frontage)\s+lots?\b", re.IGNORECASE)),
        ("interior", re.compile(r"\binterior\s+lots?\b", re.IGNORECASE)),
        ("flag", re.compile(r"\bflag\s+lots?\b", re.IGNORECASE)),
        ("waterfront", re.compile(r"\bwater\s?front|shoreland|lake\s?shore", re.IGNORECASE)),
    ),
    "sewer": (
        ("water_and_sewer", re.compile(r"(?:public|municipal|town|city|community|both)\s+water\s+(?:and|&)\s+(?:\w+\s+)?sewer|water\s+and\s+sewer", re.IGNORECASE)),
        ("none", re.compile(r"\b(?:no|without|not\s+served\s+by|lacking|neither)\s+(?:(?:public|municipal|town|city|community|central|sanitary|water|or|and)\s+)*sew(?:er|age)|\bunsewered|septic|(?:on-?site|individual|private)\s+(?:sew(?:er|age)|waste\s*water|systems?)|off-?sewer", re.IGNORECASE)),
        ("public", re.compile(r"\bsewer(?:ed|age)?\b|\bon-?sewer", re.IGNORECASE)),
    ),
    "street": (
        ("state_highway", re.compile(r"\b(?:state|federal|u\.?s\.?)\s+(?:or\s+\w+\s+)?(?:highways?|routes?|roads?)|\bstate\s+and\s+federal", re.IGNORECASE)),
        ("arterial", re.compile(r"\b(?:major|principal|minor)?\s*(?:arterials?|thoroughfares?)\b|major\s+(?:streets?|roads?|highways?)", re.IGNORECASE)),
        ("collector", re.compile(r"\bcollectors?\b", re.IGNORECASE)),
        ("local", re.compile(r"\b(?:local|minor|residential|town|private|other)\s+(?:streets?|roads?|highways?)", re.IGNORECASE)),
        ("county_road", re.compile(r"\bcounty\s+(?:roads?|highways?|trunk)", re.IGNORECASE)),
    ),
    "garage": (
        ("attached", re.compile(r"\b(?:w/|with\s+(?:an\s+)?)?attached\s+garage", re.IGNORECASE)),
        ("detached", re.compile(r"\b(?:w/|with\s+(?:a\s+)?)?detached\s+garage", re.IGNORECASE)),
    ),
    "part": (
        (
            "upper_stories",
            re.compile(
                r"\b(?:second|third|upper|above\s+(?:the\s+)?\w+)[\s-]+(?:story|stories|floors?)",
                re.IGNORECASE,
            ),
        ),
    ),
    "measured_at": (
        (
            "street_line",
            re.compile(
                r"\bat\s+(?:the\s+)?(?:street|road|right-of-way|front\s+(?:lot|property))\s*line|centerline|center\s+line",
                re.IGNORECASE,
            ),
        ),
    ),
    "access": (("rear_vehicular", re.compile(r"rear\s+vehicular\s+access|alley\s+access", re.IGNORECASE)),),
    "abutting": (
        ("residential", re.compile(r"\b(?:abut\w*|adjoin\w*|adjacent|bordering|next)\s+(?:to\s+)?(?:\w+\s+){0,3}residential", re.IGNORECASE)),
        ("alley", re.compile(r"\b(?:abut\w*|adjoin\w*|adjacent\s+to)\s+(?:an?\s+)?alley", re.IGNORECASE)),
        ("setback", re.compile(r"abutting\s+a\s+setback", re.IGNORECASE)),
    ),
    "program": (
        ("affordable", re.compile(r"\b(?:affordable|workforce|attainable|low[\s-]income|elderly|senior)\b", re.IGNORECASE)),
        ("bonus", re.compile(r"\b(?:bonus|incentive|public\s+benefits?|density\s+transfer)\b", re.IGNORECASE)),
        ("approval", re.compile(r"\b(?:by|through|with|upon|subject\s+to)\s+(?:\w+\s+){0,4}(?:waiver|variance|special\s+(?:use\s+)?permit|special\s+exception|conditional\s+use|exception|warrant)\b|\bwaiver\b", re.IGNORECASE)),
    ),
    "development": (
        ("planned_unit", re.compile(r"\bplanned\s+(?:unit|residential|development)|\bp\.?u\.?d\b|\bp\.?r\.?d\b", re.IGNORECASE)),
        ("cluster", re.compile(r"\bcluster|conservation\s+subdivision|open\s+space\s+(?:development|subdivision)", re.IGNORECASE)),
    ),
}  # fmt: skip


def conditions_named(text: str) -> dict[str, str]:
    """The conditions that a text sets, by kind; the first matching value of each kind."""
    found: dict[str, str] = {}
    for kind, values in _CONDITIONS.items():
        for value, pattern in values:
            if pattern.search(text):
                found[kind] = value
                break
    return found


def uses_named(text: str) -> tuple[str, ...]:
    """Every residential use that a text names, the specific before the plain."""
    return tuple(value for value, pattern in _CONDITIONS["use"] if pattern.search(text))


_MAXIMUM = re.compile(r"\b(?:max(?:imum)?\b\.?|not\s+(?:to\s+)?exceed|no\s+more\s+than|not\s+more\s+than|at\s+most|up\s+to)", re.IGNORECASE)  # fmt: skip
_MINIMUM = re.compile(r"\b(?:min(?:imum)?\b\.?|not\s+(?:be\s+)?less\s+than|no\s+less\s+than|at\s+least|required)", re.IGNORECASE)  # fmt: skip


def limit_named(text: str) -> str:
    """``max``, ``min`` or ``""``: which kind of limit the words express (both named: ``""``)."""
    maximum, minimum = bool(_MAXIMUM.search(text)), bool(_MINIMUM.search(text))
    return "" if maximum == minimum else ("max" if maximum else "min")


def field_limit(name: str) -> str:
    """The kind of limit that a field is: ``max`` for ceilings, ``min`` for the rest."""
    return "max" if name.startswith("max_") else "min"


NOT_STATED = re.compile(
    r"^\W*(?:n\s?/?\s?a|not\s+applicable|none|no\s+(?:minimum|maximum|requirement|limit)|no\s+min\.?|-{1,3}|—|–|\*+|nr|not\s+required)\W*$",
    re.IGNORECASE,
)
"""A cell or label that says that the code sets no such standard here."""
