"""A report as its page shows it: what decides, and the standards in order, each with its use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotlot.domain.edges import FRONT, REAR, SIDE, STREET_SIDE
from plotlot.domain.lots import number_of
from plotlot.gateway.feedback.store import FIGURES, figure_in
from plotlot.gateway.reports.facts import Fact, facts_of
from plotlot.gateway.wording import GROUPS, VERDICT_WORDS, field_label, one_more_words, unit_count

Json = Mapping[str, Any]

NEXT_LIMITS = 3
STAGES = ("parcel", "standards", "envelope", "yield", "report")
OF_LOT = tuple(name for name in FIGURES if name != "units")
EDGE_ORDER = (FRONT, STREET_SIDE, SIDE, REAR)
STATED_MEASURES = ("lot_area_sqft", "lot_width_ft", "lot_depth_ft")
BINDING_TITLES: Mapping[str, str] = {"not_buildable": "What stops it", "unknown": "What leaves it open"}


@dataclass(frozen=True, slots=True)
class Group:
    """Standards of one kind: those that say something, and the names of those not stated."""

    title: str
    standards: tuple[Json, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the page needs beside the report itself."""

    title: str
    headline: str
    verdict: str
    binding: Json | None
    binding_title: str
    binding_standards: tuple[Json, ...]
    one_more: str
    lower: Json | None
    next_limits: tuple[Json, ...]
    constraints: tuple[Json, ...]
    groups: tuple[Group, ...]
    used: frozenset[int]
    yards_known: bool
    facts: tuple[tuple[str, str], ...]
    taken: tuple[tuple[str, tuple[Fact, ...]], ...]
    stated: tuple[Fact, ...]
    setbacks: tuple[Json, ...]
    timings: tuple[tuple[str, float], ...]
    places: Mapping[int, int]
    figures: tuple[str, ...]
    behind: Mapping[str, int]

    @property
    def caption(self) -> str:
        """What the drawing shows."""
        if any(fact.name == "lot_area_sqft" for fact in self.stated):
            return "The outline of the lot, to scale; its area counts as it is stated."
        if self.yards_known:
            return "The lot and what its setbacks leave to build on, to scale."
        return "The lot to scale. Its setbacks are not known."

    def place(self, standard: Json) -> int:
        """Where a standard stands in the report's list, from 0."""
        return self.places[id(standard)]

    def uses(self, standard: Json) -> bool:
        """Whether the answer rests on this standard of the report."""
        return id(standard) in self.used


def view_of(report: Json, typed: Mapping[str, str] | None = None) -> ReportView:
    """What decides a report, its standards by kind, and its facts with what was ``typed`` over them."""
    taken = facts_of(report, typed)
    units, verdict = report["yield"], report["verdict"]
    constraints = tuple(sorted(units["constraints"], key=_order))
    binding = next((each for each in constraints if each["binding"]), None)
    open_count = verdict == "buildable" and binding is not None and binding["units_high"] is None
    standards = report["standards"]
    return ReportView(
        title=report["parcel"]["address"] or f"Parcel {report['parcel']['id']}",
        headline=unit_count(units["units_low"], None) if open_count else headline(units, verdict),
        verdict=VERDICT_WORDS.get(verdict, verdict),
        binding=binding,
        binding_title=BINDING_TITLES.get("unknown" if open_count else verdict, "What decides"),
        binding_standards=_matching(standards, binding["standards"] if binding else ()),
        one_more=one_more_words(binding, verdict) if binding else "",
        lower=lower_limit(units, constraints, binding),
        next_limits=tuple(each for each in constraints if _limits(each) and not each["binding"])[
            :NEXT_LIMITS
        ],
        constraints=constraints,
        groups=groups_of(standards),
        used=frozenset(
            id(found) for each in constraints for found in _matching(standards, each["standards"])
        ),
        yards_known=any(
            yard["distance_ft"] is not None for yard in (report["envelope"] or {}).get("setbacks", ())
        ),
        facts=_facts(report["parcel"]),
        taken=taken,
        stated=tuple(fact for _, group in taken for fact in group if fact.stated),
        setbacks=tuple(sorted((report["envelope"] or {}).get("setbacks", ()), key=_edge_order)),
        timings=tuple(
            (stage, report["timings_ms"][stage]) for stage in STAGES if stage in report.get("timings_ms", {})
        ),
        places={id(standard): place for place, standard in enumerate(standards)},
        figures=tuple(name for name in OF_LOT if figure_in(report, name) is not None),
        behind=_behind(constraints, standards),
    )


