"""The pages of places over a town in memory: the address box, towns, and what is suggested."""

import httpx
import pytest
from fake_gateway import ADDRESS, TOWN, TownClients, fake_app

from plotlot.domain.errors import ServiceUnavailable


def client_of(clients: TownClients | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(fake_app(clients), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_what_was_typed_stands_in_the_box_again() -> None:
    async with client_of() as client:
        html = (await client.get("/", params={"address": 'a "b"', "municipality": TOWN})).text
    assert 'value="a &#34;b&#34;"' in html
    assert f'<option value="{TOWN}" selected>' in html


async def test_towns_show_coverage_freshness_and_quality() -> None:
    async with client_of() as client:
        html = (await client.get("/towns")).text
        figures = (await client.get("/v1/municipalities")).json()["municipalities"][0]
    assert figures["coverage"]["not_stated"] == 4
    for shown in (">11<", ">4<", ">92.8%<", "January 5, 2026", "2 wrong numbers", "open: 1 wrong number"):
        assert shown in html.replace("\n", ""), shown


async def test_a_town_shows_its_documents_with_their_dates() -> None:
    async with client_of() as client:
        html = (await client.get(f"/towns/{TOWN}")).text
        one = (await client.get(f"/v1/municipalities/{TOWN}")).json()
    assert "Zoning" in html
    assert "not said" in html
    assert ", 2 read" in html
    assert one["feedback"]["reported"] == {"missing": 1, "wrong_number": 2}


async def test_towns_are_shown_without_their_readings_while_nothing_reads() -> None:
    class Away(TownClients):
        async def standard_counts(self, towns: list[str]) -> dict:
            raise ServiceUnavailable("extraction is away")

    async with client_of(Away()) as client:
        answer = await client.get("/towns")
        figures = (await client.get("/v1/municipalities")).json()["municipalities"][0]
    assert answer.status_code == 200
    assert "Not read yet" in answer.text
    assert figures["coverage"] is None


async def test_addresses_are_suggested() -> None:
    async with client_of() as client:
        answer = await client.get("/v1/addresses", params={"q": "7 e"})
        nothing = await client.get("/v1/addresses", params={"q": "9"})
    assert answer.json() == {
        "addresses": [{"address": f"{ADDRESS}, {TOWN}", "municipality": TOWN, "parcel_id": "p-1"}]
    }
    assert nothing.json() == {"addresses": []}


@pytest.mark.parametrize("wrong", [{"q": ""}, {}, {"q": "7", "limit": 21}, {"q": "7\0"}])
async def test_a_request_for_suggestions_that_is_none_names_its_field(wrong: dict) -> None:
    async with client_of() as client:
        answer = await client.get("/v1/addresses", params=wrong)
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors#invalid-request")


async def test_a_number_of_a_district_can_be_marked_where_it_stands() -> None:
    async with client_of() as client:
        page = (await client.get(f"/towns/{TOWN}/R-2", params={"thanks": "standard-0"})).text
        assert page.index('id="standard-0"') < page.index("Thank you.")
        asked = {"place": "standard-0", "field": "min_lot_area", "standard": "0"}
        sent = {"kind": "wrong_number", "expected": "most"}
        refused = await client.post(f"/towns/{TOWN}/R-2", params=asked, data=sent)
    assert refused.status_code == 422
    assert 'value="most" aria-invalid="true"' in refused.text
