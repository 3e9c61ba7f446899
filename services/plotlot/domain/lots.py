"""A parcel as a lot: its measures, and its edges as front, side, street side and rear.

Coordinates are feet, x eastward and y northward. What the source does not say is assumed aloud.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from plotlot.domain.addresses import parse_address
from plotlot.domain.edges import (
    EDGE_KINDS,
    FRONT,
    REAR,
    SIDE,
    STREET_SIDE,
    XY,
    Edge,
    bearing_of,
    logical_edges,
    mean_bearing,
    turn_between,
)
from plotlot.domain.errors import InvalidParcel
from plotlot.domain.outlines import Outline, Street, outline_of, polygons_of, ring_points, streets_of
from plotlot.domain.parcels import Parcel

__all__ = ["EDGE_KINDS", "FRONT", "REAR", "SIDE", "STREET_SIDE", "Edge", "Lot", "lot_of"]

_REACH_FT = 120.0
_PARALLEL_DEGREES = 40.0
_FACING_DEGREES = 50.0
_POLE_WIDEST_FT = 50.0
_POLE_SHORTEST_FT = 30.0
_POINT_REAR_FT = 10.0
COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


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
        inward = _unit(self.front_bearing + 180)
        start = _front_middle(self.edges, self.front_bearing)
        building_line = _along(start, inward, max(front_setback_ft, 0.01))
        cut = _chord(self.body, building_line, self.front_bearing)
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
    fronted = _by_streets(plain, streets, polygon, address, assumptions)
    fronted = fronted or _by_bearings(plain, properties or {}, assumptions)
    fronted = fronted or _by_shape(plain, polygon, assumptions)
    fronts = [edge for edge in fronted if edge.kind == FRONT]
    primary = _primary_bearing(fronts)
    frontage = sum(e.length_ft for e in fronts if turn_between(e.bearing, primary) < 90)
    street_edges = {edge.kind for edge in fronted}
    kind = "corner" if STREET_SIDE in street_edges else "interior"
    if any(turn_between(edge.bearing, primary) > 135 for edge in fronts):
        kind = "through"
        assumptions.append("the lot runs through to a second street; a front yard is kept at both")
    body = polygon
    if kind == "interior" and (pole := _pole(polygon, fronts, primary)) is not None:
        street_lines = tuple(fronts)
        kind, body = "flag", _without(polygon, pole)
        fronted = _body_edges(body, pole, primary)
        assumptions.append(
            f"flag lot: the pole of {pole.area:,.0f} sqft counts in the lot area, and the front yard "
            "and the width are measured where the pole meets the body of the lot"
        )
    fronted = _with_corner_curves(fronted)
    if kind != "flag":
        street_lines = tuple(edge for edge in fronted if edge.kind != SIDE)
    edges = fronted if kind == "through" else _with_rear(fronted, primary)
    rear_line = None
    if kind != "through" and not any(edge.kind == REAR for edge in edges):
        rear_line = _rear_line(body, primary)
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
        depth_ft=_depth(edges, rear_line, primary, body),
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


def compass(bearing: float) -> str:
    """The nearest of eight compass points, e.g. ``southeast``."""
    return COMPASS[round(bearing / 45) % 8]


def _lot_of_measures(parcel: Parcel) -> Lot | None:
    width = number_of(parcel.properties, "lot_width_ft")
    depth = number_of(parcel.properties, "lot_depth_ft")
    if width is None or depth is None:
        return None
    rectangle = Polygon([(0, 0), (width, 0), (width, depth), (0, depth)])
    lot = lot_of_outline(Outline(rectangle, 0.0, 0.0), properties={"front_bearing": "180"})
    assumed = f"the source gives no boundary: a rectangle of {width:g} by {depth:g} ft is assumed"
    return replace(lot, assumptions=(assumed,))


def _by_streets(
    edges: list[Edge],
    streets: Sequence[Street],
    polygon: Polygon,
    address: str,
    assumptions: list[str],
) -> list[Edge] | None:
    """Edges along a street become fronts and street sides; None where no edge lies along one."""
    along: dict[int, str] = {}
    for street in streets:
        found = _edges_along(edges, street, polygon, parallel=True)
        if not found and len(streets) == 1:
            found = _edges_along(edges, street, polygon, parallel=False)[:1]
        along |= {index: street.name for index in found if index not in along}
    if not along:
        return None
    groups = _groups([(index, edges[index], name) for index, name in sorted(along.items())])
    first = _primary_group(groups, edges, along, address, assumptions)
    faced = mean_bearing([edges[index] for index in first])
    result = list(edges)
    for group in groups:
        angle = turn_between(mean_bearing([edges[index] for index in group]), faced)
        kind = FRONT if group is first or angle > 135 else STREET_SIDE
        for index in group:
            result[index] = replace(edges[index], kind=kind, street=along[index])
    return result


def _edges_along(edges: Sequence[Edge], street: Street, polygon: Polygon, parallel: bool) -> list[int]:
    """The edges that look at a street with nothing of the lot between, nearest first."""
    seen = []
    for index, edge in enumerate(edges):
        looks = [
            distance
            for share in (0.25, 0.5, 0.75)
            if (distance := _look(edge, share, street.line, polygon, parallel)) is not None
        ]
        if len(looks) >= 2:
            seen.append((min(looks), index))
    seen.sort()
    return [index for distance, index in seen if distance <= seen[0][0] * 1.5 + 15]


def _look(edge: Edge, share: float, street: LineString, polygon: Polygon, parallel: bool) -> float | None:
    """The distance from a point of an edge to a street that lies outside and unblocked."""
    point = edge.line.interpolate(share, normalized=True)
    place = street.project(point)
    target = street.interpolate(place)
    distance = float(point.distance(target))
    if distance > _REACH_FT:
        return None
    outward = edge.outward
    reach = (target.x - point.x) * outward[0] + (target.y - point.y) * outward[1]
    if distance > 1 and reach < 0.5 * distance:
        return None
    sight = LineString([(point.x, point.y), (target.x, target.y)])
    if distance > 1 and sight.intersection(polygon).length > 0.5 + 0.02 * distance:
        return None
    if parallel:
        a, b = street.interpolate(max(place - 1, 0)), street.interpolate(place + 1)
        heading = bearing_of((b.x - a.x, b.y - a.y))
        across = turn_between(heading, edge.bearing)
        if abs(across - 90) > _PARALLEL_DEGREES:
            return None
    return distance


def _groups(along: Sequence[tuple[int, Edge, str]]) -> list[list[int]]:
    """Street edges by street name where both have one, otherwise by the way they face."""
    groups: list[list[tuple[int, Edge, str]]] = []
    for item in along:
        for group in groups:
            facing = mean_bearing([each for _, each, _ in group])
            if group[0][2] == item[2] and turn_between(facing, item[1].bearing) <= _FACING_DEGREES:
                group.append(item)
                break
        else:
            groups.append([item])
    return [[index for index, _, _ in group] for group in groups]


def _primary_group(
    groups: list[list[int]],
    edges: Sequence[Edge],
    along: Mapping[int, str],
    address: str,
    assumptions: list[str],
) -> list[int]:
    """The front among several streets: that of the address, otherwise the shortest."""
    if len(groups) == 1:
        return groups[0]
    wanted = parse_address(address).street
    for group in groups:
        name = parse_address(along[group[0]]).street
        if wanted and name == wanted:
            assumptions.append(f"front taken to be {along[group[0]]}, the street of the address")
            return group
    shortest = min(groups, key=lambda group: round(sum(edges[i].length_ft for i in group), 1))
    facing = compass(mean_bearing([edges[index] for index in shortest]))
    assumptions.append(f"front assumed to be the shorter street line, facing {facing}")
    return shortest


def _by_bearings(
    edges: list[Edge], properties: Mapping[str, str], assumptions: list[str]
) -> list[Edge] | None:
    """Edges that face the bearings the source states; None where it states none."""
    faces = {
        FRONT: _bearing_property(properties, "front_bearing"),
        STREET_SIDE: _bearing_property(properties, "street_side_bearing"),
    }
    front = faces[FRONT]
    if front is None:
        return None
    result = list(edges)
    for kind, bearing in faces.items():
        if bearing is not None:
            for index in _facing(edges, bearing):
                result[index] = replace(edges[index], kind=kind)
    assumptions.append(f"front taken to face {compass(front)}, as the source states")
    return result


def _bearing_property(properties: Mapping[str, str], name: str) -> float | None:
    text = str(properties.get(name, "")).strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidParcel(
            f"{name} {text!r} is not a compass bearing in degrees; write 0 for north, 90 for east",
            field=name,
        )
    return value % 360


def _by_shape(edges: list[Edge], polygon: Polygon, assumptions: list[str]) -> list[Edge]:
    """Lots are mostly deeper than wide and narrowest at the street; of equal ends, the southern."""
    box = polygon.minimum_rotated_rectangle
    corners = ring_points(polygons_of(box)[0].exterior)
    sides = sorted(
        (round(math.dist(a, b), 1), bearing_of((b[1] - a[1], a[0] - b[0])))
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
    )
    widths = {end: sum(edges[i].length_ft for i in _facing(edges, end)) for _, end in sides}
    square = sides[0][0] > 0.95 * sides[-1][0]
    ends = [bearing for _, bearing in (sides if square else sides[:2])]
    pointed = [end for end in widths if widths[end] <= 0.6 * _across(widths, end)]
    best = pointed or [end for end in ends if widths[end] <= 1.25 * min(widths[each] for each in ends)]
    front = min(best, key=lambda bearing: (round(turn_between(bearing, 180)), bearing))
    assumptions.append(f"front assumed to be the edge facing {compass(front)}: the parcel names no street")
    result = list(edges)
    for index in _facing(edges, front):
        result[index] = replace(edges[index], kind=FRONT)
    return result


def _across(widths: Mapping[float, float], end: float) -> float:
    """The width of the end opposite to one."""
    return widths[max(widths, key=lambda other: turn_between(other, end))]


def _facing(edges: Sequence[Edge], bearing: float) -> list[int]:
    """The edge farthest out among those that face a bearing, with its like-facing neighbours."""
    toward = _unit(bearing)
    near = min(turn_between(edge.bearing, bearing) for edge in edges)
    facing = [i for i, e in enumerate(edges) if turn_between(e.bearing, bearing) <= max(45.0, near)]
    best = max(
        facing,
        key=lambda i: (
            round(edges[i].middle[0] * toward[0] + edges[i].middle[1] * toward[1], 1),
            edges[i].length_ft,
        ),
    )
    chosen = {best}
    for step in (1, -1):
        index = (best + step) % len(edges)
        while index in facing and index not in chosen:
            chosen.add(index)
            index = (index + step) % len(edges)
    return sorted(chosen)


def _primary_bearing(fronts: Sequence[Edge]) -> float:
    """The way the front faces; of a through lot, the shorter front's."""
    longest = max(fronts, key=lambda edge: edge.length_ft)
    one = [edge for edge in fronts if turn_between(edge.bearing, longest.bearing) <= 90]
    other = [edge for edge in fronts if turn_between(edge.bearing, longest.bearing) > 90]
    return mean_bearing(other or one)


