"""Lots in feet for the tests: shapes with known measures, and standards without an ordinance."""

import math
from collections.abc import Mapping, Sequence

import pyproj
from shapely.geometry import LineString, Polygon
from shapely.geometry.polygon import orient

from plotlot.domain.lots import Lot, lot_of_outline
from plotlot.domain.outlines import Outline, Street
from plotlot.domain.standards import FIELD_UNITS, Formula, Standard, Status

XY = tuple[float, float]
SOUTH_STREET = (((-300.0, -30.0), (500.0, -30.0)), "Elm St")
EAST_STREET = (((90.0, -300.0), (90.0, 500.0)), "Oak Ave")
RECTANGLE: list[XY] = [(0, 0), (60, 0), (60, 120), (0, 120)]
FLAG: list[XY] = [(0, 0), (20, 0), (20, 100), (100, 100), (100, 200), (0, 200)]
TRIANGLE: list[XY] = [(0, 0), (100, 0), (50, 120)]


def rectangle(width: float, depth: float) -> list[XY]:
    return [(0, 0), (width, 0), (width, depth), (0, depth)]


def polar(radius: float, degrees: float) -> XY:
    return (radius * math.sin(math.radians(degrees)), radius * math.cos(math.radians(degrees)))


def pie() -> list[XY]:
    """A lot on a cul-de-sac of radius 50 about the origin, its front a curve of many steps."""
    return [*(polar(50, degrees) for degrees in range(20, -21, -2)), polar(150, -20), polar(150, 20)]


def lot(
    points: Sequence[XY],
    *streets: tuple[Sequence[XY], str],
    address: str = "",
    properties: Mapping[str, str] | None = None,
) -> Lot:
    outline = Outline(orient(Polygon(points)), 0.0, 0.0)
    lines = [Street(LineString(line), name) for line, name in streets]
    return lot_of_outline(outline, lines, address, properties)


def standard(
    field: str,
    value: float | None,
    formula: Formula | None = None,
    status: Status = Status.STATED,
    **conditions: str,
) -> Standard:
    return Standard(field, status, value, FIELD_UNITS[field], None, "test", 1.0, conditions, formula=formula)


def degrees(points: Sequence[XY], longitude: float = -83.55, latitude: float = 40.59) -> list[list[float]]:
    """Feet about a place as longitude and latitude, the ring closed."""
    plane = pyproj.Proj(proj="aeqd", lat_0=latitude, lon_0=longitude, ellps="WGS84", units="ft")
    ring = [list(plane(x, y, inverse=True)) for x, y in points]
    return [*ring, ring[0]]


def polygon(points: Sequence[XY]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [degrees(points)]}
