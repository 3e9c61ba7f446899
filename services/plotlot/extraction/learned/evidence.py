"""What the words around a number name: fields by the source that names them, districts likewise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from plotlot.domain.documents import Document
from plotlot.domain.quantities import normalise
from plotlot.domain.standards import FIELD_UNITS
from plotlot.extraction.learned.layout import DistrictTitles
from plotlot.extraction.learned.places import Place
from plotlot.extraction.reader.district_index import DistrictIndex, lived_in
from plotlot.extraction.reader.field_names import Mention, fields_named
from plotlot.extraction.reader.prose_limits import is_plausible
from plotlot.extraction.reader.scopes import Place as Scoped
from plotlot.extraction.reader.scopes import Scopes
from plotlot.extraction.reader.table_labels import read_label, units_named

FIELDS = (
    "min_lot_area",
    "front_setback",
    "side_setback",
    "rear_setback",
    "max_height",
    "max_stories",
    "max_lot_coverage",
    "max_impervious",
    "parking_per_unit",
)
"""The fields that a model can be taught: those of which enough towns are coded."""
FIELD_SOURCES = ("own", "column", "over", "group", "caption", "heading", "after")
DISTRICT_SOURCES = ("row", "column", "over", "group", "caption", "scope", "title", "general")
HINT_SOURCES = ("own", "column", "over", "group", "caption", "after")
_HINT_REACH = 160
_LONGEST_LABEL = 100
_LEAST_SQFT = 400
_MOST_ACRES = 1000
_LEAST_PERCENT = 2
_DEFAULTS = {"ft": "ft", "percent": "percent", "stories": "stories", "spaces_per_unit": "spaces"}
HINTS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(words, re.IGNORECASE)
    for name, words in {
        "min_lot_area": r"\barea|\bacre|\bsize\b|parcel|densit|\blots?\b",
        "front_setback": r"\bfront|street|road|highway|set\s?-?back|yard",
        "side_setback": r"\bside|adjacent|adjoin|property|boundar|set\s?-?back|yard|lot\s+line",
        "rear_setback": r"\brear|\bback\b|adjacent|adjoin|property|boundar|set\s?-?back|yard|lot\s+line",
        "max_height": r"height|\bhigh\b|\btall\b|stor(?:y|ies)",
        "max_stories": r"stor(?:y|ies)|height",
        "max_lot_coverage": r"cover|occup|building\s+area|impervious|percent",
        "max_impervious": r"impervious|cover|hardscape|paved",
        "parking_per_unit": r"parking|spaces?\b",
    }.items()
}
"""Words that a place must hold for a field to be thought of there, and seldom suffice to name it."""
_FIELDS_OF_UNIT: Mapping[str, tuple[str, ...]] = {
    unit: tuple(name for name in FIELDS if not unit or normalise(1.0, unit, name) is not None)
    for unit in ("ft", "m", "sqft", "acre", "sqm", "percent", "stories", "spaces", "")
}
_BY_UNIT = {"max_stories": "stories", "parking_per_unit": "spaces"}
SPEAKS = re.compile(
    r"yard|back|\blots?\b|heigh|high|tall|cover|occup|area|size|space|parking|acre|front|side|rear|stor(?:y|ies)|"
    r"impervious|road|street|building|bldg|adjacent|adjoin|property|boundar|parcel|densit|percent|hardscape|paved",
    re.IGNORECASE,
)
"""What a text holds that names a field; most do not, and need no closer reading."""
_ENUMERATOR = re.compile(r"^\W*\(?\w{1,3}[.)]\s+")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as the value of a field, in the field's unit, and how its unit is known."""

    value: float
    unit: str
    known_by: str  # "number", "label" or "field"