def lower_limit(units: Json, constraints: Sequence[Json], binding: Json | None) -> Json | None:
    """The constraint that sets the lower figure, where that is not the one that decides."""
    low = units["units_low"]
    if binding is None or low == units["units_high"] or binding["units_low"] == low:
        return None
    return next((each for each in constraints if each["units_low"] == low and not each["informative"]), None)


def _edge_order(yard: Json) -> int:
    """Lot lines from the front backwards."""
    return EDGE_ORDER.index(yard["edge"])


def _facts(parcel: Json) -> tuple[tuple[str, str], ...]:
    """What the source says of a parcel beside what the page shows anyway."""
    shown = {parcel["id"], parcel["address"], parcel["district"], ""}
    facts = [(name, value) for name, value in parcel["properties"].items() if value not in shown]
    return tuple(
        (f"{_words(name)}, as the source states" if name in STATED_MEASURES else _words(name), value)
        for name, value in facts
        if not _is_measured(parcel["lot"], name, value)
    )


def _is_measured(lot: Json, name: str, value: str) -> bool:
    """Whether a stated measure says no more than the one that is shown."""
    if name not in STATED_MEASURES:
        return False
    measured, stated = lot[name.removeprefix("lot_")], number_of({name: value}, name)
    return measured is not None and stated is not None and abs(measured - stated) < 0.05


def headline(units: Json, verdict: str) -> str:
    """The answer in a few words."""
    if verdict == "not_buildable":
        return "No units"
    if verdict == "unknown" and units["units_high"] is None:
        return "Not known"
    return unit_count(units["units_low"], units["units_high"])


def groups_of(standards: Sequence[Json]) -> tuple[Group, ...]:
    """Standards by kind, each field's least conditioned first."""
    found = []
    for title, fields in GROUPS:
        inside = [each for name in fields for each in standards if each["field"] == name]
        stated = tuple(each for each in inside if each["status"] != "not_stated")
        named = {each["field"] for each in stated}
        missing = tuple(
            dict.fromkeys(field_label(each["field"]) for each in inside if each["field"] not in named)
        )
        found.append(Group(title, stated, missing))
    return tuple(group for group in found if group.standards or group.missing)


def _limits(constraint: Json) -> bool:
    return constraint["units_high"] is not None and not constraint["informative"]


def _order(constraint: Json) -> tuple[bool, bool, float]:
    """The binding constraint first, those that only inform last, tighter ones before others."""
    high = constraint["units_high"]
    return (not constraint["binding"], constraint["informative"], float("inf") if high is None else high)


def _behind(constraints: Sequence[Json], standards: Sequence[Json]) -> dict[str, int]:
    """Where the first standard stands that each constraint rests on, by the constraint's field."""
    places = {id(standard): place for place, standard in enumerate(standards)}
    found = {each["field"]: _matching(standards, each["standards"]) for each in constraints}
    return {field: places[id(matching[0])] for field, matching in found.items() if matching}


def _matching(standards: Sequence[Json], wanted: Sequence[Json]) -> tuple[Json, ...]:
    """The report's standards that a constraint rests on."""
    keys = {_key(each, each["quote"]) for each in wanted}
    return tuple(
        each
        for each in standards
        if _key(each, each["citation"]["quote"] if each["citation"] else "") in keys
    )


def _key(standard: Json, quote: str) -> tuple[Any, ...]:
    conditions = tuple(sorted(standard["conditions"].items()))
    return (standard["field"], standard["value"], conditions, quote)


def _words(name: str) -> str:
    return name.replace("_", " ").removesuffix(" ft").removesuffix(" sqft").capitalize()
