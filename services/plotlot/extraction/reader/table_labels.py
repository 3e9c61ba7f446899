"""What the label of a table's row or column names: fields, unit, conditions, something foreign."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.vocabulary import FOREIGN, conditions_named, uses_named

_ENUMERATOR = re.compile(r"^\W*(?:\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s+)+")
_YARDS = re.compile(
    r"\b(?P<list>(?:front|side|rear)s?(?:\s+yards?)?(?:\s*(?:,|/|&|\+|and|or)\s*(?:and\s+)?"
    r"(?:front|side|rear)s?(?:\s+yards?)?)+)\b",
    re.IGNORECASE,
)
_MEASURED_FROM = re.compile(r"\s*\((?:[\w-]+\s+uses?,\s*)?(from\s[^)]*)\)", re.IGNORECASE)
_YARD = re.compile(r"\b(front|side|rear)s?\b", re.IGNORECASE)
_LOT_LINES = re.compile(
    r"\b(?:(?:other|adjacent|adjoining)\s+)?(?:property|lot|boundary)(?:\s+(?:line|boundar)\w*)?\s+set\s?-?backs?\b|"
    r"\bset\s?-?backs?\b[\s,:(/]*(?:from\s+)?(?:other\s+|adjacent\s+|adjoining\s+|all\s+|any\s+)*(?:yard|property|properties|lot\s+line|lot\s+bound)",
    re.IGNORECASE,
)
_BARE: Mapping[str, tuple[str, ...]] = {
    "min_lot_area": ("area", "size", "lot", "acreage", "lot acreage", "minimum acreage", "lots"),
    "min_lot_width": ("width", "widths"),
    "min_lot_depth": ("depth",),
    "front_setback": (
        *(
            "front",
            "road",
            "street",
            "fronts",
            "front line",
            "front lot line",
            "right-of-way",
            "edge right-of-way",
        ),
        *(
            "road right-of-way",
            "street right-of-way",
            "street line",
            "road line",
            "edge road",
            "road centerline",
        ),
    ),
    "side_setback": ("side", "sides", "each side", "side line", "side lot line"),
    "rear_setback": ("rear", "back", "rear line", "rear lot line"),
    "max_lot_coverage": ("coverage", "building area"),
    "max_height": ("height", "building", "structure height", "bldg height", "bldg"),
    "max_density": ("density",),
    "max_stories": ("stories",),
}
_BARE_FIELDS = {word: name for name, words in _BARE.items() for word in words}
_QUALIFIER = re.compile(
    r"\b(?:min(?:imum)?|max(?:imum)?|minimums|maximums|required|requirements?|in|feet|ft|foot|"
    r"sq|square|acres?|sf|the|of|percent|all|standards?|principal|main|total|stories)\b\.?|[%.:,*#]|"
    r"\([^)]*\)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\bfrontages?\b|\bfootprints?\b|\bbuffers?\b|\bdistances?\s+between\b|\bseparation\b|"
    r"\bbuilding\s+(?:width|length|size)\b|\bvolume\b|\bbuilding\s+envelope\b|\bbuild-to\b|"
    r"\bshore|\bwater|\bstream|\bmaximum\s+(?:front|side|rear)|\bwetland|\broad\s+width|\btransparency\b|"
    r"\bmaximum\s+lot\s+(?:size|area)|\bmax\.?\s+lot\s+(?:size|area)|\bmaximum\s+setback|\bmax\.?\s+(?:front|side|rear)|"
    r"\bmin(?:imum|\.)?\s+(?:(?:net|gross|residential|base|required)\s+)*densit|"
    r"\bminimum\s+(?:\w+\s+){0,2}(?:height|stories)|\bmin\.?\s+(?:\w+\s+)?(?:height|stories)|"
    r"\bbedrooms?\b|\bbetween\s+(?:principal|main|buildings)|\bguest\s+rooms?\b|\bTDR\b",
    re.IGNORECASE,
)
_FOREIGN_HERE = re.compile(
    r"\bmount(?:ed|ing)\b|\bfree-?\s?standing\b|\billuminat\w*|\bparking\s+(?:spaces?|stalls?)?\s*(?:width|length|angle)|"
    r"\bwidth\s+with\s+parking\b|\bmaximum\s+size\b|\btravel(?:ed)?\s+lanes?\b|\bpavement\b|\bright-?of-?way\s+width\b|"
    r"\bwind\s+energy\b|\btower\b|\bgrade\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\([^)]*\)|\b(?:except|excluding|exclusive|other\s+than|not\s+including)\b.*", re.IGNORECASE
)
_STORIED = re.compile(
    r"(?<=[\w),])\s+(?:\d(?:\s*-?\s*1/2)?|one|two|three)(?:\s+(?:and|or)\s+\w+)?[\s-]+stor(?:y|ies)\b(?!\s*max)",
    re.IGNORECASE,
)
_ONLY_FOR = re.compile(
    r"\bfor\s+(?:agricultur|farm|commercial|industrial|institution|conditional|special|all\s+other|other)\w*\b.*|"
    r"\bon\s+(?:an?\s+)?existing\b.*",
    re.IGNORECASE,
)
_ONLY_EXCEPT = re.compile(
    r"\(?\b(?:except|excluding|exclusive|other\s+than|not\s+including)\b.*", re.IGNORECASE
)
_TOTAL = re.compile(
    r"^\W*(?:total|both(?:\s+sides)?|combined|sum|aggregate|total\s+of\s+both)\b", re.IGNORECASE
)
_STREET_SIDE = re.compile(
    r"\bcorner\b|\bside\s+street\b|\bstreet\s+side\b|"
    r"\b(?:abutting|adjacent\s+to|adjoining|along|facing|bordering|on)\s+(?:an?\s+|the\s+|any\s+)?(?:public\s+)?(?:street|road)\b",
    re.IGNORECASE,
)
_TO_STREET_SIDE = re.compile(
    r"\bsides?\W+(?:yards?\W+|set\s?backs?\W+)*(?:\w+\W+){0,2}?(?:corner|street)\b|\bcorner\b.{0,30}\bside\b",
    re.IGNORECASE,
)
_STREET_SIDES = {"side_setback": "street_side_setback"}
_TO_STREET = re.compile(
    r"\bto\s+(?:the\s+|a\s+)?(?:public\s+)?(?:street|road|front\s+(?:lot|property)\s+line)", re.IGNORECASE
)
_TO_RESIDENTIAL = re.compile(
    r"\bto\s+(?:an?\s+|the\s+)?(?:\w+[\s-]){0,2}(?:resid\w*|R-?\d?)\s*(?:district|zone)", re.IGNORECASE
)
_TO_OTHER = re.compile(
    r"\bto\s+(?:all\s+|any\s+)?(?:other|side|rear|interior)\s+(?:(?:and|or)\s+rear\s+)?(?:lot|property)\s+line",
    re.IGNORECASE,
)
_PER_UNIT = re.compile(r"\W*(?:per|for\s+each|each)\s+(?:dwelling|unit|family|d\.?u)", re.IGNORECASE)
_EACH = re.compile(r"^\W*(?:each(?:\s+side)?|one(?:\s+side)?|either|minimum\s+side)\b", re.IGNORECASE)

_UNITS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sqft", re.compile(r"\bsq(?:uare|\.)?\s*-?\s*(?:feet|foot|ft)\b|\bs\.?f\.?(?=\W|$)|\bsqft\b", re.I)),
    ("acre", re.compile(r"\bacres?\b|\bac\b\.?|\bacreage\b", re.IGNORECASE)),
    ("sqm", re.compile(r"\b(?:square|sq\.?)\s*(?:met(?:er|re)s?|m)\b|\bm²|\bm2\b", re.IGNORECASE)),
    ("hectare", re.compile(r"\bhectares?\b|(?-i:\bha\b)", re.IGNORECASE)),
    ("percent", re.compile(r"%|\bpercent(?:age)?\b|\bpct\b", re.IGNORECASE)),
    ("stories", re.compile(r"\bstories\b|\bstorys?\b", re.IGNORECASE)),
    ("m", re.compile(r"(?<!square )(?<!sq )(?<!sq\. )\bmet(?:er|re)s?\b|(?-i:\(m\.?\))", re.IGNORECASE)),
    ("ft", re.compile(r"(?<!sq\. )(?<!sq )(?<!square )(?<!sq\.)\b(?:feet|foot|ft)\b|['’′](?=\W|$)", re.I)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """What a label says. ``other`` marks a measure that is no field, such as frontage."""

    fields: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    foreign: bool = False
    other: bool = False
    text: str = ""


@lru_cache(maxsize=4096)
def read_label(text: str, *, bare: bool = False) -> Named:
    """Read a label; ``bare`` allows single words ("Front", "Area") that a table's company backs."""
    words = _tidy(text)
    core = _EXCEPT.sub(" ", words).strip(" .:*")
    foreign = bool(FOREIGN.search(core) or _FOREIGN_HERE.search(core))
    fields = _fields(words, bare)
    conditions = _conditions(words)
    if "side_setback" in fields and _TO_STREET_SIDE.search(_ONLY_EXCEPT.sub(" ", words)):
        fields = tuple(dict.fromkeys(_STREET_SIDES.get(name, name) for name in fields))
    if "street_side_setback" in fields:
        conditions.pop("lot", None)
    other = bool(_OTHER.search(core)) and not _names_beside_other(core, fields)
    return Named(
        fields=() if other else fields,
        units=units_named(words),
        conditions=conditions,
        foreign=foreign,
        other=other,
        text=words,
    )