def _pole(polygon: Polygon, fronts: Sequence[Edge], bearing: float) -> Polygon | None:
    """The pole of a flag lot: the part at the street too narrow and too long to be a yard."""
    width = sum(edge.length_ft for edge in fronts)
    if width > _POLE_WIDEST_FT:
        return None
    radius = width / 2 + 1
    core = polygon.buffer(-radius, join_style="mitre").buffer(radius + 0.01, join_style="mitre")
    if core.is_empty or core.area < 0.4 * polygon.area:
        return None
    street = MultiLineString([edge.points for edge in fronts])
    for part in polygons_of(polygon.difference(core)):
        if part.distance(street) < 0.5 and part.area >= 0.8 * width * _POLE_SHORTEST_FT:
            return part
    return None


def _without(polygon: Polygon, pole: Polygon) -> Polygon:
    """The body of a flag lot; what rounding leaves along the pole is worn away."""
    rest = polygon.difference(pole).buffer(-0.1, join_style="mitre")
    return orient(_largest(rest.buffer(0.1, join_style="mitre")))


def _body_edges(body: Polygon, pole: Polygon, bearing: float) -> list[Edge]:
    """The edges of a flag lot's body; those at the pole that face its street are the front."""
    edges = [Edge(SIDE, points) for points in logical_edges(body)]
    at_pole = [
        index
        for index, edge in enumerate(edges)
        if edge.line.distance(pole) < 1 and edge.line.intersection(pole.buffer(1)).length > 2.5
    ]
    best = min(at_pole or range(len(edges)), key=lambda i: turn_between(edges[i].bearing, bearing))
    return [replace(edge, kind=FRONT) if i == best else edge for i, edge in enumerate(edges)]


