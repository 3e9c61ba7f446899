"""The values that a table cell states for the fields its row or column names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

from plotlot.domain.quantities import Quantity, find_quantities, normalise
from plotlot.domain.standards import FIELD_UNITS
from plotlot.extraction.reader.table_grid import ONLY_MARK
from plotlot.extraction.reader.vocabulary import NOT_STATED, conditions_named, field_limit

_REFERENCE = re.compile(
    r"\(?\b(?:(?:see|per|under|in|by)\s+)*(?:see|notes?|sections?|sec\.|table|article|chapter|appendix|footnotes?|§+)"
    r"\s*(?:section\s+|note\s+|table\s+|footnote\s+)?[\dA-Z][\w.\-()§]*\)?|§+\s*[\d.\-()\w]+|\b\d+(?:\.\d+){2,}",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"\[\^?\w{1,3}[\]}]|\*+|[¹²³⁴⁵⁶⁷⁸⁹†‡]+|(?<=[\w%.'’)])\s?\((?:\d{1,2}|[a-zA-Z])\)(?!\s*(?:feet|ft|acres?|stor))"
)
_ENUMERATOR = re.compile(r"^\W*\(?\d{1,2}[.)]\s+(?=[A-Za-z])")
_GLUED = re.compile(r"(?<![\d,])(\d{1,3}(?:,\d{3})+)(\d{1,2})(?![\d,])")
GLUED_MARK = re.compile(_GLUED.pattern + r"\s*$")
"""The mark of a note against the last number of a text."""
NONE_REQUIRED = re.compile(
    r"(?:none(?:\s+required)?|not\s+required|no\s+(?:[\w-]+\s+){0,3}?(?:yards?|set\s?backs?)\s+(?:is\s+|are\s+)?required)"
    r"\W*(?:[(\[]?\w{1,2}[)\]])?",
    re.IGNORECASE,
)
"""A cell by which a code asks for no yard at all, which is a setback of nought."""
_OWN_CODE = re.compile(r"^[A-Z]{1,3}-?\d{0,2}[A-Z]?\s*:")
_PER = re.compile(r"\bper\b|/|\b(?:for\s+)?(?:each|every)\b", re.IGNORECASE)
_PER_LOT = re.compile(
    r"\b(?:lot|building|structure|parcel)s?\s*,?\s+per\s*$|^\W*\d+\s+(?:principal\s+)?lots?\b", re.IGNORECASE
)
_SEVERAL = re.compile(r"\W*\d[\d,]*\s+\d[\d,]{2,}\W*")
"""Numbers of two columns that print has set into one."""
_WHICHEVER = re.compile(r"whichever|greater of|lesser of|less of|larger of|smaller of", re.IGNORECASE)
_ADDITIONAL = re.compile(
    r"(?:\+|plus|and)\s*$|^\W*(?:for|per)?\s*(?:each|every)?\s*(?:additional|unit over|addl)", re.IGNORECASE
)
_PLUS = re.compile(r"(?:\+|\bplus\b)", re.IGNORECASE)
_MIN_AFTER = re.compile(r"^\W{0,3}(?:min(?:imum)?\b)", re.IGNORECASE)
_MAX_AFTER = re.compile(r"^\W{0,3}(?:max(?:imum)?\b)", re.IGNORECASE)
_MIN_BEFORE = re.compile(r"(?:min(?:imum)?\.?:?|at least)\W{0,3}$", re.IGNORECASE)
_MAX_BEFORE = re.compile(r"(?:max(?:imum)?\.?:?|not (?:to )?exceed|up to)\W{0,3}$", re.IGNORECASE)
_PAIR = re.compile(r"^\W*[\d,.½¼¾]+\s*%?\s*['’]?\s*/\s*[\d,.½¼¾]+\s*%?\s*['’]?\W*$")
_CASE = re.compile(
    r"(?:^|(?<=[\s;,]))(?:(?:acres?|feet|ft|sq|units?|stories)\b\.?\s+)*(?P<case>[A-Za-z][A-Za-z/ -]{0,40}?)(?:\s+uses?)?\s*:\s*(?=[\d.])"
)
_RESIDENTIAL = re.compile(r"(?:R(?=/|$)|residential|dwellings?$|principal)", re.IGNORECASE)
_HEIGHTS = {"max_height", "max_stories"}
_LONG = 90
_MAX_WORDS_BEFORE = 4
_DEFAULT_UNITS: Mapping[str, str] = {
    "ft": "ft",
    "sqft": "sqft",
    "percent": "percent",
    "ratio": "ratio",
    "stories": "stories",
    "units": "units",
    "units_per_acre": "units_per_acre",
    "sqft_per_unit": "sqft",
    "spaces_per_unit": "spaces",
}
_PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    "min_lot_area": (400, 2e8),
    "min_lot_width": (5, 3000),
    "min_lot_depth": (10, 3000),
    "min_lot_area_per_unit": (200, 2e8),
    "min_lot_area_per_additional_unit": (200, 2e8),
    "front_setback": (0, 400),
    "side_setback": (0, 400),
    "side_setback_total": (0, 500),
    "street_side_setback": (0, 400),
    "rear_setback": (0, 400),
    "max_height": (8, 1000),
    "max_stories": (1, 100),
    "max_lot_coverage": (0.5, 100),
    "max_impervious": (0.5, 100),
    "min_open_space": (0.5, 100),
    "max_far": (0.02, 30),
    "max_density": (0.005, 250),
    "max_units_per_lot": (1, 1000),
    "min_unit_area": (100, 10_000),
    "parking_per_unit": (0, 5),
}


@dataclass(frozen=True, slots=True)
class CellValue:
    """One value of a cell, in the field's unit, and as it was written."""

    field: str
    value: float
    quoted_value: str
    quoted_unit: str
    conditions: Mapping[str, str] = dataclass_field(default_factory=dict)
    note: str = ""
    confidence: float = 0.9


