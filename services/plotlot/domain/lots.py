"""A parcel as a lot: its measures, and its edges as front, side, street side and rear.

Coordinates are feet, x eastward and y northward. What the source does not say is assumed aloud.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shapely.geometry import Polygon

from plotlot.domain.edges import (
    EDGE_KINDS,
    FRONT,
    REAR,
    SIDE,
    STREET_SIDE,
    XY,
    Edge,
    logical_edges,
    turn_between,
    unit_vector,
)
from plotlot.domain.errors import InvalidParcel
from plotlot.domain.fronts import fronts_by_bearings, fronts_by_shape, fronts_by_streets
from plotlot.domain.lot_lines import (
    body_edges,
    chord_of,
    depth_of,
    front_middle,
    point_along,
    point_rear_line,
    pole_of,
    primary_bearing,
    with_corner_curves,
    with_rear,
    without_pole,
)
from plotlot.domain.outlines import Outline, Street, outline_of, streets_of
from plotlot.domain.parcels import Parcel

SMALLEST_FT, LARGEST_FT = 1.0, 400_000.0  # the largest is about a degree, as for boundaries

__all__ = ["EDGE_KINDS", "FRONT", "REAR", "SIDE", "STREET_SIDE", "Edge", "Lot", "lot_of"]


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot in feet. ``body`` is the outline without the pole of a flag lot; edges are the body's.

    ``kind`` is interior, corner, through or flag. ``rear_line`` stands in for the rear lot line
    where sides meet in a point: a line of ten feet, parallel to the front, as far back as it fits.
    ``street_lines`` are the lot lines on a street; of a flag lot, the end of the pole.
    """

    outline: Polygon
    body: Polygon
    edges: tuple[Edge, ...]
    kind: str
    area_sqft: float
    depth_ft: float
    frontage_ft: float
    front_bearing: float
    street_lines: tuple[Edge, ...] = ()
    rear_line: tuple[XY, XY] | None = None
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> tuple[Edge, ...]:
        """The edges of one kind."""
        return tuple(edge for edge in self.edges if edge.kind == kind)

    def width_at(self, front_setback_ft: float | None) -> float:
        """Width in feet along a line parallel to the front, the setback behind it.

        Without a setback, the mean width: the area of the body over its depth.
        """
        if front_setback_ft is None:
            return self.body.area / self.depth_ft
        inward = unit_vector(self.front_bearing + 180)
        start = front_middle(self.edges, self.front_bearing)
        building_line = point_along(start, inward, max(front_setback_ft, 0.01))
        cut = chord_of(self.body, building_line, self.front_bearing)
        return 0.0 if cut is None else float(cut.length)


def lot_of(parcel: Parcel) -> Lot | None:
    """The lot of a parcel, or None where it has neither a boundary nor a width and a depth."""
    if parcel.geometry is None:
        return _lot_of_measures(parcel)
    outline = outline_of(parcel.geometry)
    streets = streets_of(parcel.frontage, outline)
    lot = lot_of_outline(outline, streets, parcel.address, parcel.properties)
    stated = number_of(parcel.properties, "lot_area_sqft")
    if stated and abs(stated - lot.area_sqft) > 0.03 * lot.area_sqft:
        warning = (
            f"the source states {stated:,.0f} sqft, the boundary measures {lot.area_sqft:,.0f} sqft; "
            "the boundary is used"
        )
        return replace(lot, warnings=(*lot.warnings, warning))
    return lot


def lot_of_outline(
    outline: Outline,
    streets: Sequence[Street] = (),
    address: str = "",
    properties: Mapping[str, str] | None = None,
) -> Lot:
    """Classify the edges of an outline by its streets, by what the source says, or by its shape."""
    polygon = outline.polygon
    plain = [Edge(SIDE, points) for points in logical_edges(polygon)]
    assumptions: list[str] = []
    fronted = fronts_by_streets(plain, streets, polygon, address, assumptions)
    fronted = fronted or fronts_by_bearings(plain, properties or {}, assumptions)
    fronted = fronted or fronts_by_shape(plain, polygon, assumptions)
    fronts = [edge for edge in fronted if edge.kind == FRONT]
    primary = primary_bearing(fronts)
    frontage = sum(e.length_ft for e in fronts if turn_between(e.bearing, primary) < 90)
    street_edges = {edge.kind for edge in fronted}
    kind = "corner" if STREET_SIDE in street_edges else "interior"
    if any(turn_between(edge.bearing, primary) > 135 for edge in fronts):
        kind = "through"
        assumptions.append("the lot runs through to a second street; a front yard is kept at both")
    body = polygon
    if kind == "interior" and (pole := pole_of(polygon, fronts, primary)) is not None:
        street_lines = tuple(fronts)
        kind, body = "flag", without_pole(polygon, pole)
        fronted = body_edges(body, pole, primary)
        assumptions.append(
            f"flag lot: the pole of {pole.area:,.0f} sqft counts in the lot area, and the front yard "
            "and the width are measured where the pole meets the body of the lot"
        )
    fronted = with_corner_curves(fronted)
    if kind != "flag":
        street_lines = tuple(edge for edge in fronted if edge.kind != SIDE)
    edges = fronted if kind == "through" else with_rear(fronted, primary)
    rear_line = None
    if kind != "through" and not any(edge.kind == REAR for edge in edges):
        rear_line = point_rear_line(body, primary)
        assumptions.append(
            "no edge lies opposite the front: the rear lot line is a line of ten feet parallel to "
            "the front, as far from it as it fits in the lot"
        )
    return Lot(
        outline=polygon,
        body=body,
        edges=tuple(edges),
        kind=kind,
        area_sqft=polygon.area,
        depth_ft=depth_of(edges, rear_line, primary, body),
        frontage_ft=frontage,
        front_bearing=primary,
        street_lines=street_lines,
        rear_line=rear_line,
        assumptions=tuple(assumptions),
        warnings=outline.warnings,
    )


def number_of(properties: Mapping[str, str], name: str) -> float | None:
    """A positive number among a parcel's properties, or None."""
    try:
        value = float(str(properties.get(name, "")).replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _lot_of_measures(parcel: Parcel) -> Lot | None:
    width = number_of(parcel.properties, "lot_width_ft")
    depth = number_of(parcel.properties, "lot_depth_ft")
    if width is None or depth is None:
        return None
    for name, size in (("lot_width_ft", width), ("lot_depth_ft", depth)):
        if not SMALLEST_FT <= size <= LARGEST_FT:
            raise InvalidParcel(
                f"{name}: {size:g} ft is the size of no lot; give feet, from {SMALLEST_FT:g} to {LARGEST_FT:,g}",
                field=name,
            )
    assumed = f"the source gives no boundary: a rectangle of {width:g} by {depth:g} ft is assumed"
    return replace(rectangle_lot(width, depth), assumptions=(assumed,))


def rectangle_lot(width_ft: float, depth_ft: float, corner: bool = False) -> Lot:
    """A rectangle with its front to the south; of a corner, the second street lies to the east."""
    rectangle = Polygon([(0, 0), (width_ft, 0), (width_ft, depth_ft), (0, depth_ft)])
    bearings = {"front_bearing": "180", **({"street_side_bearing": "90"} if corner else {})}
    return replace(lot_of_outline(Outline(rectangle, 0.0, 0.0), properties=bearings), assumptions=())