def _with_corner_curves(edges: Sequence[Edge]) -> list[Edge]:
    """The short curve or cut between two streets belongs to the front, the stricter yard."""
    result = list(edges)
    for index, edge in enumerate(edges):
        around = {edges[index - 1].kind, edges[(index + 1) % len(edges)].kind}
        if edge.kind == SIDE and edge.length_ft < 60 and around == {FRONT, STREET_SIDE}:
            result[index] = replace(edge, kind=FRONT)
    return result


def _with_rear(edges: Sequence[Edge], bearing: float) -> list[Edge]:
    """Sides that face away from the front become rear; three edges meet in a point instead."""
    fronts = [edge for edge in edges if edge.kind == FRONT]
    if len(edges) == 3 and len(fronts) == 1 and all(e.kind in (FRONT, SIDE) for e in edges):
        return list(edges)
    away = (mean_bearing(fronts) if fronts else bearing) + 180
    return [
        replace(edge, kind=REAR)
        if edge.kind == SIDE and turn_between(edge.bearing, away) <= _FACING_DEGREES
        else edge
        for edge in edges
    ]


def _rear_line(body: Polygon, bearing: float) -> tuple[XY, XY]:
    """The line of ten feet parallel to the front that lies farthest from it inside the lot."""
    back = _unit(bearing + 180)
    far = max(ring_points(body.exterior), key=lambda p: p[0] * back[0] + p[1] * back[1])
    low, high = 0.0, math.sqrt(body.area)
    for _ in range(30):
        middle = (low + high) / 2
        chord = _chord(body, _along(far, back, -middle), bearing)
        if chord is not None and chord.length >= _POINT_REAR_FT:
            high = middle
        else:
            low = middle
    chord = _chord(body, _along(far, back, -high), bearing)
    if chord is None:
        return (far, far)
    start, end = ring_points(chord)[0], ring_points(chord)[-1]
    return (start, end)