def _tidy(text: str) -> str:
    words = _ENUMERATOR.sub("", text).strip()
    # A note's mark set against a word: "stories2".
    words = re.sub(r"(?:(?<=[A-Za-z]{4})|(?<=\(ac)|(?<=\(ft))\d\b", " ", words)
    words = re.sub(r"\bsemi-\s+(?=detached)", "semi-", words, flags=re.IGNORECASE)
    words = re.sub(r",\s*(?=(?:semi-?)?(?:at|de)tached\b)", " ", words, flags=re.IGNORECASE)
    words = re.sub(r"\bhouse\s?holds?\b", "family", words, flags=re.IGNORECASE)
    return re.sub(r"\bnon[\s-]+(?=resid|dwell)", "non", words, flags=re.IGNORECASE)


def _names_beside_other(core: str, fields: tuple[str, ...]) -> bool:
    """ "Frontage / Lot depth" names a field beside the one that is none."""
    return len(fields) > 0 and re.search(r"frontage\s*/|/\s*frontage", core, re.IGNORECASE) is not None


_NARROWS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("min_lot_area",): ("min_lot_width", "min_lot_depth"),
    ("max_height", "max_stories"): ("max_stories",),
}


def narrowed(header: Named, last: Named) -> Named:
    """A header whose lowest words say which of the measures above them the column holds: ``Lot | Width``."""
    own = last.fields
    if len(own) == 1 and not header.fields and not header.other and not header.foreign:
        return replace(header, fields=own, units=header.units or last.units)
    if len(own) == 1 and own[0] in _NARROWS.get(header.fields, ()):
        return replace(header, fields=own, units=last.units or header.units)
    if header.fields == ("min_lot_area", "min_lot_area_per_unit") and _PER_UNIT.match(last.text):
        return replace(header, fields=("min_lot_area_per_unit",))
    return header


