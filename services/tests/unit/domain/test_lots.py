from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point
from unit.domain.lot_shapes import (
    EAST_STREET,
    FLAG,
    RECTANGLE,
    SOUTH_STREET,
    TRIANGLE,
    XY,
    degrees,
    lot,
    pie,
    polar,
    polygon,
    rectangle,
)

from plotlot.domain.edges import turn_between
from plotlot.domain.errors import InvalidParcel
from plotlot.domain.lots import FRONT, REAR, SIDE, STREET_SIDE, Lot, lot_of
from plotlot.domain.parcels import Parcel


def kinds(found: Lot) -> Counter[str]:
    return Counter(edge.kind for edge in found.edges)


def facing(found: Lot, bearing: float) -> str:
    return min(found.edges, key=lambda edge: turn_between(edge.bearing, bearing)).kind


def test_rectangle_on_a_street() -> None:
    found = lot(RECTANGLE, SOUTH_STREET)
    assert kinds(found) == {FRONT: 1, SIDE: 2, REAR: 1}
    assert facing(found, 180) == FRONT
    assert facing(found, 0) == REAR
    assert (found.kind, found.assumptions) == ("interior", ())
    assert found.area_sqft == pytest.approx(7200)
    assert found.depth_ft == pytest.approx(120)
    assert found.width_at(25) == pytest.approx(60)


def test_without_a_street_the_front_is_assumed_aloud() -> None:
    found = lot(RECTANGLE)
    assert facing(found, 180) == FRONT
    assert "front assumed to be the edge facing south" in found.assumptions[0]


def test_the_source_may_state_where_the_front_faces() -> None:
    found = lot(RECTANGLE, properties={"front_bearing": "0"})
    assert facing(found, 0) == FRONT
    assert facing(found, 180) == REAR


def test_a_lot_line_that_is_said_to_be_front_and_street_side_is_the_front() -> None:
    found = lot(RECTANGLE, properties={"front_bearing": "0", "street_side_bearing": "10"})
    assert (facing(found, 0), facing(found, 180), found.kind) == (FRONT, REAR, "interior")


def test_a_bearing_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidParcel, match="compass bearing") as error:
        lot(RECTANGLE, properties={"front_bearing": "north"})
    assert error.value.field == "front_bearing"


def test_corner_front_is_the_street_of_the_address() -> None:
    found = lot(RECTANGLE, SOUTH_STREET, EAST_STREET, address="12 Oak Avenue")
    assert found.kind == "corner"
    assert [facing(found, bearing) for bearing in (90, 180, 270, 0)] == [
        FRONT,
        STREET_SIDE,
        REAR,
        SIDE,
    ]


def test_corner_front_is_otherwise_the_shorter_street_line() -> None:
    found = lot(RECTANGLE, SOUTH_STREET, EAST_STREET)
    assert facing(found, 180) == FRONT
    assert facing(found, 90) == STREET_SIDE
    assert any("shorter street line" in each for each in found.assumptions)


def test_rounded_corner_belongs_to_the_front() -> None:
    curve = [(40 + x, 20 - y) for x, y in (polar(20, angle) for angle in range(15, 91, 15))]
    found = lot([(0, 0), (40, 0), *curve, (60, 120), (0, 120)], SOUTH_STREET, EAST_STREET)
    assert kinds(found) == {FRONT: 2, STREET_SIDE: 1, REAR: 1, SIDE: 1}


def test_through_lot_has_two_fronts_and_no_rear() -> None:
    found = lot(RECTANGLE, SOUTH_STREET, (((-300.0, 150.0), (500.0, 150.0)), "Mill Rd"))
    assert found.kind == "through"
    assert kinds(found) == {FRONT: 2, SIDE: 2}
    assert found.depth_ft == pytest.approx(120)


