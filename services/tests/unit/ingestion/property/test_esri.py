import contextlib
import json
from typing import Any

import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from plotlot.domain.errors import SourceUnavailable
from plotlot.domain.outlines import outline_of
from plotlot.ingestion.property.esri import Page, boundary_of, page_in

OUTER = [[-80.30, 25.70], [-80.30, 25.71], [-80.29, 25.71], [-80.29, 25.70], [-80.30, 25.70]]
HOLE = [[-80.298, 25.702], [-80.292, 25.702], [-80.292, 25.708], [-80.298, 25.708], [-80.298, 25.702]]
SECOND = [[-80.28, 25.70], [-80.28, 25.71], [-80.27, 25.71], [-80.27, 25.70], [-80.28, 25.70]]


def boundary(*rings: Any, wkid: int = 4326) -> Any:
    return boundary_of({"rings": list(rings)}, wkid, "layer")


def page(document: Any, *wanted: str, spoken: tuple[str, ...] = ()) -> Page:
    return page_in(json.dumps(document).encode(), "layer", wanted, spoken)


def test_outer_rings_turn_clockwise_and_holes_the_other_way() -> None:
    found = boundary(HOLE, OUTER, SECOND)
    assert found["type"] == "MultiPolygon"
    areas = sorted(round(part.area, 8) for part in shape(found).geoms)
    assert areas == [round(1e-4 - 0.006 * 0.006, 8), 1e-4]
    exterior = shape(boundary(OUTER)).exterior
    assert exterior.is_ccw  # as GeoJSON wants it (RFC 7946, section 3.1.6)


def test_rings_that_all_turn_one_way() -> None:
    for rings in ([OUTER, HOLE[::-1]], [OUTER[::-1], HOLE]):
        assert len(boundary(*rings)["coordinates"]) == 2, "a ring within one is its hole"
    assert boundary(OUTER[::-1])["type"] == "Polygon"


def test_an_island_in_a_hole_is_land() -> None:
    island = [[-80.296, 25.704], [-80.296, 25.706], [-80.294, 25.706], [-80.294, 25.704], [-80.296, 25.704]]
    found = shape(boundary(OUTER, HOLE, island))
    assert found.area == pytest.approx(1e-4 - 0.006**2 + 0.002**2)


def test_rings_without_end_and_broken_ones() -> None:
    assert boundary(OUTER[:-1]) == boundary(OUTER)
    assert boundary(OUTER, [[1, 2]], "x", [[None, 1], [2, 3], [3, 4], [4, 5]]) == boundary(OUTER)
    bow = [[-80.30, 25.70], [-80.29, 25.71], [-80.29, 25.70], [-80.30, 25.704], [-80.30, 25.70]]
    assert shape(boundary(bow)).is_valid
    for nothing in (None, {}, {"rings": []}, {"x": -80, "y": 25}, {"rings": [[]]}):
        assert boundary_of(nothing, 4326, "layer") is None


@pytest.mark.parametrize("wkid", [3857, 102100, 2236, 102658, 26917])
def test_other_systems_are_reprojected(wkid: int) -> None:
    """Servers ignore outSR where they are old, and answer in their own: Web Mercator, feet of Florida East, UTM."""
    authority = "ESRI" if wkid in (102100, 102658) else "EPSG"
    there = pyproj.Transformer.from_crs("EPSG:4326", f"{authority}:{wkid}", always_xy=True)
    found = shape(boundary([list(there.transform(x, y)) for x, y in OUTER], wkid=wkid))
    assert found.symmetric_difference(shape(boundary(OUTER))).area < 1e-8


def test_the_newer_number_of_a_system_counts() -> None:
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    ring = [list(there.transform(x, y)) for x, y in OUTER]
    document = {
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "features": [{"attributes": {"ID": 1}, "geometry": {"rings": [ring]}}],
    }
    geometry = page(document, "ID").features[0].geometry
    assert geometry is not None
    assert outline_of(geometry).polygon.area > 1e7


def test_systems_that_nobody_knows() -> None:
    with pytest.raises(SourceUnavailable, match="coordinates that are not known"):
        boundary(OUTER, wkid=999_999)