def units_named(text: str) -> tuple[str, ...]:
    """The units that a label gives for the numbers under it."""
    found = [(match.start(), unit) for unit, pattern in _UNITS for match in [pattern.search(text)] if match]
    return tuple(unit for _, unit in sorted(found))


def _fields(words: str, bare: bool) -> tuple[str, ...]:
    words = _MEASURED_FROM.sub(r" \1", words)
    tidy = re.sub(r"\s*/\s*(?=(?:front|side|rear|road|yard)\b)", ", ", words, flags=re.IGNORECASE)
    yards = _YARDS.search(tidy)
    if yards and "frontage" not in tidy.lower():
        return tuple(dict.fromkeys(f"{y.lower()}_setback" for y in _YARD.findall(yards["list"])))
    outside = re.sub(r"\([^)]*\)?", " ", tidy).strip() or tidy
    if _LOT_LINES.search(outside) and not _YARD.search(outside):
        return ("side_setback", "rear_setback")
    mentions = fields_named(outside) or fields_named(tidy)
    named = tuple(dict.fromkeys(mention.field for mention in mentions))
    if len(named) > 1 and _STORIED.search(words):
        named = tuple(name for name in named if name != "max_stories")
    if named == ("max_lot_coverage",) and "impervious" in tidy.lower():
        return ("max_impervious",)
    if named or not bare:
        return named
    core = " ".join(_QUALIFIER.sub(" ", words).lower().split()).strip(" -–—/")
    found = _BARE_FIELDS.get(core)
    return (found,) if found else ()


def _conditions(words: str) -> dict[str, str]:
    conditions = conditions_named(words)
    uses = uses_named(words)
    if len(uses) > 1 and "nonresidential" not in uses and "one_or_two_family" not in uses:
        conditions["use"] = ",".join(uses)
    only = _ONLY_FOR.search(words) or _STORIED.search(words)
    if only and not conditions:
        conditions["case"] = case_of(only[0])
    return conditions


def read_lot_line(text: str) -> Named | None:
    """A header that names the line a setback is measured to: "To Street R.O.W."."""
    if _TO_STREET.search(text):
        return Named(("front_setback",), units_named(text), text="street")
    if _TO_RESIDENTIAL.search(text):
        return Named(
            ("side_setback", "rear_setback"),
            units_named(text),
            {"abutting": "residential"},
            text="residential",
        )
    if _TO_OTHER.search(text):
        return Named(("side_setback", "rear_setback"), units_named(text), text="other")
    return None


def fields_to_line(fields: Sequence[str], line: str) -> tuple[str, ...]:
    """What a yard's row sets under such a header: a side yard to the street is the street side."""
    if line == "street":
        streets = {"front_setback": "front_setback", "side_setback": "street_side_setback"}
        return tuple(streets[name] for name in fields if name in streets)
    return tuple(name for name in fields if name != "front_setback")


def sub_field(parent: str, label: str) -> str:
    """The field of a row whose label continues the one above: "total", "corner lots"."""
    if parent.startswith("side_setback") or parent == "street_side_setback":
        if _STREET_SIDE.search(label):
            return "street_side_setback"
        if _TOTAL.search(label):
            return "side_setback_total"
        return "side_setback"
    return parent


def is_plain_part(label: str) -> bool:
    """Whether a sub-row's label says only which of the parts it is, and sets no condition."""
    rest = _EACH.sub("", _TOTAL.sub("", label)).strip(" .:,-")
    return not rest


def case_of(label: str) -> str:
    """A condition's value for words that name no condition we know."""
    return "_".join(re.findall(r"[a-z0-9]+", label.lower())[:6])