def test_flag_lot_is_measured_at_its_body() -> None:
    found = lot(FLAG, SOUTH_STREET)
    assert found.kind == "flag"
    assert found.area_sqft == pytest.approx(12_000)
    assert found.body.area == pytest.approx(10_000, rel=0.01)
    assert found.width_at(25) == pytest.approx(100, abs=0.5)
    assert found.frontage_ft == pytest.approx(20)
    assert kinds(found) == {FRONT: 1, SIDE: 2, REAR: 1}
    assert facing(found, 180) == FRONT


def test_pie_front_is_one_curve_and_width_grows_with_the_setback() -> None:
    found = lot(pie(), (((0.0, -200.0), (0.0, 0.0)), "Heron Ct"))
    assert kinds(found) == {FRONT: 1, SIDE: 2, REAR: 1}
    assert found.width_at(30) > found.width_at(10) > found.frontage_ft * 0.9


def test_triangle_has_a_rear_line_of_ten_feet() -> None:
    found = lot(TRIANGLE, SOUTH_STREET)
    assert kinds(found) == {FRONT: 1, SIDE: 2}
    assert found.rear_line is not None
    start, end = found.rear_line
    assert Point(start).distance(Point(end)) == pytest.approx(10, abs=0.01)
    assert start[1] == pytest.approx(108, abs=0.01)


def test_many_points_on_a_line_are_one_edge() -> None:
    dense: list[XY] = []
    for (x0, y0), (x1, y1) in pairwise([*RECTANGLE, RECTANGLE[0]]):
        dense += [(x0 + (x1 - x0) * i / 20, y0 + (y1 - y0) * i / 20) for i in range(20)]
    assert [round(e.length_ft) for e in lot(dense, SOUTH_STREET).edges] == [60, 120, 60, 120]


def test_interior_neighbour_of_a_side_street_stays_interior() -> None:
    far = (((200.0, -300.0), (200.0, 500.0)), "Far Ave")
    assert lot(RECTANGLE, SOUTH_STREET, far).kind == "interior"


def test_parcel_in_degrees_has_its_area_in_feet() -> None:
    found = lot_of(Parcel("1", "X", geometry=polygon(RECTANGLE)))
    assert found is not None
    assert found.area_sqft == pytest.approx(7200, rel=1e-5)


def test_frontage_in_degrees_is_read_with_its_names() -> None:
    line = {"type": "LineString", "coordinates": degrees([(-50, -30), (150, -30)])[:-1]}
    feature = {"type": "Feature", "properties": {"name": "Elm St"}, "geometry": line}
    found = lot_of(Parcel("1", "X", geometry=polygon(RECTANGLE), frontage=feature))
    assert found is not None
    assert [edge.street for edge in found.of_kind(FRONT)] == ["Elm St"]


def test_measures_without_a_boundary_make_a_rectangle() -> None:
    found = lot_of(Parcel("1", "X", properties={"lot_width_ft": "50", "lot_depth_ft": "100"}))
    assert found is not None
    assert found.area_sqft == pytest.approx(5000)
    assert "a rectangle of 50 by 100 ft is assumed" in found.assumptions[0]


def test_no_boundary_and_no_measures_is_no_lot() -> None:
    assert lot_of(Parcel("1", "X", properties={"lot_area_sqft": "5000"})) is None


def test_stated_area_that_differs_is_a_warning() -> None:
    parcel = Parcel("1", "X", geometry=polygon(RECTANGLE), properties={"lot_area_sqft": "9000"})
    found = lot_of(parcel)
    assert found is not None
    assert "the source states 9,000 sqft" in found.warnings[0]


def test_largest_of_several_parts_with_a_warning() -> None:
    parts = [[degrees(rectangle(10, 10))], [degrees([(x + 50, y) for x, y in RECTANGLE])]]
    found = lot_of(Parcel("1", "X", geometry={"type": "MultiPolygon", "coordinates": parts}))
    assert found is not None
    assert found.area_sqft == pytest.approx(7200, rel=1e-4)
    assert "2 parts" in found.warnings[0]