@dataclass(frozen=True, slots=True)
class Around:
    """What is named around a place: fields by source, districts by source, and the scope."""

    fields: Mapping[str, tuple[tuple[str, ...], ...]]
    mentions: tuple[Mention, ...]
    districts: Mapping[str, tuple[str, ...]]
    distances: Mapping[str, int]
    scoped: Scoped
    headings: tuple[str, ...]
    other: frozenset[str] = field(default_factory=frozenset)
    hints: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Surroundings:
    """Reads what is named around the places of one document."""

    def __init__(self, document: Document, index: DistrictIndex) -> None:
        self._document = document
        self._index = index
        self._scopes = Scopes(document, index)
        self._titles = DistrictTitles(document, index)
        self._dwellings = lived_in(index.districts)
        self._headings: dict[int, tuple[str, ...]] = {}

    def of(self, place: Place, hints: Mapping[str, frozenset[str]]) -> Around:
        """All that is named around a place that holds hints of fields."""
        headings = self._headings_of(place.section)
        texts = {**texts_of(place), "heading": headings[:2]}
        named = {source: tuple(labelled(one)[0] for one in words) for source, words in texts.items()}
        other = {source for source, words in texts.items() if any(labelled(one)[1] for one in words[:1])}
        scoped = self._scopes.place(self._document.sections[place.section], place.offset)
        titles = self._titles.before(place.offset)
        return Around(
            fields=named,
            mentions=fields_named(place.before),
            districts=self._districts(place, scoped, titles),
            distances=dict(titles),
            scoped=scoped,
            headings=headings,
            other=frozenset(other),
            hints=hints,
        )

    def _headings_of(self, section: int) -> tuple[str, ...]:
        found = self._headings.get(section)
        if found is None:
            found = tuple(one.title for one in list(self._document.ancestors(section))[:3])
            self._headings[section] = found
        return found

    def _districts(
        self, place: Place, scoped: Scoped, titles: Sequence[tuple[str, int]]
    ) -> dict[str, tuple[str, ...]]:
        find = self._index.find
        row = (
            find(place.before)
            if place.grid
            else find(place.passage.text if place.passage else "", strict=True)
        )
        over = [code for words in place.over for code in find(words)] if len(place.over) else []
        return {
            "row": row,
            "column": find(place.column) if place.column else (),
            "over": tuple(dict.fromkeys(over)),
            "group": find(place.group, strict=len(place.group) > _LONGEST_LABEL) if place.group else (),
            "caption": find(place.caption) if place.caption else (),
            "scope": scoped.districts,
            "title": tuple(code for code, _ in titles),
        }

    def general(self) -> tuple[str, ...]:
        """The districts that a standard tied to none speaks to."""
        return self._dwellings


def texts_of(place: Place) -> dict[str, tuple[str, ...]]:
    """The words around a place by the source that they are."""
    return {
        "own": (place.own,),
        "column": (place.column,),
        "over": place.over,
        "group": (place.group,),
        "caption": (place.caption,),
        "after": (place.after[:45],),
    }


def hinted(place: Place) -> dict[str, frozenset[str]]:
    """For each field that the number may measure the sources that hold its hints; some units hint too."""
    possible = _FIELDS_OF_UNIT.get(place.quantity.unit, ())
    if not possible:
        return {}
    texts = texts_of(place)
    words = {source: " ".join(texts[source]) for source in HINT_SOURCES}
    words["own"] = f"{place.before[-_HINT_REACH:]} {place.quantity.unit_text}"
    spoken = {source: text for source, text in words.items() if text and SPEAKS.search(text)}
    found = {}
    for name in possible:
        sources = {source for source, text in spoken.items() if HINTS[name].search(text)}
        if _BY_UNIT.get(name) == place.quantity.unit:
            sources.add("unit")
        if sources:
            found[name] = frozenset(sources)
    return found


@lru_cache(maxsize=16_384)
def labelled(text: str) -> tuple[tuple[str, ...], bool]:
    """The fields that a label or a stretch of text names, and whether it names a measure that is none."""
    if not text or not SPEAKS.search(text):
        return (), False
    if len(text) <= _LONGEST_LABEL:
        named = read_label(_ENUMERATOR.sub("", text), bare=True)
        return named.fields, named.other
    return tuple(dict.fromkeys(mention.field for mention in fields_named(text))), False


def units_around(place: Place) -> tuple[str, ...]:
    """The units that labels give for a bare number, those of the nearest label first."""
    if place.quantity.unit:
        return ()
    labels = (place.own, place.before, place.column, *place.over, place.group, place.caption)
    return tuple(unit for label in labels if label for unit in units_named(label[-_HINT_REACH:]))


def measure(place: Place, name: str, units: Sequence[str]) -> Measure | None:
    """The number of a place as a value of a field; None where it cannot be one."""
    quantity = place.quantity
    unit, known_by = quantity.unit, "number"
    if not unit:
        unit, known_by = _implied(quantity.value, name, units)
    value = normalise(quantity.value, unit, name) if unit and unit != "inch" else None
    if value is None or not is_plausible(name, value):
        return None
    return Measure(value, unit, known_by)


def _implied(value: float, name: str, units: Sequence[str]) -> tuple[str, str]:
    """The unit of a bare number: what a label gives that can measure the field, else the field's own."""
    for unit in units:
        if normalise(1.0, unit, name) is not None and not _absurd(value, unit):
            return unit, "label"
    target = FIELD_UNITS[name]
    if target == "sqft":
        return ("sqft", "field") if value >= _LEAST_SQFT else ("", "")
    if target == "percent" and value < _LEAST_PERCENT:
        return "", ""
    return _DEFAULTS.get(target, ""), "field"


def _absurd(value: float, unit: str) -> bool:
    return (unit == "acre" and value > _MOST_ACRES) or (unit == "sqft" and value < _LEAST_SQFT)