def cell_values(
    text: str, fields: Sequence[str], units: Sequence[str], parts: Sequence[str] = ()
) -> list[CellValue]:
    """The values of a cell; ``parts`` are the cases of a header such as ``1F/2F``."""
    none = NONE_REQUIRED.fullmatch(text.strip()) or NONE_REQUIRED.fullmatch(_MARK.sub(" ", text).strip())
    if fields and none and all(name.endswith("_setback") for name in fields):
        return [CellValue(name, 0.0, text.strip(), "ft") for name in fields]
    text = _GLUED.sub(lambda found: f"{found[1]} " + " " * (len(found[2]) - 1), text)
    tidy = _ENUMERATOR.sub("", _MARK.sub(" ", text).strip())
    if not tidy or NOT_STATED.match(tidy) or ONLY_MARK.fullmatch(tidy):
        return []
    cases = _by_case(tidy, fields, units)
    if cases:
        return cases
    bare = _REFERENCE.sub(lambda found: " " * len(found[0]), tidy)
    quantities = list(find_quantities(bare))
    if not quantities or _OWN_CODE.match(tidy) or _SEVERAL.fullmatch(bare):
        return []
    if len(re.findall(r"[a-zA-Z]{2,}", bare[: quantities[0].start])) > _MAX_WORDS_BEFORE:
        return []
    note = text if _is_qualified(text, quantities) else ""
    if "max_density" in fields and _PER_LOT.search(bare):
        return []
    if tuple(fields) == ("max_density",):
        inverse = _area_for_one(quantities, units, bare, note)
        if inverse is not None:
            return inverse
    if len(parts) > 1 and _PAIR.match(bare) and len(quantities) == len(parts):
        return _by_part(quantities, fields, units, parts)
    if len(fields) > 1:
        return _by_field(quantities, fields, units, bare, note)
    return _single(quantities, fields[0], units, bare, note)


