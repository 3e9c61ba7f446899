"""Up to four reports side by side: measure by measure, standard by standard, and where they differ."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotlot.gateway.reports.view import ReportView, view_of
from plotlot.gateway.wording import (
    GROUPS,
    condition_words,
    field_label,
    measure,
    section_words,
    source_words,
    value_words,
)

Json = Mapping[str, Any]
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of each lot, in the order of the lots: as a value, and in words that a planner reads."""

    name: str
    label: str
    values: tuple[Any, ...]
    words: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the lots differ in it, as far as it is shown."""
        return len(set(self.words)) > 1


@dataclass(frozen=True, slots=True)
class StandardRow:
    """What each lot's district states of a field; nothing where it is not stated."""

    field: str
    label: str
    standards: tuple[tuple[Json, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the lots differ in it: in values or in the cases that they are for."""
        said = {
            tuple((value_words(each), condition_words(each["conditions"])) for each in cell)
            for cell in self.standards
        }
        return len(said) > 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reports side by side; standards by kind, those that no lot's district states left out."""

    reports: tuple[Json, ...]
    views: tuple[ReportView, ...]
    rows: tuple[Row, ...]
    groups: tuple[tuple[str, tuple[StandardRow, ...]], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What each lot is called."""
        return tuple(view.title for view in self.views)


def comparison_of(reports: Sequence[Json]) -> Comparison:
    """The reports side by side, in their order."""
    views = tuple(view_of(report) for report in reports)
    return Comparison(
        reports=tuple(reports),
        views=views,
        rows=tuple(rows_of(reports, views)),
        groups=tuple(groups_of(reports)),
    )


def rows_of(reports: Sequence[Json], views: Sequence[ReportView]) -> Iterable[Row]:
    """The measures, the answer first."""
    yield Row(
        "verdict", "Verdict", tuple(each["verdict"] for each in reports), tuple(v.verdict for v in views)
    )
    units = tuple((each["yield"]["units_low"], each["yield"]["units_high"]) for each in reports)
    yield Row("units", "Units", units, tuple(view.headline for view in views))
    bound = tuple(each["yield"]["binding_constraint"] or None for each in reports)
    yield Row("binding_constraint", "What decides", bound, tuple(map(binding_words, views)))
    districts = tuple(each["district"] or None for each in reports)
    yield Row("district", "District", districts, tuple(district_words(each) for each in reports))
    for name, label, unit, digits, found in MEASURES:
        values = tuple(found(report) for report in reports)
        if any(value is not None for value in values):
            yield Row(name, label, values, tuple(measure(value, unit, digits) for value in values))


def of_lot(name: str) -> Callable[[Json], Any]:
    """A measure of the lot."""
    return lambda report: report["parcel"]["lot"][name]


def of_envelope(name: str) -> Callable[[Json], Any]:
    """A measure of the envelope; None where there is none."""
    return lambda report: (report["envelope"] or {}).get(name)


MEASURES: tuple[tuple[str, str, str, int, Callable[[Json], Any]], ...] = (
    ("lot_area_sqft", "Lot area", "sqft", 0, of_lot("area_sqft")),
    ("lot_width_ft", "Lot width", "ft", 1, of_lot("width_ft")),
    ("lot_depth_ft", "Lot depth", "ft", 1, of_lot("depth_ft")),
    ("envelope_area_sqft", "Envelope", "sqft", 0, of_envelope("area_sqft")),
    ("footprint_sqft", "Largest footprint", "sqft", 0, of_envelope("footprint_sqft")),
    ("floor_area_low_sqft", "Floor area, at least", "sqft", 0, of_envelope("floor_area_low_sqft")),
    ("floor_area_high_sqft", "Floor area, at most", "sqft", 0, of_envelope("floor_area_high_sqft")),
    ("max_height_ft", "Height", "ft", 1, of_envelope("max_height_ft")),
    ("max_stories", "Stories", "stories", 1, of_envelope("max_stories")),
)
"""Name, label, unit, digits shown, and where a report has it."""


def binding_words(view: ReportView) -> str:
    """What decides, and what would allow one more."""
    if view.binding is None:
        return "–"
    return ". ".join(filter(None, (field_label(view.binding["field"]), view.one_more)))


def district_words(report: Json) -> str:
    """A district with its name."""
    return ", ".join(filter(None, (report["district"], report["district_name"]))) or "Not known"


def groups_of(reports: Sequence[Json]) -> Iterable[tuple[str, tuple[StandardRow, ...]]]:
    """The standards by kind, in the order of a report."""
    for title, fields in GROUPS:
        rows = tuple(row for row in (standards_of(name, reports) for name in fields) if any(row.standards))
        if rows:
            yield title, rows


def standards_of(name: str, reports: Sequence[Json]) -> StandardRow:
    """What each report states of a field."""
    cells = tuple(
        tuple(
            each for each in report["standards"] if each["field"] == name and each["status"] != "not_stated"
        )
        for report in reports
    )
    return StandardRow(name, field_label(name), cells)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison under the names of the REST API."""
    return {
        "analyses": [
            {
                "id": report["id"],
                "address": report["parcel"]["address"],
                "parcel_id": report["parcel"]["id"],
                "municipality": report["municipality"],
                "district": report["district"],
            }
            for report in comparison.reports
        ],
        "measures": [
            {"name": row.name, "values": list(row.values), "words": list(row.words), "differs": row.differs}
            for row in comparison.rows
        ],
        "standards": [
            {
                "field": row.field,
                "values": [[told(each) for each in cell] for cell in row.standards],
                "differs": row.differs,
            }
            for _, rows in comparison.groups
            for row in rows
        ],
    }


def told(standard: Json) -> dict[str, Any]:
    """A standard in a comparison, with its quote."""
    citation = standard["citation"]
    return {
        "value": standard["value"],
        "unit": standard["unit"],
        "status": standard["status"],
        "conditions": standard["conditions"],
        "words": value_words(standard),
        "quote": citation["quote"] if citation else None,
        "source": f"{source_words(citation)}, {section_words(citation)}" if citation else None,
    }