def test_null_islands() -> None:
    zero = [[0.0, 0.0], [0.0, 0.001], [0.001, 0.001], [0.001, 0.0], [0.0, 0.0]]
    assert boundary(zero) is None
    assert boundary([[x + 400, y] for x, y in OUTER]) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html>Error</html>", "a web page"),
        (b"<html><body>503</body></html>", "a web page"),
        (b'{"features": [', "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        (
            b'{"error": {"code": 400, "message": "Invalid query\\nparameters"}}',
            r"Invalid query parameters \(400\)",
        ),
        (b'{"error": {"code": 499, "message": "Token Required"}}', "Token Required"),
        (b'{"error": "busy"}', "busy"),
        (b'{"count": 3}', "without features"),
        (b'{"features": {}}', "without features"),
    ],
)
def test_errors_of_status_200(content: bytes, words: str) -> None:
    with pytest.raises(SourceUnavailable, match=words):
        page_in(content, "layer", ["ID"])


def test_a_busy_server_is_asked_later() -> None:
    for code, waits in ((504, True), (400, False)):
        with pytest.raises(SourceUnavailable) as raised:
            page({"error": {"code": code, "message": "x"}}, "ID")
        assert bool(raised.value.retry_after_seconds) == waits


def test_fields_are_found_by_name_case_table_and_alias() -> None:
    document = {
        "fields": [
            {"name": "GIS.PARCELS.FOLIO", "alias": "Folio Number"},
            {"name": "true_site_addr", "alias": "Address"},
            {"name": "F12", "alias": "ZONE"},
        ],
        "features": [{"attributes": {"GIS.PARCELS.FOLIO": "01", "true_site_addr": "1 A ST", "F12": "RU-1"}}],
    }
    found = page(document, "FOLIO", "TRUE_SITE_ADDR", "Zone").features[0].attributes
    assert found == {"FOLIO": "01", "TRUE_SITE_ADDR": "1 A ST", "Zone": "RU-1"}
    with pytest.raises(SourceUnavailable, match=r"no field OWNER; it has F12"):
        page(document, "OWNER")
    assert page({"features": []}, "ANY").features == ()


def test_codes_are_told_in_words_only_where_they_are_shown() -> None:
    coded = {"codedValues": [{"code": "RU-1", "name": "Single family"}, {"code": 1, "name": "Yes"}]}
    document = {
        "fields": [{"name": "ZONE", "domain": coded}, {"name": "CODE", "domain": coded}],
        "features": [{"attributes": {"ZONE": "RU-1", "CODE": 1}}],
    }
    found = page(document, "ZONE", "CODE", spoken=("CODE",)).features[0].attributes
    assert found == {"ZONE": "RU-1", "CODE": "Yes"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("<Null>", ""), (" ", ""), (-9999, ""), ("N/A", ""), ({"a": 1}, ""), (True, ""),
        ("  16 SE\n2  ST ", "16 SE 2 ST"), (538415, "538415"), (60198.0, "60198"), (0.25, "0.25"),
        ("0101000000020", "0101000000020"), ("484306BH0010", "484306BH0010"), (12345678901234567, "12345678901234567"),
        (12345678901234567.0, ""), ("x" * 900, "x" * 500),
    ],
)  # fmt: skip
def test_values_as_words(value: Any, text: str) -> None:
    """Palm Beach's ids have 17 digits: a server that sends one as a float has rounded it to another parcel's."""
    assert page({"features": [{"attributes": {"V": value}}]}, "V").features[0].attributes["V"] == text


def test_more_is_told() -> None:
    document = {
        "features": [{"attributes": {"V": 1}}, {"attributes": None}, 7],
        "exceededTransferLimit": True,
    }
    found = page(document, "V")
    assert (len(found.features), found.more, found.received) == (1, True, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ("name", "alias", "attributes", "geometry", "rings", "V", "wkid", "domain", "codedValues")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {"features": JSON | st.lists(JSON, max_size=3), "fields": JSON, "spatialReference": JSON}
    )
)
@settings(max_examples=200)
def test_whatever_is_sent_is_read_or_refused(document: Any) -> None:
    with contextlib.suppress(SourceUnavailable):
        page(document, "V", spoken=("V",))
