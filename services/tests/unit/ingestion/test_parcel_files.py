import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from unit.domain.lot_shapes import RECTANGLE, degrees, polygon

from plotlot.domain.errors import InvalidParcel
from plotlot.domain.lots import lot_of
from plotlot.ingestion.parcel_files import read_parcels

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "larkfield"
TOWN = "Larkfield, OH"


def feature(properties: Mapping[str, Any], geometry: Any = None, **members: Any) -> dict[str, Any]:
    shape = polygon(RECTANGLE) if geometry is None else geometry
    return {"type": "Feature", "properties": properties, "geometry": shape, **members}


def collection(features: Sequence[Any], **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def read_one(properties: Mapping[str, Any], **members: Any) -> Any:
    (parcel,), _ = read_parcels("f.geojson", collection([feature(properties, **members)]), TOWN)
    return parcel


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"PARCELID": "1-2", "SITUS": "1 Elm St", "ZONING": "R-1"}, ("1-2", "1 Elm St", "R-1")),
        ({"apn": 123.0, "Site_Addr": "1 Elm St ", "zone_code": "R1"}, ("123", "1 Elm St", "R1")),
        ({"FOLIO": "01", "TRUE_SITE_ADDR": "1 ELM", "PrimaryZone": "T3"}, ("01", "1 ELM", "T3")),
        (
            {"PID": "7", "OBJECTID": 9, "HOUSE_NO": 12, "STREET_NM": "ELM ST   ", "ZONE": None},
            ("7", "12 ELM ST", ""),
        ),
        ({"fid": 3, "address": "1\u200b Elm\u00a0St"}, ("3", "1 Elm St", "")),
    ],
)
def test_columns_as_counties_name_them(properties: dict[str, Any], expected: tuple[str, str, str]) -> None:
    parcel = read_one(properties)
    assert (parcel.id, parcel.address, parcel.district) == expected
    assert parcel.municipality == TOWN


def test_feature_id_serves_where_no_column_does() -> None:
    assert read_one({"address": "1 Elm St"}, id="P-9").id == "P-9"


def test_facts_are_read_and_people_are_left_out() -> None:
    parcel = read_one({"pin": "1", "Sewer": "none", "Acres": "0.5", "OWNER1": "J. Doe", "LOT": "011"})
    assert parcel.properties["sewer"] == "none"
    assert parcel.properties["lot_area_sqft"] == "21780"
    assert parcel.properties["LOT"] == "011"
    assert "J. Doe" not in parcel.properties.values()


def test_frontage_is_kept_as_geojson() -> None:
    line = {"type": "LineString", "coordinates": degrees([(-50, -30), (150, -30)])[:-1]}
    assert read_one({"pin": "1", "frontage": line}).frontage == line
    assert read_one({"pin": "1", "frontage": json.dumps(line)}).frontage == line


def test_warnings_count_what_is_missing() -> None:
    _, warnings = read_parcels("f.geojson", collection([feature({"pin": "1"})]), TOWN)
    assert any("without zoning district" in each for each in warnings)
    assert any("without address" in each for each in warnings)


def test_csv_of_measures() -> None:
    content = b'parcel_id,address,zoning,lot_width,lot_depth\nA,1 Elm St,R-1,50,"1,000"\n'
    (parcel,), _ = read_parcels("f.csv", content, TOWN)
    assert (parcel.id, parcel.geometry) == ("A", None)
    lot = lot_of(parcel)
    assert lot is not None
    assert lot.area_sqft == pytest.approx(50_000)


def test_csv_of_wkt_with_other_delimiter_and_mark() -> None:
    ring = ", ".join(f"{x} {y}" for x, y in degrees(RECTANGLE))
    content = f"\ufeffPIN;WKT\nA;SRID=4326;POLYGON (({ring}))\n".replace(";SRID=4326", "")
    (parcel,), _ = read_parcels("f.csv", content.encode(), TOWN)
    lot = lot_of(parcel)
    assert lot is not None
    assert lot.area_sqft == pytest.approx(7200, rel=1e-4)


def test_same_parcel_twice_is_one_with_a_warning() -> None:
    twice = collection([feature({"pin": "1", "zone": "R-1"})] * 2)
    parcels, warnings = read_parcels("f.geojson", twice, TOWN)
    assert len(parcels) == 1
    assert "repeats parcel 1" in warnings[0]


