from collections.abc import Iterator
from typing import Any

import pytest
from replayed_county import County, X, Y, answer_of, feature, rectangle
from replayed_sources import Reply, replaying

from plotlot.egress.client import EgressClient, Limits
from plotlot.egress.rules import EgressRules
from plotlot.ingestion.property.configuration import PropertySources
from plotlot.ingestion.property.layers import Asking
from plotlot.ingestion.property.zoning import Zoned, zoned
from plotlot.telemetry import Metrics

LOT = {"type": "Polygon", "coordinates": [rectangle(X, Y)]}
WHOLE = rectangle(X - 1e-3, Y - 1e-3, 5e-3, 5e-3)


@pytest.fixture
def county() -> Iterator[County]:
    with replaying() as server:
        yield County(server)


async def zone(county: County, *answers: Reply, lot: Any = LOT) -> Zoned:
    """The district by as many layers as there are answers."""
    configuration = county.configuration
    (layer,) = configuration["regions"][0]["zoning"]
    listed = []
    for number, reply in enumerate(answers):
        county.server.says(f"/zone{number}/query", reply)
        listed.append({**layer, "name": f"zone{number}", "url": f"{county.server.url}/zone{number}"})
    configuration["regions"][0]["zoning"] = listed
    sources = PropertySources.model_validate(configuration)
    rules = EgressRules(own=frozenset({county.server.host}))
    async with EgressClient(rules, Metrics(), Limits(attempts=1, seconds=2)) as client:
        return await zoned(Asking(client), sources.regions[0], lot)


def areas(**districts: list[list[float]]) -> Reply:
    return answer_of([feature({"ZONE": name}, ring) for name, ring in districts.items()])


async def test_the_district_that_covers_the_lot(county: County) -> None:
    sliver = rectangle(X + 0.000295, Y, 1e-3, 1e-3)
    found = await zone(county, areas(R1=WHOLE))
    assert (found.district, found.warnings) == ("R1", ())
    assert (await zone(county, areas(R1=rectangle(X, Y, 0.000296, 0.0003), C2=sliver))).district == "R1"


async def test_a_lot_in_two_districts_has_none_until_planning_says(county: County) -> None:
    found = await zone(county, areas(R1=rectangle(X, Y, 0.0002), C2=rectangle(X + 0.0002, Y, 0.0001)))
    assert found.district == ""
    assert "R1 (67%), C2 (33%); ask the planning department" in found.warnings[0]
    partly = await zone(county, areas(R1=rectangle(X, Y, 0.0001)))
    assert partly.district == ""
    assert "only partly" in partly.warnings[0]


async def test_a_placeholder_means_the_next_layer(county: County) -> None:
    found = await zone(county, areas(NONE=WHOLE), areas(**{"RU-1": WHOLE}))
    assert (found.district, found.source and found.source.provider) == ("RU-1", "zone1")
    assert (await zone(county, answer_of([]), areas(A=WHOLE))).district == "A"
    assert await zone(county, areas(NONE=WHOLE), answer_of([])) == Zoned()
    assert await zone(county, areas(A=WHOLE), lot=None) == Zoned()


async def test_a_layer_that_fails_lets_no_other_answer(county: County) -> None:
    """The county's own zoning says nothing of a city's land: where the city's cannot be asked, the district is not known."""
    for reply in (Reply(500), Reply(body=b'{"error": {"code": 400, "message": "x"}}'), Reply(body=b"<html>")):
        found = await zone(county, reply, areas(A=WHOLE))
        assert found.district == ""
        assert "could not be looked up" in found.warnings[0]