def _by_case(text: str, fields: Sequence[str], units: Sequence[str]) -> list[CellValue]:
    """ "Residential uses: 1 acre  Commercial: 5 acres": each value under its own label; else nothing."""
    labels = list(_CASE.finditer(text))
    if len(labels) < 2 or labels[0].start() > 0:
        return []
    found: list[CellValue] = []
    ends = [*(label.start("case") for label in labels[1:]), len(text)]
    for label, end in zip(labels, ends, strict=True):
        plain = _RESIDENTIAL.match(label["case"]) is not None
        conditions = (
            {} if plain else conditions_named(f"{label['case']} uses") or {"case": label["case"].lower()}
        )
        for value in cell_values(text[label.end() : end], fields, units):
            found.append(replace(value, conditions={**conditions, **value.conditions}))
    return found


def _area_for_one(
    quantities: Sequence[Quantity], units: Sequence[str], bare: str, note: str
) -> list[CellValue] | None:
    """ "1 unit per 10 acres" sets the area for a unit; None where the cell is a density proper."""
    first = quantities[0]
    if first.unit in ("acre", "sqft"):
        return _value(first, "min_lot_area_per_unit", units, {}, note)
    if len(quantities) < 2 or quantities[1].unit not in ("acre", "sqft"):
        return None
    area = quantities[1]
    if not _PER.search(bare[first.start : area.start]):
        return None
    if first.value == 1:
        return _value(area, "min_lot_area_per_unit", units, {}, note)
    return None if area.unit == "acre" and area.value == 1 else []


def _is_qualified(text: str, quantities: Sequence[Quantity]) -> bool:
    words = re.findall(r"[a-zA-Z]{2,}", text)
    return len(quantities) > 1 or len(words) > 3 or bool(_MARK.search(text))


def _by_part(
    quantities: Sequence[Quantity], fields: Sequence[str], units: Sequence[str], parts: Sequence[str]
) -> list[CellValue]:
    found = []
    for quantity, part in zip(quantities, parts, strict=True):
        for name in fields[:1]:
            found += _value(quantity, name, units, {"use": part}, "")
    return found


def _by_field(
    quantities: Sequence[Quantity], fields: Sequence[str], units: Sequence[str], bare: str, note: str
) -> list[CellValue]:
    """As many numbers as fields are paired in order; otherwise the fields share or take by unit."""
    found: list[CellValue] = []
    if set(fields) == _HEIGHTS and len(quantities) == 1 and not quantities[0].unit and len(units) == 1:
        return _value(
            quantities[0], "max_stories" if units[0] == "stories" else "max_height", units, {}, note
        )
    if len({FIELD_UNITS[name] for name in fields}) == len(fields):
        for name in fields:
            found += _single(_of_unit(quantities, name), name, units, bare, note)
        if found:
            return found
    if len(quantities) == len(fields):
        for position, (quantity, name) in enumerate(zip(quantities, fields, strict=True)):
            unit = units[position : position + 1] if len(units) == len(fields) else units
            found += _value(quantity, name, unit, {}, note)
        return found
    if len(quantities) == 1 and all(name.endswith("_setback") for name in fields):
        return [v for name in fields for v in _value(quantities[0], name, units, {}, note)]
    return []


def _of_unit(quantities: Sequence[Quantity], name: str) -> list[Quantity]:
    return [q for q in quantities if q.unit and normalise(q.value, q.unit, name) is not None]


def _single(
    quantities: Sequence[Quantity], name: str, units: Sequence[str], bare: str, note: str
) -> list[CellValue]:
    usable = [q for q in quantities if _value(q, name, units, {}, "")]
    found: list[CellValue] = []
    if name == "max_height":
        found += _stories(quantities, units)
    if not usable:
        return found
    base = _base(usable, name, bare)
    if base is None:
        return found
    own = "min_lot_area_per_unit" if name == "min_lot_area" and base.unit and base.per_unit else name
    found = _value(base, own, units, {}, note) + found
    if name in ("min_lot_area", "min_lot_area_per_unit"):
        found += _additional(usable, base, units, bare, note)
    return found


