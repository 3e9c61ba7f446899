"""GeoJSON in longitude and latitude into planar outlines in feet, refusing what cannot be a lot."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.enums import TransformDirection
from shapely.geometry import LineString, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient
from shapely.validation import explain_validity

from plotlot.domain.errors import InvalidParcel

XY = tuple[float, float]
SMALLEST_LOT_SQFT = 10.0
LARGEST_SPAN_DEGREES = 1.0
_MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,  # a whole number of hundreds of digits
    RecursionError,  # lists in lists in lists
    shapely.errors.ShapelyError,
)


@dataclass(frozen=True, slots=True)
class Outline:
    """A lot's polygon in feet, counter-clockwise, and the plane it lies in."""

    polygon: Polygon
    longitude: float
    latitude: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Street:
    """The line of a street in feet, with its name where the source gives one."""

    line: LineString
    name: str = ""


def check_geometry(geometry: Mapping[str, Any] | None, field: str = "geometry") -> BaseGeometry:
    """The geometry as Shapely reads it; raises InvalidParcel saying what is wrong and what to do."""
    geometry = geometry if isinstance(geometry, Mapping) else {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise InvalidParcel(
            f"a lot must be a Polygon or MultiPolygon, not {kind or 'nothing'}; "
            "export the parcel's boundary rather than its point or line",
            field=field,
        )
    try:
        found = shape({"type": kind, "coordinates": _numbers(geometry["coordinates"])})
    except _MALFORMED:
        raise InvalidParcel(
            f"the {kind} is malformed: each ring needs three or more [longitude, latitude] pairs",
            field=field,
        ) from None
    if found.is_empty:
        raise InvalidParcel(f"the {kind} has no usable coordinates; export the boundary again", field=field)
    _check_range(found, field)
    _check_validity(found, field)
    return found


def outline_of(geometry: Mapping[str, Any] | None) -> Outline:
    """The lot's outline in feet; of several parts the largest, with a warning."""
    found = check_geometry(geometry)
    centre = max(polygons_of(found), key=lambda part: part.area).centroid
    longitude, latitude = round(centre.x, 1), round(centre.y, 1)
    flat = _flatten(found, longitude, latitude)
    parts = sorted(polygons_of(flat), key=lambda part: -part.area)
    polygon = parts[0]
    if polygon.area < SMALLEST_LOT_SQFT:
        raise InvalidParcel(
            f"the lot measures {polygon.area:.2f} square feet; a boundary of that size is a line or "
            "a point, export the parcel again",
            field="geometry",
        )
    warnings = []
    if len(parts) > 1:
        left = sum(part.area for part in parts[1:])
        warnings.append(
            f"the parcel has {len(parts)} parts; the largest is analysed and "
            f"{left:,.0f} sqft in the others are left out"
        )
    if polygon.interiors:
        holes = sum(Polygon(ring).area for ring in polygon.interiors)
        warnings.append(f"{holes:,.0f} sqft inside the boundary belong to another lot and do not count")
    return Outline(orient(polygon), longitude, latitude, tuple(warnings))


def streets_of(frontage: Mapping[str, Any] | None, outline: Outline) -> tuple[Street, ...]:
    """The street lines of a frontage in the plane of the outline."""
    streets = []
    try:
        for name, geometry in named_lines(frontage):
            line = shape({**geometry, "coordinates": _numbers(geometry["coordinates"])})
            _check_range(line, "frontage")
            flat = _flatten(line, outline.longitude, outline.latitude)
            parts = getattr(flat, "geoms", [flat])
            streets += [Street(part, name) for part in parts if part.length > 0]
    except _MALFORMED:
        raise InvalidParcel(
            "frontage must be GeoJSON lines in longitude and latitude", field="frontage"
        ) from None
    return tuple(streets)


def _numbers(node: Any) -> Any:
    """The nested coordinates as finite floats, without heights; raises where one is not."""
    if not isinstance(node, list | tuple):
        raise TypeError("coordinates must be lists of numbers")
    if node and all(isinstance(value, int | float) for value in node):
        pair = (float(node[0]), float(node[1]))
        if not all(map(math.isfinite, pair)):
            raise ValueError("a coordinate is not finite")
        return pair
    return [_numbers(value) for value in node]


def _check_range(found: BaseGeometry, field: str) -> None:
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidParcel(
            f"coordinates such as {west:.1f}, {south:.1f} are not longitude and latitude; "
            "reproject the file to WGS 84 (EPSG:4326)",
            field=field,
        )
    spans = (part.bounds for part in getattr(found, "geoms", [found]))
    if any(max(e - w, n - s) > LARGEST_SPAN_DEGREES for w, s, e, n in spans):
        raise InvalidParcel(
            f"the {field} spans more than {LARGEST_SPAN_DEGREES:g} degree, too large for a lot; "
            "check the coordinates and their order (longitude first)",
            field=field,
        )
    if abs(south) > 85 or abs(north) > 85:
        raise InvalidParcel(
            "the latitude is beyond 85 degrees; GeoJSON wants longitude first, then latitude",
            field=field,
        )


def _check_validity(found: BaseGeometry, field: str) -> None:
    if found.is_valid:
        return
    reason = explain_validity(found)
    if found.convex_hull.area == 0 or "Too few points" in reason:
        message = "the lot has no area; its boundary needs at least three distinct points"
    elif "Self-intersection" in reason:
        message = (
            f"the boundary crosses itself near {_place(reason)}; "
            "draw its points in order around the lot, once"
        )
    else:
        message = f"the boundary is not a simple outline ({reason}); repair it and import it again"
    raise InvalidParcel(message, field=field)


def _place(reason: str) -> str:
    """``Self-intersection[-84.1 40.2]`` as ``longitude -84.1, latitude 40.2``."""
    inside = reason.partition("[")[2].rstrip("]").split()
    return f"longitude {float(inside[0]):.6f}, latitude {float(inside[1]):.6f}"


def _flatten(found: BaseGeometry, longitude: float, latitude: float) -> BaseGeometry:
    plane = _plane(longitude, latitude)

    def project(pairs: Any) -> Any:
        return np.column_stack(plane.transform(pairs[:, 0], pairs[:, 1]))

    return shapely.transform(found, project)


def in_degrees(found: BaseGeometry, outline: Outline) -> BaseGeometry:
    """A shape in the plane of an outline, in feet, as longitude and latitude."""
    plane = _plane(outline.longitude, outline.latitude)

    def project(pairs: Any) -> Any:
        return np.column_stack(
            plane.transform(pairs[:, 0], pairs[:, 1], direction=TransformDirection.INVERSE)
        )

    return shapely.transform(found, project)


@lru_cache(maxsize=256)
def _plane(longitude: float, latitude: float) -> pyproj.Transformer:
    """Degrees to feet about a centre; true to 1 part in a million within 10 kilometres."""
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=aeqd +lat_0={latitude} +lon_0={longitude} +ellps=WGS84 "
        "+step +proj=unitconvert +xy_in=m +xy_out=ft"
    )


def named_lines(node: Mapping[str, Any] | None, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every line of a GeoJSON value, with the ``name`` or ``street`` of its feature."""
    if not isinstance(node, Mapping):
        return
    kind = node.get("type")
    if kind == "FeatureCollection":
        for feature in node.get("features") or ():
            yield from named_lines(feature, name)
    elif kind == "Feature":
        properties = node.get("properties") or {}
        given = properties.get("name") or properties.get("street") or name
        yield from named_lines(node.get("geometry"), str(given))
    elif kind == "GeometryCollection":
        for part in node.get("geometries") or ():
            yield from named_lines(part, name)
    elif kind in ("LineString", "MultiLineString"):
        yield name, node
    else:
        raise InvalidParcel(f"frontage must hold lines, not {kind or 'nothing'}", field="frontage")


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons that a geometry is or holds."""
    return [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]


def ring_points(ring: BaseGeometry) -> Sequence[XY]:
    """The points of a ring or line, the closing one left out of a ring."""
    points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points