CROSSED = polygon([(0, 0), (60, 120), (60, 0), (0, 120)])
OTHER = polygon([(0, 0), (60, 0), (60, 60)])
GOOD = feature({"pin": "1"})
CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2236"}}
DEEP = b"[" * 5_000 + b"]" * 5_000
BAD: dict[str, tuple[bytes, str]] = {
    "is empty": (b" \n", "file"),
    "is binary": (b"PK\x03\x04\x00\x00", "file"),
    "not valid JSON": (b'{"type": ', "file"),
    "not a GeoJSON FeatureCollection": (b'{"features": [{"attributes": {}}]}', "file"),
    "holds no parcels": (collection([]), "file"),
    "reproject it to WGS 84": (collection([GOOD], crs=CRS), "crs"),
    r"feature 2 \(parcel 2\), geometry: the boundary crosses itself": (
        collection([GOOD, feature({"pin": "2"}, CROSSED)]),
        "geometry",
    ),
    "feature 2 has no parcel id": (collection([GOOD, feature({"zone": "R"})]), "id"),
    "feature 1 is not an object": (collection([3]), "features"),
    "stands on an earlier parcel": (collection([GOOD, feature({"pin": "1"}, OTHER)]), "id"),
    "frontage must hold lines": (
        collection([feature({"pin": "1", "frontage": {"type": "Point", "coordinates": [0, 0]}})]),
        "frontage",
    ),
    r"row 2 \(parcel A\): no boundary": (b"pin,zone\nA,R-1\n", "geometry"),
    "lot_width_ft: 'wide' is not": (b"pin,lot_width,lot_depth\nA,wide,3\n", "lot_width_ft"),
    "lot_depth_ft: '1e308' is the size of no lot": (b"pin,lot_width,lot_depth\nA,50,1e308\n", "lot_depth_ft"),
    "lot_width_ft: '0.2' is the size of no lot": (b"pin,lot_width,lot_depth\nA,0.2,90\n", "lot_width_ft"),
    "row 3 has another number of fields": (b"pin,lot_area\nA,5000\nB\n", "row"),
    "neither WKT nor GeoJSON": (b"pin,wkt\nA,POLYGON 1 2\n", "wkt"),
    "SRID=2236 is not WGS 84": (b'pin,wkt\nA,"SRID=2236;POLYGON ((0 0, 1 0, 1 1, 0 0))"\n', "wkt"),
    "neither GeoJSON nor CSV": (b"just some words\n", "file"),
    "is not valid JSON: maximum recursion": (
        b'{"type": "FeatureCollection", "features": ' + DEEP + b"}",
        "file",
    ),
    r"row 2, geojson: neither WKT nor GeoJSON": (
        b'pin,geojson\nA,"{""coordinates"": ' + DEEP + b'}"\n',
        "geojson",
    ),
    r"row 2, geom: neither WKT nor GeoJSON": (
        b"pin,geom\nA," + b"GEOMETRYCOLLECTION(" * 5_000 + b"POINT (0 0)" + b")" * 5_000 + b"\n",
        "geom",
    ),
    r"row 2 \(parcel A\), streets: not GeoJSON": (
        b'pin,lot_width,streets\nA,50,"{""coordinates"": ' + DEEP + b'}"\n',
        "frontage",
    ),
    "feature 1, geometry: not an object": (collection([feature({"pin": "1"}, 5)]), "geometry"),
    "feature 2, geometry: not an object": (
        collection([GOOD, feature({"pin": "2", "lot_width": 50}, 0)]),
        "geometry",
    ),
}


@pytest.mark.parametrize(("message", "case"), BAD.items(), ids=list(BAD))
def test_unusable_files_say_what_is_wrong_and_where(message: str, case: tuple[bytes, str]) -> None:
    content, field = case
    with pytest.raises(InvalidParcel, match=message) as error:
        read_parcels("f", content, TOWN)
    assert error.value.field == field


@pytest.mark.parametrize("name", ["parcels.geojson", "more-parcels.csv"])
def test_example_town_is_read(name: str) -> None:
    parcels, warnings = read_parcels(name, (EXAMPLES / name).read_bytes(), TOWN)
    assert len({parcel.id for parcel in parcels}) == len(parcels) >= 3
    assert all("without zoning district" in each for each in warnings)


def test_example_town_has_every_kind_of_lot() -> None:
    content = (EXAMPLES / "parcels.geojson").read_bytes()
    lots = {p.id: lot_of(p) for p in read_parcels("parcels.geojson", content, TOWN)[0]}
    assert {lot.kind for lot in lots.values() if lot} == {"interior", "corner", "through", "flag"}


@pytest.mark.parametrize("name", ["Minn_parcels_sample.geojson", "test_lot.geojson"])
def test_real_county_samples_are_read(data: Path, name: str) -> None:
    path = data / "api" / "parcels" / "minneapolis" / name
    parcels, _ = read_parcels(name, path.read_bytes(), "Minneapolis, MN")
    for parcel in parcels:
        lot = lot_of(parcel)
        assert lot is not None
        assert lot.area_sqft > 100
        assert lot.width_at(None) > 1
