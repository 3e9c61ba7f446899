"""Dimensional standards: what a code asks of a lot, each with the quote it was read from."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What is known of a standard."""

    STATED = "stated"
    NOT_STATED = "not_stated"
    CONFLICTING = "conflicting"
    DELEGATED = "delegated"


FIELD_UNITS: Mapping[str, str] = {
    "min_lot_area": "sqft",
    "min_lot_width": "ft",
    "min_lot_depth": "ft",
    "min_lot_area_per_unit": "sqft_per_unit",
    "min_lot_area_per_additional_unit": "sqft_per_unit",
    "max_density": "units_per_acre",
    "max_units_per_lot": "units",
    "front_setback": "ft",
    "side_setback": "ft",
    "side_setback_total": "ft",
    "street_side_setback": "ft",
    "rear_setback": "ft",
    "max_height": "ft",
    "max_stories": "stories",
    "max_lot_coverage": "percent",
    "max_impervious": "percent",
    "max_far": "ratio",
    "min_open_space": "percent",
    "min_unit_area": "sqft",
    "parking_per_unit": "spaces_per_unit",
}
"""Every field and the unit its value is normalised to."""

FIELDS = tuple(FIELD_UNITS)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a value was read: ``quote`` equals the document's text from ``start`` to ``end``.

    ``document_title`` is what a reader would call the code; empty until it is known. So are
    ``effective_date``, the day from which it says that it is in force, and ``retrieved_at`` (RFC 3339). ``anchor`` is
    what the publisher finds the section by: the address where it shows it, or an id; empty where that is not known.
    """

    document: str
    document_sha256: str
    section: str
    page: int | None
    start: int
    end: int
    quote: str
    document_title: str = ""
    effective_date: str = ""
    retrieved_at: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A value that depends on the lot: ``percent`` of ``of``, bounded, in feet."""

    percent: float
    of: str
    minimum: float | None = None
    maximum: float | None = None

    def evaluate(self, measures: Mapping[str, float]) -> float | None:
        """The value in feet on a lot with these measures, or None where the measure is unknown."""
        base = measures.get(self.of)
        if base is None:
            return None
        value = base * self.percent / 100
        if self.maximum is not None:
            value = min(value, self.maximum)
        if self.minimum is not None:
            value = max(value, self.minimum)
        return value


@dataclass(frozen=True, slots=True)
class Standard:
    """One standard of a district under stated conditions; ``value`` is in the field's own unit."""

    field: str
    status: Status
    value: float | None
    unit: str
    citation: Citation | None
    engine: str
    confidence: float
    conditions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    quoted_value: str = ""
    quoted_unit: str = ""
    formula: Formula | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class District:
    """A zoning district that a code defines; ``code`` is written as the code writes it."""

    code: str
    name: str = ""
    document: str = ""
    start: int = 0


def not_stated(name: str, engine: str) -> Standard:
    """What stands for a field that a code says nothing about."""
    return Standard(name, Status.NOT_STATED, None, FIELD_UNITS[name], None, engine, 0.7)


def least_conditioned(standards: Iterable[Standard], name: str) -> Standard | None:
    """The standard of a field that depends on least, the most confident first among equals."""
    found = [standard for standard in standards if standard.field == name]
    return min(found, key=lambda s: (len(s.conditions), -s.confidence), default=None)


def plain(record: Citation | Formula | None) -> dict[str, object] | None:
    """A record of plain values by their names; ``asdict`` would copy each value."""
    return {name: getattr(record, name) for name in record.__slots__} if record else None


def standard_json(standard: Standard) -> dict[str, object]:
    """A standard as plain JSON values, under the names of the REST API."""
    return {
        "field": standard.field,
        "status": standard.status.value,
        "value": standard.value,
        "unit": standard.unit,
        "conditions": dict(standard.conditions),
        "confidence": round(standard.confidence, 3),
        "engine": standard.engine,
        "citation": plain(standard.citation),
        "quoted_value": standard.quoted_value,
        "quoted_unit": standard.quoted_unit,
        "formula": plain(standard.formula),
        "note": standard.note,
    }
