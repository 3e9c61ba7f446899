"""A parcel by its address, from a county that is replayed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from replayed_county import STEP, County, X, Y, answer_of, feature, geocoded, match_of, rectangle
from replayed_sources import Asked, Reply, replaying

from plotlot.domain.addresses import parse_address
from plotlot.domain.errors import (
    AmbiguousAddress,
    EgressRefused,
    SourceUnavailable,
    UnknownAddress,
    UnknownParcel,
)
from plotlot.domain.parcels import Parcel
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.ingestion.property.configuration import ParcelLayer, PropertySources, sources_of
from plotlot.ingestion.property.esri import page_in
from plotlot.ingestion.property.finding import Finder, Found, Sought, address_in, parcel_id, properties_of
from plotlot.ingestion.property.layers import Asking, address_clause
from plotlot.telemetry import Metrics

WILLOW = "402 Willow Street, Larkfield, OH"


@pytest.fixture
def county() -> Iterator[County]:
    with replaying() as server:
        yield County(server)


async def find(
    county: County, address: str = WILLOW, municipality: str = "", parcel_id: str = "", **changes: Any
) -> Parcel:
    configuration = county.configuration
    region = configuration["regions"][0]
    region["parcels"][0] |= changes.pop("layer", {})
    region |= changes.pop("region", {})
    sources = PropertySources.model_validate({**configuration, **changes})
    rules = EgressRules(own=frozenset({county.server.host}))
    async with EgressClient(rules, Metrics(), Limits(attempts=1, seconds=2, per_second=100)) as client:
        return await Finder(sources).find(Asking(client), Sought(address, municipality, parcel_id))


def rows(*attributes: dict[str, Any]) -> Reply:
    plain = {"SITE_ADDR": "402 WILLOW ST", "ACRES": 0.2, "USE": ""}
    return answer_of([feature({**plain, **each}, rectangle(X + STEP, Y)) for each in attributes])


async def test_place_boundary_district_and_who_said_what(county: County) -> None:
    found = await find(county)
    assert (found.id, found.address, found.municipality, found.district) == (
        "L-1",
        "402 WILLOW ST",
        "Larkfield, OH",
        "R-1",
    )
    assert found.geometry is not None
    assert found.properties == {"land_use": "Residence", "lot_area_sqft": "9077.904"}
    url = county.server.url
    assert [(source.provider, source.facts, source.url) for source in found.sources] == [
        ("Test geocoder", ("coordinates", "municipality"), f"{url}/geocoder"),
        ("Lark County Auditor", ("id", "address", "geometry", "land_use", "lot_area_sqft"), f"{url}/parcels"),
        ("Lark County zoning", ("district",), f"{url}/zoning"),
    ]
    assert all(source.retrieved_at.endswith("+00:00") for source in found.sources)
    assert found.warnings == ()


async def test_the_neighbour_at_the_geocoders_place_is_not_taken(county: County) -> None:
    """Between the ends of a block the geocoder guesses: its place may lie on another lot, or in the street."""
    county.server.says(
        "/geocoder/geographies/onelineaddress", geocoded(match_of(WILLOW, X + 2.2 * STEP, Y + 0.0001))
    )
    assert (await find(county)).id == "L-1"
    county.addresses[1] = "406 WILLOW ST"
    with pytest.raises(UnknownAddress) as raised:
        await find(county)
    assert "404 WILLOW ST" in raised.value.suggestions


async def test_an_address_far_from_its_place_is_found_by_words(county: County) -> None:
    county.server.says("/geocoder/geographies/onelineaddress", geocoded(match_of(WILLOW, X + 0.01, Y + 0.01)))
    assert (await find(county)).id == "L-1"
    assert county.server.asked[-2].query["where"] == "UPPER(SITE_ADDR) LIKE '402 %WILLOW%'"


async def test_without_the_geocoder_by_words_alone(county: County) -> None:
    county.server.says("/geocoder/geographies/onelineaddress", Reply(500))
    found = await find(county)
    assert (found.id, found.municipality) == ("L-1", "Larkfield, OH")
    assert [source.provider for source in found.sources] == ["Lark County Auditor", "Lark County zoning"]
    assert (await find(county, geocoder=None)).id == "L-1"
    county.addresses = ["1 OTHER RD"]
    with pytest.raises(SourceUnavailable, match="answers 500"):
        await find(county)  # that it is nowhere, nobody can say while the geocoder is away
    with pytest.raises(UnknownAddress):
        await find(county, geocoder=None)


async def test_a_parcel_without_an_address_is_taken_by_its_place_and_said_so(county: County) -> None:
    county.server.says("/parcels/query", rows({"PARCEL": "L-7", "SITE_ADDR": " "}))
    county.server.says(
        "/geocoder/geographies/onelineaddress", geocoded(match_of(WILLOW, X + STEP + 0.0001, Y + 0.0001))
    )
    found = await find(county)
    assert found.id == "L-7"
    assert "no address" in found.warnings[0]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("402 NW 218TH ST", "402 Northwest 218 Street"),
        ("16 SE 2 ST", "16 SE 2nd Street"),
        ("400-404 WILLOW ST", "402 Willow St"),
        ("402 WILLOW STREET", "402 Willow"),
        ("402 SAINT JOHNS AVE", "402 St. Johns Avenue"),
    ],
)
async def test_addresses_as_counties_write_them(county: County, written: str, asked: str) -> None:
    county.server.says("/geocoder/geographies/onelineaddress", geocoded(match_of(asked, X + STEP, Y)))
    county.server.says("/parcels/query", rows({"PARCEL": "L-1", "SITE_ADDR": written}))
    assert (await find(county, f"{asked}, Larkfield, OH")).address == written


@pytest.mark.parametrize("written", ["400-404 WILLOW ST", "402-1 WILLOW ST", "402A WILLOW ST"])
async def test_the_other_side_of_the_street_is_in_no_range(county: County, written: str) -> None:
    county.server.says("/geocoder/geographies/onelineaddress", geocoded(match_of("x", X + STEP, Y)))
    county.server.says("/parcels/query", rows({"PARCEL": "L-1", "SITE_ADDR": written}))
    with pytest.raises(UnknownAddress):
        await find(county, "401 Willow St, Larkfield, OH")


async def test_condominiums_are_told_apart_by_their_unit(county: County) -> None:
    county.server.says(
        "/parcels/query",
        rows(
            {"PARCEL": "L-1", "UNIT": "1A"}, {"PARCEL": "L-2", "UNIT": "2B"}, {"PARCEL": "L-2", "UNIT": "2B"}
        ),
    )
    layer = {"address": {"line": "SITE_ADDR", "unit": "UNIT"}}
    with pytest.raises(AmbiguousAddress) as raised:
        await find(county, layer=layer)
    assert raised.value.suggestions == (
        "402 WILLOW ST unit 1A (parcel L-1)",
        "402 WILLOW ST unit 2B (parcel L-2)",
    )
    assert (await find(county, "402 Willow St Unit 2B, Larkfield, OH", layer=layer)).id == "L-2"


async def test_addresses_in_parts(county: County) -> None:
    parts = {"NO": 402, "DIR": None, "STREET": "WILLOW", "TYPE": "ST"}
    county.server.says("/parcels/query", rows({"PARCEL": "484306BH0010", **parts}))
    fields = {"number": "NO", "direction": "DIR", "street": "STREET", "suffix": "TYPE"}
    found = await find(county, layer={"address": fields, "id_digits": 12})
    assert (found.id, found.address) == ("484306BH0010", "402 WILLOW ST")


@pytest.mark.parametrize(
    ("sent", "kept"), [("0101000000020", "0101000000020"), (101000000020, "0101000000020")]
)
async def test_ids_keep_their_noughts(county: County, sent: Any, kept: str) -> None:
    county.server.says("/parcels/query", rows({"PARCEL": sent}))
    assert (await find(county, layer={"id_digits": 13})).id == kept


@pytest.mark.parametrize(
    ("measure", "value", "square_feet"),
    [
        ("sqft", 60198, "60198"), ("acres", 0.25, "10890"), ("sqm", 1000, "10763.91042"), ("sqft", "9,000.5", "9000.5"),
        ("sqft", 0, None), ("sqft", -9999, None), ("acres", "unknown", None), ("hectares", 1e9, None),
    ],
)  # fmt: skip
async def test_units(county: County, measure: str, value: Any, square_feet: str | None) -> None:
    county.server.says("/parcels/query", rows({"PARCEL": "L-1", "ACRES": value}))
    found = await find(county, layer={"lot_area": {"field": "ACRES", "unit": measure}})
    assert found.properties.get("lot_area_sqft") == square_feet


async def test_pages_until_there_is_no_more(county: County) -> None:
    county.addresses = [f"{number} WILLOW ST" for number in range(400, 440, 2)]
    whole = county.parcels

    def paged(asked: Asked) -> Reply:
        document = json.loads(whole(asked).body)
        start = int(asked.query.get("resultOffset", 0))
        page = document["features"][start : start + 2]
        more = start + 2 < len(document["features"])
        return answer_of(page, exceededTransferLimit=more)

    county.server.answers["/parcels/query"] = paged
    assert (await find(county)).id == "L-1"
    offsets = [
        asked.query.get("resultOffset") for asked in county.server.asked if asked.path == "/parcels/query"
    ]
    assert offsets[:2] == [None, "2"]


async def test_a_part_of_an_answer_is_none(county: County) -> None:
    county.server.answers["/parcels/query"] = lambda asked: answer_of(
        [feature({"PARCEL": "L-0", "SITE_ADDR": "1 X ST", "ACRES": 1, "USE": ""})], exceededTransferLimit=True
    )
    with pytest.raises(SourceUnavailable, match="more than 5 features"):
        await find(county)


async def test_the_second_layer_where_the_first_fails_or_has_none(county: County) -> None:
    first = {
        **county.configuration["regions"][0]["parcels"][0],
        "url": f"{county.server.url}/old",
        "name": "Old",
    }
    layers = {"parcels": [first, county.configuration["regions"][0]["parcels"][0]]}
    for reply in (Reply(500), Reply(body=b'{"error": {"code": 500, "message": "x"}}'), answer_of([])):
        county.server.says("/old/query", reply)
        assert (await find(county, region=layers)).sources[1].provider == "Lark County Auditor"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(429, headers={"retry-after": "60"}), SourceUnavailable, "answers 429"),
        (Reply(500), SourceUnavailable, "answers 500"),
        (
            Reply(body=b'{"error": {"code": 400, "message": "Invalid field"}}'),
            SourceUnavailable,
            "Invalid field",
        ),
        (Reply(body=b"<html>Sign in</html>"), SourceUnavailable, "a web page"),
        (Reply(body=b'{"features": [', cut=True), SourceUnavailable, "broke off"),
        (Reply(delay_seconds=9), SourceUnavailable, "did not answer"),
        (Reply(302, headers={"location": "http://10.0.0.1/"}), EgressRefused, "not https"),
        (Reply(302, headers={"location": "https://169.254.169.254/"}), EgressRefused, "may not be asked"),
        (answer_of([feature({"OTHER": 1})]), SourceUnavailable, "has no field PARCEL; it has OTHER"),
    ],
)
async def test_a_layer_that_fails_is_no_parcel_that_is_missing(
    county: County, reply: Reply, kind: type[SourceUnavailable], words: str
) -> None:
    county.server.says("/parcels/query", reply)
    with pytest.raises(SourceUnavailable, match=words) as raised:
        await find(county)
    assert type(raised.value) is kind


async def test_where_the_county_is_not_looked_up(county: County) -> None:
    elsewhere = match_of(WILLOW, X, Y, Counties=[{"GEOID": "39001"}])
    county.server.says("/geocoder/geographies/onelineaddress", geocoded(elsewhere))
    with pytest.raises(UnknownAddress, match=r"none of the counties that are looked up \(Lark County\)"):
        await find(county)
    assert len(county.server.asked) == 1


async def test_towns(county: County) -> None:
    with pytest.raises(UnknownAddress, match="is in Larkfield, OH, not in Elmville, OH"):
        await find(county, "402 Willow St", "Elmville, OH")
    assert (await find(county, "402 Willow St", " larkfield, oh")).municipality == "Larkfield, OH"
    path = "/geocoder/geographies/onelineaddress"
    outside = {"Incorporated Places": [], "County Subdivisions": []}
    county.server.says(path, geocoded(match_of(WILLOW, X + STEP, Y, **outside)))
    assert (await find(county)).municipality == "Lark County, OH"
    county.server.says(
        path, geocoded(match_of(WILLOW, X + STEP, Y, **{"Incorporated Places": [{"status": "x"}]}))
    )
    with pytest.raises(SourceUnavailable, match="name the municipality"):
        await find(county)
    assert (await find(county, "402 Willow St", "Larkfield, OH")).municipality == "Larkfield, OH"


async def test_a_boundary_that_no_lot_has(county: County) -> None:
    line = [[X, Y], [X + 0.001, Y], [X, Y]]
    for rings in ([line], []):
        features = [feature({"PARCEL": "L-1", "SITE_ADDR": "402 WILLOW ST", "ACRES": 0.2, "USE": ""}, *rings)]
        county.server.says("/parcels/query", answer_of(features))
        found = await find(county)
        assert found.geometry is None
        assert "boundary" in found.warnings[0]
        assert "geometry" not in found.sources[1].facts


@pytest.mark.parametrize(
    ("address", "clause"),
    [
        ("402 Willow St", "UPPER(A) LIKE '402 %WILLOW%'"),
        ("402 O'Brien' OR 1=1 --", "UPPER(A) LIKE '402 %OBRIEN%'"),
        ("402 100% _x", "UPPER(A) LIKE '402 %100%'"),
        ("Willow St", ""),
    ],
)
def test_no_word_of_an_address_ends_the_query(address: str, clause: str) -> None:
    layer = ParcelLayer(name="l", url="https://h/0", id="ID", address={"line": "A"})  # type: ignore[arg-type]
    assert address_clause(layer, parse_address(address)) == clause


async def test_by_its_id(county: County) -> None:
    found = await find(county, "", "Larkfield, OH", "L-1")
    by_address = await find(county)
    assert replace(found, sources=()) == replace(by_address, sources=())
    with pytest.raises(UnknownParcel):
        await find(county, "", "Larkfield, OH", "L-9")
    sent = len(county.server.asked)
    with pytest.raises(UnknownParcel):
        await find(county, "", "Larkfield, OH", "L' OR '1'='1")
    assert len(county.server.asked) == sent
    with pytest.raises(UnknownAddress, match="is in Larkfield, OH, not in Elmville, OH"):
        await find(county, "", "Elmville, OH", "L-1")
    county.server.says("/parcels/query", Reply(500))
    with pytest.raises(SourceUnavailable):
        await find(county, "", "Larkfield, OH", "L-1")


async def test_a_town_without_its_state(county: County) -> None:
    assert (await find(county, "402 Willow St", "Larkfield")).municipality == "Larkfield"
    outside = {"Incorporated Places": [], "County Subdivisions": []}
    county.server.says(
        "/geocoder/geographies/onelineaddress", geocoded(match_of(WILLOW, X + STEP, Y, **outside))
    )
    with pytest.raises(UnknownAddress, match="is in Lark County, OH, not in Larkfield, OH"):
        await find(county, "402 Willow St", "Larkfield, OH")


def test_a_record_of_the_property_appraiser(data: Path) -> None:
    """A record as it was seen: a nought is a year that is not known, and a point is no boundary."""
    sources = sources_of("miami-dade")
    assert sources is not None
    region = sources.regions[0]
    layer = region.parcels[0]
    content = (data / "api" / "miami_dade" / "pa_feature_sample.json").read_bytes()
    (feature,) = page_in(content, layer.name, layer.fields).features
    found = Found(feature, layer, region, "")
    assert (parcel_id(feature, layer), address_in(feature, layer)) == ("0101000000020", "16 SE 2 ST")
    assert properties_of(found) == {"land_use_code": "2865", "lot_area_sqft": "60198"}
    assert feature.geometry is None
