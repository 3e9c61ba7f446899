"""Which lot lines are fronts: by the streets they lie along, as the source says, or by the lot's shape."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shapely.geometry import LineString, Polygon

from plotlot.domain.addresses import parse_address
from plotlot.domain.edges import (
    FACING_DEGREES,
    FRONT,
    STREET_SIDE,
    Edge,
    bearing_of,
    compass,
    mean_bearing,
    turn_between,
    unit_vector,
)
from plotlot.domain.errors import InvalidParcel
from plotlot.domain.outlines import Street, polygons_of, ring_points

_REACH_FT = 120.0
_PARALLEL_DEGREES = 40.0


def fronts_by_streets(
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
        looks = _looks(edge, street.line, polygon, parallel)
        if looks:
            seen.append((min(looks), index))
    seen.sort()
    return [index for distance, index in seen if distance <= seen[0][0] * 1.5 + 15]


def _looks(edge: Edge, street: LineString, polygon: Polygon, parallel: bool) -> list[float]:
    """The distances of the points of an edge that look at a street; none where only one of three does."""
    looks: list[float] = []
    for asked, share in enumerate((0.25, 0.5, 0.75)):
        if asked == 2 and not looks:
            break
        distance = _look(edge, share, street, polygon, parallel)
        if distance is not None:
            looks.append(distance)
    return looks if len(looks) >= 2 else []


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
            if group[0][2] == item[2] and turn_between(facing, item[1].bearing) <= FACING_DEGREES:
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


def fronts_by_bearings(
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
                if result[index].kind != FRONT:  # a lot line that faces both is the front
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


def fronts_by_shape(edges: list[Edge], polygon: Polygon, assumptions: list[str]) -> list[Edge]:
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
    toward = unit_vector(bearing)
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
