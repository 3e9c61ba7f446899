"""The map of a report: everything in its place, in longitude and latitude, or not on it."""

import copy
from typing import Any

import httpx
import pytest
from fake_gateway import ADDRESS, BUNDLE, TOWN, KeptAnalyses, TownClients, fake_app, square
from pydantic import ValidationError
from shapely.geometry import shape

from plotlot.domain.outlines import in_degrees, outline_of
from plotlot.domain.parcels import Parcel
from plotlot.domain.stated_facts import StatedFacts
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.inquiries import Question
from plotlot.gateway.reports.maps import map_of, place_words, street_names
from plotlot.gateway.web.events import last
from plotlot.gateway.web.map_tiles import MapTiles
from plotlot.gateway.web.rendering import Renderer
from plotlot.gateway.web.static_files import StaticFiles
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

STREET = {
    "type": "Feature",
    "properties": {"name": "Elm Street"},
    "geometry": {"type": "LineString", "coordinates": [[-81.501, 41.09995], [-81.499, 41.09995]]},
}
CORNERED = {"type": "Polygon", "coordinates": [[
    [-81.5, 41.1], [-81.4996, 41.1], [-81.4996, 41.1003], [-81.4998, 41.1003], [-81.4998, 41.1002], [-81.5, 41.1002],
    [-81.5, 41.1],
]]}  # fmt: skip


async def report_of(parcel: Parcel, facts: StatedFacts | None = None) -> dict[str, Any]:
    kept: Any = KeptAnalyses()
    clients: Any = TownClients({"it": parcel})
    question = Question("it", "", TOWN, facts or StatedFacts())
    report: dict[str, Any] = await last(Analyst(clients, kept, BUNDLE.id, Metrics()).analyze(question))
    return report


def lot(geometry: dict[str, Any] | None, **properties: str) -> Parcel:
    return Parcel("p-1", TOWN, ADDRESS, "R-2", geometry, STREET, properties)


def of_kind(collection: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in collection["features"] if each["properties"]["kind"] == kind]


@pytest.mark.parametrize("geometry", [square(), square(300, 150), CORNERED])
async def test_the_envelope_lies_in_the_lot_and_has_its_area(geometry: dict[str, Any]) -> None:
    report = await report_of(lot(geometry))
    found = map_of(report)
    (drawn,), (envelope,) = of_kind(found, "lot"), of_kind(found, "envelope")
    boundary, buildable = shape(drawn["geometry"]), shape(envelope["geometry"])
    assert boundary.symmetric_difference(shape(geometry)).area < boundary.area * 1e-5
    assert boundary.contains(buildable)
    share = buildable.area / boundary.area
    assert share == pytest.approx(
        report["envelope"]["area_sqft"] / report["parcel"]["lot"]["area_sqft"], rel=1e-3
    )


async def test_every_lot_line_lies_on_the_boundary_with_its_setback() -> None:
    found = map_of(await report_of(lot(square())))
    boundary = shape(of_kind(found, "lot")[0]["geometry"]).boundary
    lines = of_kind(found, "lot_line")
    assert sorted(line["properties"]["edge"] for line in lines) == ["front", "rear", "side", "side"]
    assert all(boundary.buffer(1e-7).contains(shape(line["geometry"])) for line in lines)
    assert {line["properties"]["distance_ft"] for line in lines} == {25.0, 5.0, 20.0}
    (street,) = of_kind(found, "street")
    assert street["properties"]["name"] == "Elm Street"


async def test_polygons_run_as_geojson_asks() -> None:
    found = map_of(await report_of(lot(square())))
    for kind in ("lot", "envelope"):
        for polygon in getattr(shape(of_kind(found, kind)[0]["geometry"]), "geoms", None) or [
            shape(of_kind(found, kind)[0]["geometry"])
        ]:
            assert polygon.exterior.is_ccw


async def test_a_lot_of_stated_sizes_has_no_envelope_on_the_map() -> None:
    report = await report_of(lot(square()), StatedFacts(lot_width_ft=60, lot_depth_ft=90))
    assert report["envelope"]["polygons"]
    assert [each["properties"]["kind"] for each in map_of(report)["features"]] == ["lot", "street"]


async def test_a_lot_without_a_boundary_is_on_no_map() -> None:
    report = await report_of(lot(None, lot_width_ft="50", lot_depth_ft="100"))
    assert map_of(report)["features"] == []


async def test_a_report_of_before_has_the_lot_and_the_envelope() -> None:
    report = copy.deepcopy(await report_of(lot(square())))
    del report["parcel"]["frontage"]
    for yard in report["envelope"]["setbacks"]:
        del yard["points"]
    assert [each["properties"]["kind"] for each in map_of(report)["features"]] == ["lot", "envelope"]


def test_feet_become_the_degrees_that_they_were() -> None:
    outline = outline_of(CORNERED)
    there = in_degrees(outline.polygon, outline)
    assert there.hausdorff_distance(shape(CORNERED)) < 1e-9


def test_a_place_and_its_streets_in_words() -> None:
    assert place_words(square()) == "41.1002° N, 81.4999° W"
    assert street_names({"type": "FeatureCollection", "features": [STREET, STREET]}) == ["Elm Street"]
    assert street_names(None) == []


async def test_a_map_is_served_as_geojson_and_its_page_says_where_it_is() -> None:
    transport = httpx.ASGITransport(fake_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/analyze", params={"address": ADDRESS})
        page = answer.headers["location"]
        html = (await client.get(page)).text
        saved = (await client.get(f"{page}/report.html")).text
        found = await client.get(f"/v1{page}/map.geojson")
    assert found.headers["content-type"] == "application/geo+json"
    assert found.json()["features"][0]["properties"]["kind"] == "lot"
    assert "41.1002° N" in html
    assert f'/v1{page}/map.geojson"' in html
    assert "map.geojson" not in saved


def test_pages_may_load_tiles_from_their_server_alone() -> None:
    url = "https://{s}.tiles.example:8443/{z}/{x}/{y}.png?key=1"
    assert Settings(map_tiles=url).map_tiles == url
    policy = Renderer(MapTiles(url)).page("missing.html", path="/").headers["content-security-policy"]
    assert "img-src 'self' data: https://*.tiles.example:8443;" in policy
    plain = Renderer().page("missing.html", path="/").headers["content-security-policy"]
    assert "img-src 'self' data:;" in plain


@pytest.mark.parametrize(
    "wrong",
    ["tiles.example/{z}/{x}/{y}", "https://t.example/{z}/{x}", "https://t.example; script-src */{z}{x}{y}"],
)
def test_a_template_of_tiles_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(map_tiles=wrong)


async def test_without_leaflet_the_page_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plotlot.gateway.web.static_files.leaflet_files", dict)
    files: StaticFiles = Renderer().files
    assert "leaflet.js" not in files.contents
    transport = httpx.ASGITransport(fake_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/analyze", params={"address": ADDRESS}, follow_redirects=True)
    assert "lot-map" not in answer.text
    assert "lot-drawing" in answer.text
    assert "41.1002° N" in answer.text
