import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replayed_county import geocoded as answer
from replayed_county import match_of
from replayed_sources import ReplayingServer, Reply, replaying

from plotlot.domain.errors import AmbiguousAddress, SourceUnavailable
from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.ingestion.property.configuration import Geocoder
from plotlot.ingestion.property.geocoding import Place, geocoded
from plotlot.ingestion.property.layers import Asking
from plotlot.telemetry import Metrics

PATH = "/geocoder/geographies/onelineaddress"


@pytest.fixture
def server() -> Iterator[ReplayingServer]:
    with replaying() as running:
        yield running


async def place(
    server: ReplayingServer, *replies: Reply, address: str = "400 Willow St, Larkfield, OH"
) -> Place | None:
    server.says(PATH, *replies)
    rules = EgressRules(own=frozenset({server.host}))
    async with EgressClient(rules, Metrics(), Limits(attempts=1, seconds=2)) as client:
        geocoder = Geocoder(name="geocoder", url=f"{server.url}/geocoder")
        return await geocoded(Asking(client), geocoder, address)


async def test_a_place_its_county_and_its_town(server: ReplayingServer) -> None:
    found = await place(server, answer(match_of("400 Willow St, Larkfield, OH", -83.56, 40.59)))
    assert found is not None
    assert (found.x, found.y, found.county, found.municipality) == (-83.56, 40.59, "39999", "Larkfield, OH")
    sent = server.asked[0].query
    assert sent["address"] == "400 Willow St, Larkfield, OH"
    assert (sent["benchmark"], sent["vintage"], sent["format"]) == (
        "Public_AR_Current",
        "Current_Current",
        "json",
    )
    assert "Incorporated Places" in sent["layers"]


@pytest.mark.parametrize(
    ("geographies", "town"),
    [
        ({"Incorporated Places": []}, "Lark"),
        (
            {
                "Incorporated Places": [],
                "County Subdivisions": [{"BASENAME": "Census tract town", "FUNCSTAT": "S"}],
            },
            "",
        ),
        ({"Incorporated Places": [{"status": "Layer query encountered an error: Failed to return"}]}, None),
        ({"Incorporated Places": [], "County Subdivisions": [{"status": "error"}]}, None),
        ({"Incorporated Places": None}, None),
    ],
)
async def test_towns_villages_and_land_of_neither(
    server: ReplayingServer, geographies: dict[str, Any], town: str | None
) -> None:
    """A layer that failed inside of an answer of status 200 does not make a city's land unincorporated."""
    found = await place(server, answer(match_of("400 Willow St", -83.56, 40.59, **geographies)))
    assert found is not None
    assert found.town == town


async def test_nothing_and_null_islands(server: ReplayingServer) -> None:
    assert await place(server, answer()) is None
    assert await place(server, answer(match_of("400 Willow St", 0.0, 0.0))) is None
    assert (
        await place(server, answer({"matchedAddress": "x", "coordinates": {"x": None, "y": "here"}})) is None
    )


async def test_two_matches_of_one_place_are_one(server: ReplayingServer) -> None:
    """Segments of a street on both sides of a corner, or of both its names, match at nearly one place."""
    matches = [match_of("400 Willow St", -83.56, 40.59), match_of("400 State Rte 9", -83.5601, 40.5901)]
    found = await place(server, answer(*matches))
    assert found is not None
    assert found.matched == "400 WILLOW ST"


@pytest.mark.parametrize(
    "second",
    [
        match_of("400 E Willow St, Larkfield, OH", -83.50, 40.59),
        match_of("400 Willow St, Elsewhere, OH", -83.56, 40.59, Counties=[{"GEOID": "39001"}]),
    ],
)
async def test_several_places_are_named(server: ReplayingServer, second: dict[str, Any]) -> None:
    with pytest.raises(AmbiguousAddress) as raised:
        await place(server, answer(match_of("400 Willow St, Larkfield, OH", -83.56, 40.59), second))
    assert len(raised.value.suggestions) == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(body=b"<html>down for maintenance</html>"), "a web page"),
        (Reply(400, b'{"errors": ["Address is required"]}'), "answers 400"),
        (Reply(body=b'{"result": {}}'), "without addressMatches"),
        (Reply(body=b'{"errors": ["x"], "status": "400"}'), "without addressMatches"),
        (Reply(500), "answers 500"),
        (Reply(429, headers={"retry-after": "9"}), "answers 429"),
        (Reply(body=b'{"result": {"addressMatches": []}}', cut=True), "broke off"),
        (Reply(302, headers={"location": "http://169.254.169.254/"}), "not https"),
    ],
)
async def test_what_is_no_answer(server: ReplayingServer, reply: Reply, words: str) -> None:
    with pytest.raises(SourceUnavailable, match=words):
        await place(server, reply)


async def test_answers_as_the_bureau_recorded_them(server: ReplayingServer, data: Path) -> None:
    """Of the recorded address the place is known; its town is not, for that layer had failed."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads what Python 2 wrote."""

    Loader.add_constructor(
        "tag:yaml.org,2002:python/unicode", lambda loader, node: loader.construct_scalar(node)
    )
    text = (data / "api" / "census" / "onelineaddress.vcr.yaml").read_text()
    recorded = yaml.load(text, Loader)["interactions"][0]["response"]["body"]["string"]
    found = await place(
        server,
        Reply(body=recorded.encode()),
        address=json.loads(recorded)["result"]["input"]["address"]["address"],
    )
    assert found is not None
    assert (found.county, found.state, found.town) == ("11001", "DC", None)
    assert (found.x, found.y) == (-77.03535, 38.898754)