def _depth(edges: Sequence[Edge], rear_line: tuple[XY, XY] | None, bearing: float, body: Polygon) -> float:
    """From the middle of the front to the middle of the rear, or of the other front."""
    front = _front_middle(edges, bearing)
    if rear_line is not None:
        middle = LineString(rear_line).centroid
        return float(Point(front).distance(middle)) or math.sqrt(body.area)
    behind = [edge for edge in edges if edge.kind == REAR] or [
        e for e in edges if e.kind == FRONT and turn_between(e.bearing, bearing) > 90
    ]
    lines = MultiLineString([edge.points for edge in behind])
    return float(Point(front).distance(lines.centroid)) or math.sqrt(body.area)


def _front_middle(edges: Sequence[Edge], bearing: float) -> XY:
    """The point of the front line nearest to its centre."""
    fronts = [e for e in edges if e.kind == FRONT and turn_between(e.bearing, bearing) <= 90]
    lines = MultiLineString([e.points for e in fronts or edges])
    centre = lines.centroid
    nearest = min(lines.geoms, key=centre.distance)
    point = nearest.interpolate(nearest.project(centre))
    return (point.x, point.y)


def _chord(body: Polygon, through: XY, bearing: float) -> LineString | None:
    """The part inside the body of a line square to a bearing, nearest to the point it goes through."""
    tangent = _unit(bearing + 90)
    reach = 2 * math.hypot(body.bounds[2] - body.bounds[0], body.bounds[3] - body.bounds[1])
    line = LineString([_along(through, tangent, -reach), _along(through, tangent, reach)])
    pieces = [
        piece
        for piece in getattr(line.intersection(body), "geoms", [line.intersection(body)])
        if isinstance(piece, LineString) and piece.length > 0
    ]
    return min(pieces, key=Point(through).distance, default=None)


def _unit(bearing: float) -> XY:
    return (math.sin(math.radians(bearing)), math.cos(math.radians(bearing)))


def _along(start: XY, direction: XY, distance: float) -> XY:
    return (start[0] + direction[0] * distance, start[1] + direction[1] * distance)


def _largest(geometry: BaseGeometry) -> Polygon:
    return max(polygons_of(geometry), key=lambda part: part.area)
