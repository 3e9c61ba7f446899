"""Lot lines that follow from the front: the rear, the pole of a flag lot, curves at a corner; and the depth."""

import math
from collections.abc import Sequence
from dataclasses import replace

import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from plotlot.domain.edges import (
    FACING_DEGREES,
    FRONT,
    REAR,
    SIDE,
    STREET_SIDE,
    XY,
    Edge,
    logical_edges,
    mean_bearing,
    turn_between,
    unit_vector,
)
from plotlot.domain.outlines import polygons_of, ring_points

_POLE_WIDEST_FT = 50.0
_POLE_SHORTEST_FT = 30.0
_POINT_REAR_FT = 10.0


def primary_bearing(fronts: Sequence[Edge]) -> float:
    """The way the front faces; of a through lot, the shorter front's."""
    longest = max(fronts, key=lambda edge: edge.length_ft)
    one = [edge for edge in fronts if turn_between(edge.bearing, longest.bearing) <= 90]
    other = [edge for edge in fronts if turn_between(edge.bearing, longest.bearing) > 90]
    return mean_bearing(other or one)


def pole_of(polygon: Polygon, fronts: Sequence[Edge], bearing: float) -> Polygon | None:
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


def without_pole(polygon: Polygon, pole: Polygon) -> Polygon:
    """The body of a flag lot; what rounding leaves along the pole is worn away."""
    rest = polygon.difference(pole).buffer(-0.1, join_style="mitre")
    return orient(_largest(rest.buffer(0.1, join_style="mitre")))


def body_edges(body: Polygon, pole: Polygon, bearing: float) -> list[Edge]:
    """The edges of a flag lot's body; those at the pole that face its street are the front."""
    edges = [Edge(SIDE, points) for points in logical_edges(body)]
    at_pole = [
        index
        for index, edge in enumerate(edges)
        if edge.line.distance(pole) < 1 and edge.line.intersection(pole.buffer(1)).length > 2.5
    ]
    best = min(at_pole or range(len(edges)), key=lambda i: turn_between(edges[i].bearing, bearing))
    return [replace(edge, kind=FRONT) if i == best else edge for i, edge in enumerate(edges)]


def with_corner_curves(edges: Sequence[Edge]) -> list[Edge]:
    """The short curve or cut between two streets belongs to the front, the stricter yard."""
    result = list(edges)
    for index, edge in enumerate(edges):
        around = {edges[index - 1].kind, edges[(index + 1) % len(edges)].kind}
        if edge.kind == SIDE and edge.length_ft < 60 and around == {FRONT, STREET_SIDE}:
            result[index] = replace(edge, kind=FRONT)
    return result


def with_rear(edges: Sequence[Edge], bearing: float) -> list[Edge]:
    """Sides that face away from the front become rear; three edges meet in a point instead."""
    fronts = [edge for edge in edges if edge.kind == FRONT]
    if len(edges) == 3 and len(fronts) == 1 and all(e.kind in (FRONT, SIDE) for e in edges):
        return list(edges)
    away = (mean_bearing(fronts) if fronts else bearing) + 180
    return [
        replace(edge, kind=REAR)
        if edge.kind == SIDE and turn_between(edge.bearing, away) <= FACING_DEGREES
        else edge
        for edge in edges
    ]


def point_rear_line(body: Polygon, bearing: float) -> tuple[XY, XY]:
    """The line of ten feet parallel to the front that lies farthest from it inside the lot."""
    back = unit_vector(bearing + 180)
    far = max(ring_points(body.exterior), key=lambda p: p[0] * back[0] + p[1] * back[1])
    low, high = 0.0, math.sqrt(body.area)
    for _ in range(30):
        middle = (low + high) / 2
        chord = chord_of(body, point_along(far, back, -middle), bearing)
        if chord is not None and chord.length >= _POINT_REAR_FT:
            high = middle
        else:
            low = middle
    chord = chord_of(body, point_along(far, back, -high), bearing)
    if chord is None:
        return (far, far)
    start, end = ring_points(chord)[0], ring_points(chord)[-1]
    return (start, end)


def depth_of(edges: Sequence[Edge], rear_line: tuple[XY, XY] | None, bearing: float, body: Polygon) -> float:
    """From the middle of the front to the middle of the rear, or of the other front."""
    front = front_middle(edges, bearing)
    if rear_line is not None:
        middle = LineString(rear_line).centroid
        return float(Point(front).distance(middle)) or math.sqrt(body.area)
    behind = [edge for edge in edges if edge.kind == REAR] or [
        e for e in edges if e.kind == FRONT and turn_between(e.bearing, bearing) > 90
    ]
    lines = MultiLineString([edge.points for edge in behind])
    return float(Point(front).distance(lines.centroid)) or math.sqrt(body.area)


def front_middle(edges: Sequence[Edge], bearing: float) -> XY:
    """The point of the front line nearest to its centre."""
    fronts = [e for e in edges if e.kind == FRONT and turn_between(e.bearing, bearing) <= 90]
    lines = MultiLineString([e.points for e in fronts or edges])
    centre = lines.centroid
    nearest = min(lines.geoms, key=centre.distance)
    point = nearest.interpolate(nearest.project(centre))
    return (point.x, point.y)


def chord_of(body: Polygon, through: XY, bearing: float) -> LineString | None:
    """The part inside the body of a line square to a bearing, nearest to the point it goes through."""
    tangent = unit_vector(bearing + 90)
    west, south, east, north = body.bounds
    reach = 2 * math.hypot(east - west, north - south)
    ends = [point_along(through, tangent, -reach), point_along(through, tangent, reach)]
    inside = shapely.linestrings(ends).intersection(body)
    if isinstance(inside, LineString):
        return inside if inside.length > 0 else None
    pieces = [
        piece for piece in getattr(inside, "geoms", ()) if isinstance(piece, LineString) and piece.length > 0
    ]
    return min(pieces, key=Point(through).distance, default=None)


def point_along(start: XY, direction: XY, distance: float) -> XY:
    """The point at a distance from a start in a direction."""
    return (start[0] + direction[0] * distance, start[1] + direction[1] * distance)


def _largest(geometry: BaseGeometry) -> Polygon:
    return max(polygons_of(geometry), key=lambda part: part.area)
