"""What a reader states of a lot where its source says something else, or nothing; an answer by it says so."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from plotlot.domain.constraints import Assumptions
from plotlot.domain.edges import FRONT, REAR, SIDE, STREET_SIDE, Edge, compass, turn_between
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.lots import LARGEST_FT, SMALLEST_FT, Lot, number_of, rectangle_lot
from plotlot.domain.parcels import Parcel
from plotlot.domain.texts import LONGEST_NAME

FEET, AREA = (SMALLEST_FT, LARGEST_FT), (1.0, 1e10)
NUMBERS: Mapping[str, tuple[float, float]] = {
    "lot_area_sqft": AREA,
    "lot_width_ft": FEET,
    "lot_depth_ft": FEET,
    "frontage_ft": FEET,
    "unit_area_low_sqft": (50.0, 100_000.0),
    "unit_area_high_sqft": (50.0, 100_000.0),
    "parking_space_sqft": (50.0, 10_000.0),
}
"""The least and the most that each may be."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "lot_kind": ("interior", "corner"),
    "use": ("one_family", "two_family", "three_family", "four_family", "multi_family", "townhouse"),
    "sewer": ("public", "none"),
    "water": ("public", "none"),
}


@dataclass(frozen=True, slots=True)
class StatedFacts:
    """Facts of a lot, and what to assume of units, as a reader states them; None is what the source says.

    ``unit_area_low_sqft``, ``unit_area_high_sqft`` and ``parking_space_sqft`` count where the code gives none.
    Raises InvalidRequest, which names the fact.
    """

    lot_area_sqft: float | None = None
    lot_width_ft: float | None = None
    lot_depth_ft: float | None = None
    frontage_ft: float | None = None
    lot_kind: str | None = None
    district: str | None = None
    use: str | None = None
    sewer: str | None = None
    water: str | None = None
    overlay: str | None = None
    unit_area_low_sqft: float | None = None
    unit_area_high_sqft: float | None = None
    parking_space_sqft: float | None = None

    def __post_init__(self) -> None:
        for name, (least, most) in NUMBERS.items():
            number = getattr(self, name)
            if number is not None and not (math.isfinite(number) and least <= number <= most):
                raise refusal(name, f"a number from {least:,g} to {most:,g}")
        for name, known in CHOICES.items():
            if getattr(self, name) not in (None, *known):
                raise refusal(name, f"one of {', '.join(known)}")
        for name in ("district", "overlay"):
            text = getattr(self, name)
            if text is not None and not 0 < len(text.strip()) <= LONGEST_NAME:
                raise refusal(name, f"a name of at most {LONGEST_NAME} characters")
        asked = self.assumptions
        if asked.unit_area_low_sqft > asked.unit_area_high_sqft:
            raise refusal("unit_area_high_sqft", f"at least {asked.unit_area_low_sqft:,g}")

    @property
    def given(self) -> dict[str, float | str]:
        """Those that are stated, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def assumptions(self) -> Assumptions:
        """What is assumed of units where the code is silent."""
        plain = Assumptions()
        return Assumptions(
            self.unit_area_low_sqft or plain.unit_area_low_sqft,
            self.unit_area_high_sqft or plain.unit_area_high_sqft,
            self.parking_space_sqft or plain.parking_space_sqft,
        )


NAMES = tuple(each.name for each in fields(StatedFacts))


def refusal(name: str, expected: str) -> InvalidRequest:
    """The error for a fact that cannot be taken."""
    return InvalidRequest(f"facts.{name}: it has to be {expected}", field=f"facts.{name}", expected=expected)


def facts_in(texts: Mapping[str, str]) -> StatedFacts:
    """The facts that were typed; an empty text states nothing. Raises InvalidRequest."""
    found: dict[str, float | str] = {}
    for name, text in texts.items():
        typed = text.strip()
        if not typed:
            continue
        found[name] = number_in(name, typed) if name in NUMBERS else typed
    return StatedFacts(**found)  # type: ignore[arg-type]


def number_in(name: str, typed: str) -> float:
    """A number as people write it, e.g. ``12,000``. Raises InvalidRequest."""
    try:
        return float(typed.replace(",", "").replace(" ", ""))
    except ValueError:
        least, most = NUMBERS[name]
        raise refusal(name, f"a number from {least:,g} to {most:,g}") from None


def parcel_as_stated(parcel: Parcel, stated: StatedFacts) -> Parcel:
    """The parcel with the district and the services that a reader states; without a boundary, with the sizes too."""
    said: dict[str, str | None] = {name: getattr(stated, name) for name in ("sewer", "water", "overlay")}
    if parcel.geometry is None:
        sizes = {name: getattr(stated, name) for name in ("lot_area_sqft", "lot_width_ft", "lot_depth_ft")}
        if not number_of(parcel.properties, "lot_width_ft"):
            sizes["lot_width_ft"] = stated.lot_width_ft or stated.frontage_ft
        said |= {name: f"{value!r}" for name, value in sizes.items() if value}
    properties = {**parcel.properties, **{name: value for name, value in said.items() if value}}
    return replace(parcel, district=stated.district or parcel.district, properties=properties)


def lot_as_stated(lot: Lot | None, stated: StatedFacts) -> Lot | None:
    """The lot with the sizes and of the kind that a reader states; what that takes is among its assumptions.

    A stated width or depth makes it a rectangle: a boundary of another size is no boundary of this lot.
    """
    if lot is None:
        return None
    notes: list[str] = []
    lot = _resized(lot, stated, notes)
    if stated.lot_kind and stated.lot_kind != lot.kind:
        lot = _as_corner(lot, notes) if stated.lot_kind == "corner" else _as_interior(lot)
    frontage = stated.frontage_ft or lot.frontage_ft
    return replace(lot, frontage_ft=frontage, assumptions=(*lot.assumptions, *notes))


def _resized(lot: Lot, stated: StatedFacts, notes: list[str]) -> Lot:
    if stated.lot_width_ft or stated.lot_depth_ft:
        width, depth = stated.lot_width_ft or lot.width_at(None), stated.lot_depth_ft or lot.depth_ft
        lot = rectangle_lot(width, depth, corner=(stated.lot_kind or lot.kind) == "corner")
        shown = f"{width:,.1f} by {depth:,.1f} ft"
        notes.append(f"the lot is taken as a rectangle of {shown}, for its sizes are stated")
    area = stated.lot_area_sqft
    if area is None:
        return lot
    if abs(area - lot.area_sqft) > 0.03 * lot.area_sqft:
        outline = f"an outline of {lot.area_sqft:,.0f} sqft"
        notes.append(f"the stated area of {area:,.0f} sqft counts, and the yards are drawn in {outline}")
    return replace(lot, area_sqft=area)


def _as_corner(lot: Lot, notes: list[str]) -> Lot:
    """The lot with its longest side on a second street."""
    sides = lot.of_kind(SIDE)
    if not sides:
        return replace(lot, kind="corner")
    street = max(sides, key=lambda edge: edge.length_ft)
    notes.append(f"the side that faces {compass(street.bearing)} is taken as the one on the second street")
    edges = tuple(replace(edge, kind=STREET_SIDE) if edge is street else edge for edge in lot.edges)
    return replace(lot, kind="corner", edges=edges, street_lines=_on_streets(edges))


def _as_interior(lot: Lot) -> Lot:
    """The lot with a street along its front alone."""

    def kind(edge: Edge) -> str:
        if edge.kind == FRONT and turn_between(edge.bearing, lot.front_bearing) > 90:
            return REAR
        return SIDE if edge.kind == STREET_SIDE else edge.kind

    edges = tuple(replace(edge, kind=kind(edge)) for edge in lot.edges)
    streets = lot.street_lines if lot.kind == "flag" else _on_streets(edges)
    return replace(lot, kind="interior", edges=edges, street_lines=streets)


def _on_streets(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    return tuple(edge for edge in edges if edge.kind in (FRONT, STREET_SIDE))