def _stories(quantities: Sequence[Quantity], units: Sequence[str]) -> list[CellValue]:
    """The stories named beside a height, "35 ft / 2.5 stories", "2.5/35" under such a header, or in its place."""
    named = [q for q in quantities if q.unit == "stories"]
    if len(named) == 1:
        return _value(named[0], "max_stories", (), {}, "")
    if not named and tuple(units) == ("stories",) and len(quantities) == 1:
        return _value(quantities[0], "max_stories", ("stories",), {}, "")
    if not named and tuple(units) == ("stories", "ft") and len(quantities) == 2:
        return _value(quantities[0], "max_stories", ("stories",), {}, "")
    if not named and tuple(units) == ("ft", "stories") and len(quantities) == 2:
        return _value(quantities[1], "max_stories", ("stories",), {}, "")
    return []


def _base(usable: Sequence[Quantity], name: str, bare: str) -> Quantity | None:
    """The number that states the standard, where a cell holds several; None if unclear."""
    first = usable[0]
    values = {round(q.value, 4) for q in usable}
    if len(usable) == 1 or len(values) == 1:
        return None if _is_other_limit(first, name, bare) else first
    marked = [q for q in usable if _limit(q, bare) == field_limit(name)]
    if marked:
        return marked[0]
    if _limit(first, bare) or (name == "max_height" and not first.unit):
        return None if _limit(first, bare) else first
    if _PAIR.match(bare):
        return None
    between = bare[first.end : usable[1].start]
    if re.fullmatch(r"\s*(?:-|–|—|to|through)\s*", between):
        return first if field_limit(name) == "min" else usable[1]
    if len(bare) > _LONG and not _WHICHEVER.search(bare):
        return None if usable[0].start > 12 else first
    return first


def _limit(quantity: Quantity, bare: str) -> str:
    before, after = bare[: quantity.start], bare[quantity.end :]
    if _MAX_AFTER.match(after) or _MAX_BEFORE.search(before):
        return "max"
    if _MIN_AFTER.match(after) or _MIN_BEFORE.search(before):
        return "min"
    return ""


def _is_other_limit(quantity: Quantity, name: str, bare: str) -> bool:
    """ "25 ft max" states no minimum yard."""
    limit = _limit(quantity, bare)
    return bool(limit) and limit != field_limit(name)


def _additional(
    usable: Sequence[Quantity], base: Quantity, units: Sequence[str], bare: str, note: str
) -> list[CellValue]:
    """ "10,000 sq. ft. + 2,000 for each additional unit": the second is its own field."""
    for quantity in usable:
        if quantity.start <= base.start:
            continue
        between = bare[base.end : quantity.start]
        after = bare[quantity.end : quantity.end + 40]
        if (_PLUS.search(between) or "each additional" in after) and re.search(
            r"unit|famil|dwelling", after, re.IGNORECASE
        ):
            return _value(quantity, "min_lot_area_per_additional_unit", units, {}, note)
    return []


def _value(
    quantity: Quantity, name: str, units: Sequence[str], conditions: Mapping[str, str], note: str
) -> list[CellValue]:
    if quantity.unit == "inch":
        return []
    unit = quantity.unit or _implied_unit(quantity.value, name, units)
    value = normalise(quantity.value, unit, name) if unit else None
    if value is None:
        return []
    low, high = _PLAUSIBLE.get(name, (0, 1e9))
    if not low <= value <= high and not (value == 0 and low <= 1 and name.endswith("coverage")):
        return []
    number = quantity.number_text.strip()
    return [CellValue(name, value, number, quantity.unit_text or unit, conditions, note)]


def _implied_unit(value: float, name: str, units: Sequence[str]) -> str:
    """The unit of a bare number: what the label gives, else what the field is measured in."""
    target = FIELD_UNITS[name]
    for unit in units:
        if normalise(1.0, unit, name) is not None and not _absurd(value, unit):
            return unit
    if target in ("sqft", "sqft_per_unit") and "acre" not in units and value < 400:
        return ""
    if target == "percent" and value <= 1:
        return "ratio" if value > 0 else ""
    return _DEFAULT_UNITS[target]


def _absurd(value: float, unit: str) -> bool:
    """A bare 20,000 under "acres or sq. ft." counts feet; a bare 2 there counts acres."""
    return (unit == "acre" and value > 1000) or (unit == "sqft" and value < 100)