def test_hole_does_not_count() -> None:
    hole = degrees([(20, 20), (20, 40), (40, 40), (40, 20)])
    geometry = {"type": "Polygon", "coordinates": [degrees(RECTANGLE), hole]}
    found = lot_of(Parcel("1", "X", geometry=geometry))
    assert found is not None
    assert found.area_sqft == pytest.approx(6800, rel=1e-4)
    assert found.warnings


def nested(depth: int) -> list[object]:
    """A number in so many lists."""
    return [nested(depth - 1)] if depth else [1.0, 2.0]


BAD = {
    "crosses itself": polygon([(0, 0), (60, 120), (60, 0), (0, 120)]),
    "no area": {"type": "Polygon", "coordinates": [[[0, 0], [1e-3, 0], [2e-3, 0], [0, 0]]]},
    "square feet; a boundary": polygon([(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)]),
    "not Point": {"type": "Point", "coordinates": [0, 0]},
    "malformed": {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2]]]},
    "Polygon is malformed": {"type": "Polygon", "coordinates": [[[10**400, 0], [1, 1], [2, 2]]]},
    "is malformed: each": {"type": "Polygon", "coordinates": nested(600)},
    "three or more": {"type": "Polygon", "coordinates": [[[0, float("nan")], [1, 2], [2, 2]]]},
    "no usable coordinates": {"type": "Polygon", "coordinates": []},
    "reproject the file to WGS 84": {
        "type": "Polygon",
        "coordinates": [[[5e5, 2e5], [5e5, 3e5], [6e5, 3e5], [5e5, 2e5]]],
    },
}


@pytest.mark.parametrize(("message", "geometry"), BAD.items(), ids=list(BAD))
def test_unusable_geometry_says_what_to_do(message: str, geometry: dict[str, object]) -> None:
    with pytest.raises(InvalidParcel, match=message) as error:
        lot_of(Parcel("1", "X", geometry=geometry))
    assert error.value.field == "geometry"


@pytest.mark.parametrize(
    "frontage",
    [
        {"type": "FeatureCollection", "features": 5},
        {"type": "GeometryCollection", "geometries": 5},
        {"type": "Feature", "properties": "Elm St", "geometry": {"type": "LineString", "coordinates": []}},
        {"type": "LineString", "coordinates": [[10**400, 0], [1, 1]]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "LineString", "coordinates": nested(600)},
    ],
)
def test_streets_that_are_no_lines_are_refused(frontage: dict[str, object]) -> None:
    with pytest.raises(InvalidParcel, match="GeoJSON lines") as error:
        lot_of(Parcel("1", "X", geometry=polygon(RECTANGLE), frontage=frontage))
    assert error.value.field == "frontage"


@pytest.mark.parametrize("points", [RECTANGLE, FLAG, TRIANGLE, pie()], ids=["box", "flag", "tri", "pie"])
@settings(max_examples=30)
@given(shift=st.integers(0, 30), backwards=st.booleans())
def test_measures_do_not_depend_on_the_order_of_points(points: list[XY], shift: int, backwards: bool) -> None:
    start = shift % len(points)
    turned = [*points[start:], *points[:start]]
    same, other = lot(points, SOUTH_STREET), lot(turned[::-1] if backwards else turned, SOUTH_STREET)
    assert other.area_sqft == pytest.approx(same.area_sqft)
    assert other.kind == same.kind
    assert kinds(other) == kinds(same)
    assert other.depth_ft == pytest.approx(same.depth_ft, abs=0.2)
    assert other.width_at(20) == pytest.approx(same.width_at(20), abs=0.2)


@pytest.mark.parametrize("width", ["1e308", "500000", "0.01"])
def test_a_stated_width_that_no_lot_has_is_refused(width: str) -> None:
    with pytest.raises(InvalidParcel) as raised:
        lot_of(Parcel("1", "X", properties={"lot_width_ft": width, "lot_depth_ft": "100"}))
    assert raised.value.field == "lot_width_ft"
