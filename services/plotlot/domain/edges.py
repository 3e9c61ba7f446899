"""The logical edges of a lot: what a surveyor would call one lot line, however many points it has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Polygon

XY = tuple[float, float]
FRONT, SIDE, STREET_SIDE, REAR = "front", "side", "street_side", "rear"
EDGE_KINDS = (FRONT, SIDE, STREET_SIDE, REAR)
FACING_DEGREES = 50.0
COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")

_TOLERANCE_FT = 0.25
_SHORT_FT = 25.0
_SAME_LINE_DEGREES = 10.0
_ARC_STEP_DEGREES = 30.0
_ARC_LIMIT_DEGREES = 100.0


@dataclass(frozen=True)
class Edge:
    """A lot line of one kind; points run counter-clockwise around the lot, in feet.

    What is measured of it is measured once, for an analysis asks for it many times.
    """

    kind: str
    points: tuple[XY, ...]
    street: str = ""

    @cached_property
    def line(self) -> LineString:
        """The edge as a Shapely line."""
        line: LineString = shapely.linestrings(self.points)
        return line

    @cached_property
    def length_ft(self) -> float:
        """Length along the edge."""
        return sum(math.dist(a, b) for a, b in pairwise(self.points))

    @cached_property
    def outward(self) -> XY:
        """The unit vector square to the edge's chord that points away from the lot."""
        (x0, y0), (x1, y1) = self.points[0], self.points[-1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        return ((y1 - y0) / length, (x0 - x1) / length)

    @cached_property
    def bearing(self) -> float:
        """The compass bearing that the edge faces."""
        return bearing_of(self.outward)

    @cached_property
    def middle(self) -> XY:
        """The point half way along."""
        point = self.line.interpolate(0.5, normalized=True)
        return (point.x, point.y)


def bearing_of(vector: XY) -> float:
    """The compass bearing of a vector, in degrees from north."""
    return math.degrees(math.atan2(vector[0], vector[1])) % 360


def unit_vector(bearing: float) -> XY:
    """The vector of length one that points along a bearing."""
    return (math.sin(math.radians(bearing)), math.cos(math.radians(bearing)))


def compass(bearing: float) -> str:
    """The nearest of eight compass points, e.g. ``southeast``."""
    return COMPASS[round(bearing / 45) % 8]


def turn_between(first: float, second: float) -> float:
    """The angle between two bearings, 0 to 180."""
    return abs((first - second + 180) % 360 - 180)


def mean_bearing(edges: Sequence[Edge]) -> float:
    """The bearing that edges face together, weighted by length."""
    x = sum(edge.outward[0] * edge.length_ft for edge in edges)
    y = sum(edge.outward[1] * edge.length_ft for edge in edges)
    return bearing_of((x, y))


def logical_edges(polygon: Polygon) -> tuple[tuple[XY, ...], ...]:
    """The outline cut at its corners; runs of short steps that make a curve stay together."""
    points = _tidy([(x, y) for x, y in shapely.get_coordinates(polygon.exterior)[:-1].tolist()])
    runs = [(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    edges: list[list[XY]] = [list(runs[0])]
    turned = 0.0
    for before, run in pairwise(runs):
        turn = _turn(before, run)
        turned += turn
        if _continues(before, run, turn) and abs(turned) <= _ARC_LIMIT_DEGREES:
            edges[-1].append(run[1])
        else:
            edges.append(list(run))
            turned = 0.0
    return tuple(tuple(edge) for edge in edges)


def _continues(before: tuple[XY, XY], run: tuple[XY, XY], turn: float) -> bool:
    """Whether a run goes on in the line or the curve of the one before it."""
    short = [math.dist(*each) < _SHORT_FT for each in (before, run)]
    if all(short):
        return abs(turn) <= _ARC_STEP_DEGREES
    return abs(turn) <= _SAME_LINE_DEGREES and not any(short)


def _tidy(points: list[XY]) -> list[XY]:
    """The ring from a sharp corner on, without points that lie on a line or on each other.

    It is thinned twice, for a first point is never dropped; the second starts at a true corner.
    """
    rough = _thin(points)
    count = len(rough)
    turns = [abs(_turn((rough[i - 1], rough[i]), (rough[i], rough[(i + 1) % count]))) for i in range(count)]
    sharp = min(max(turns) - 1.0, 60.0)
    start = min((i for i in range(count) if turns[i] >= sharp), key=lambda i: rough[i][::-1])
    return _thin([*rough[start:], *rough[:start]])


def _thin(points: list[XY]) -> list[XY]:
    line = shapely.linestrings([*points, points[0]]).simplify(_TOLERANCE_FT)
    kept = [(x, y) for x, y in shapely.get_coordinates(line)[:-1].tolist()]
    return kept if len(kept) >= 3 else points


def _turn(first: tuple[XY, XY], second: tuple[XY, XY]) -> float:
    """The signed turn in degrees from one run to the next; left is positive."""
    headings = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in (first, second)]
    return (math.degrees(headings[1] - headings[0]) + 180) % 360 - 180
