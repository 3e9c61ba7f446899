"""The forms of a report over a town in memory: other facts, remarks, what changed, and reports of before."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fake_gateway import ADDRESS, KeptAnalyses, TownClients, fake_app, standard, standards

from plotlot.domain.errors import UnknownParcel
from plotlot.gateway.clients import DistrictStandards
from plotlot.gateway.watching.cited import Cited, CitedSection


class Town(TownClients):
    """A town whose code may be changed."""

    front = 25.0
    gone = False

    async def standards(self, municipality: str, district: str) -> DistrictStandards:
        front = standard("front_setback", self.front, f"A front yard of {self.front:g} feet is required.")
        return DistrictStandards(
            district,
            "Two-Family Residential",
            (front, *(s for s in standards() if s.field != "front_setback")),
        )

    async def find_parcel(self, address: str, parcel_id: str, municipality: str) -> Any:
        if self.gone:
            raise UnknownParcel(f"no parcel {parcel_id!r} is here", field="parcel_id")
        return await super().find_parcel(address, parcel_id, municipality)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def kept() -> KeptAnalyses:
    return KeptAnalyses()


@pytest_asyncio.fixture
async def client(town: Town, kept: KeptAnalyses) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(fake_app(town, kept), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def asked(client: httpx.AsyncClient) -> str:
    answer = await client.get("/analyze", params={"address": ADDRESS})
    return str(answer.headers["location"])


async def test_other_facts_make_a_report_that_says_so(client: httpx.AsyncClient, kept: KeptAnalyses) -> None:
    first = await asked(client)
    assert "not by the source alone" not in (await client.get(first)).text
    answer = await client.post(f"{first}/rerun", data={"lot_area_sqft": "16,000", "lot_kind": "corner"})
    assert answer.status_code == 303
    again = await client.get(answer.headers["location"])
    assert "By 2 facts that the reader stated" in again.text
    assert "16,000 sq ft ÷ 4,000 sq ft a unit = 4.00, so 4" in again.text
    assert f'href="{first}"' in again.text
    report = kept.kept[answer.headers["location"].rpartition("/")[2]][0]
    assert report["rerun_of"] == first.rpartition("/")[2]
    assert report["facts"]["lot_kind"] == {"value": "corner", "origin": "reader", "instead_of": "interior"}
    assert "2 units" in (await client.get(first)).text, "the report that was asked again stays as it is"


async def test_facts_stated_before_stay_until_they_are_emptied(client: httpx.AsyncClient) -> None:
    first = await asked(client)
    second = (await client.post(f"{first}/rerun", data={"lot_area_sqft": "16000"})).headers["location"]
    third = (await client.post(f"{second}/rerun", data={"sewer": "none"})).headers["location"]
    assert "By 2 facts" in (await client.get(third)).text
    fourth = (await client.post(f"{third}/rerun", data={"sewer": "", "lot_area_sqft": ""})).headers[
        "location"
    ]
    assert "not by the source alone" not in (await client.get(fourth)).text


async def test_nothing_changed_is_nothing_asked(client: httpx.AsyncClient, kept: KeptAnalyses) -> None:
    first = await asked(client)
    answer = await client.post(f"{first}/rerun", data={"lot_kind": ""})
    assert answer.headers["location"] == f"{first}#facts"
    assert len(kept.kept) == 1


async def test_a_fact_that_cannot_be_taken_stays_as_typed(
    client: httpx.AsyncClient, kept: KeptAnalyses
) -> None:
    first = await asked(client)
    answer = await client.post(f"{first}/rerun", data={"lot_area_sqft": '"><b>big', "lot_width_ft": "77"})
    assert answer.status_code == 422
    assert 'value="&#34;&gt;&lt;b&gt;big"' in answer.text
    assert 'value="77"' in answer.text
    assert re.search(r'name="lot_area_sqft"[^>]*aria-invalid="true"', answer.text)
    assert '<details class="edit" open>' in answer.text
    assert len(kept.kept) == 1


@pytest.mark.parametrize("form", ["rerun", "feedback"])
async def test_the_address_of_a_form_leads_back_to_its_report(client: httpx.AsyncClient, form: str) -> None:
    first = await asked(client)
    answer = await client.get(f"{first}/{form}")
    assert (answer.status_code, answer.headers["location"]) == (303, first)


async def test_a_rerun_is_of_the_same_parcel(client: httpx.AsyncClient) -> None:
    first = (await asked(client)).rpartition("/")[2]
    body = {"address": ADDRESS, "facts": {"lot_area_sqft": 16000}}
    good = await client.post("/v1/analyses", json={**body, "rerun_of": first})
    assert good.status_code == 201
    assert (await client.post("/v1/analyses", json={**body, "rerun_of": "an-none"})).status_code == 404
    bad = await client.post("/v1/analyses", json={"address": ADDRESS, "facts": {"lot_area_sqft": 0}})
    assert (bad.status_code, bad.json()["field"]) == (422, "facts.lot_area_sqft")


async def test_a_remark_that_says_nothing_is_refused_where_it_was_made(client: httpx.AsyncClient) -> None:
    first = await asked(client)
    sent = {"kind": "wrong_number", "expected": "many", "comment": "Table <4>"}
    answer = await client.post(
        f"{first}/feedback",
        params={"place": "standard-0", "field": "front_setback", "standard": "0"},
        data=sent,
    )
    assert answer.status_code == 422
    assert "Table &lt;4&gt;</textarea>" in answer.text
    assert answer.text.count("<details open>") == 1
    assert 'value="many" aria-invalid="true"' in answer.text


async def test_thanks_stand_at_the_value(client: httpx.AsyncClient) -> None:
    first = await asked(client)
    page = (await client.get(first, params={"thanks": "standard-1"})).text
    assert page.count("Thank you.") == 1
    assert page.index('id="standard-1"') < page.index("Thank you.")
    assert "Thank you." not in (await client.get(first, params={"thanks": "<script>"})).text


async def test_nothing_has_changed_until_the_code_does(client: httpx.AsyncClient, town: Town) -> None:
    first = await asked(client)
    assert "gives the same answer" in (await client.get(f"{first}/changes")).text
    town.front = 60.0
    page = (await client.get(f"{first}/changes")).text
    assert "A front yard of 25 feet is required." in re.sub(r"<[^>]+>", "", page)
    assert "A front yard of 60 feet is required." in re.sub(r"<[^>]+>", "", page)
    found = (await client.get(f"/v1{first}/changes")).json()
    assert [(each["field"], each["change"]) for each in found["standards"]] == [("front_setback", "changed")]


async def test_changes_are_of_the_same_facts_and_keep_nothing(
    client: httpx.AsyncClient, kept: KeptAnalyses
) -> None:
    first = await asked(client)
    second = (await client.post(f"{first}/rerun", data={"lot_area_sqft": "16000"})).headers["location"]
    assert (await client.get(f"/v1{second}/changes")).json()["same"]
    assert len(kept.kept) == 2


async def test_a_lot_that_went_is_said_to_be_gone(client: httpx.AsyncClient, town: Town) -> None:
    first = await asked(client)
    town.gone = True
    page = await client.get(f"{first}/changes")
    assert page.status_code == 200
    assert "cannot be answered for any more" in page.text


async def test_a_report_of_before_facts_and_dates_were_kept_is_shown(
    client: httpx.AsyncClient, kept: KeptAnalyses
) -> None:
    path = await asked(client)
    report, drawing = kept.kept[path.rpartition("/")[2]]
    old = {name: value for name, value in report.items() if name not in ("facts", "rerun_of")}
    for each in old["standards"]:
        for name in ("effective_date", "retrieved_at"):
            (each["citation"] or {}).pop(name, None)
    kept.kept["an-old"] = ({**old, "id": "an-old"}, drawing)
    page = await client.get("/analyses/an-old")
    assert page.status_code == 200
    assert "2 units" in page.text
    assert (await client.get("/v1/analyses/an-old/changes")).json()["same"]
    again = await client.post("/analyses/an-old/rerun", data={"lot_area_sqft": "16000"})
    assert again.status_code == 303


class Amended:
    """One section that reports cite was changed, and one removed."""

    async def of(self, report: Any) -> list[CitedSection]:
        at = datetime(2026, 3, 1, 2, tzinfo=UTC)
        return [
            CitedSection(Cited("doc-1", "Zoning Code", "Sec. 4 Yards"), "changed", at),
            CitedSection(Cited("doc-1", "", "Sec. 5 Heights"), "removed", at),
            CitedSection(Cited("doc-1", "", "Sec. 6 Lots"), "as_cited", None),
        ]


async def test_a_report_says_which_sections_changed_that_it_cites_and_keeps_its_quotes(
    town: Town, kept: KeptAnalyses, client: httpx.AsyncClient
) -> None:
    path = await asked(client)
    assert "The code has changed since" not in (await client.get(path)).text
    amended = httpx.ASGITransport(fake_app(town, kept, sections=Amended()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=amended, base_url="http://test") as opened:
        page = (await opened.get(path)).text
    told = page[page.index("The code has changed since") : page.index("See what changed")]
    assert "Sec. 4 Yards (Zoning Code) changed on March 1, 2026" in told
    assert "Sec. 5 Heights was removed on March 1, 2026" in told
    assert "Sec. 6 Lots" not in told
    assert f'href="{path}/changes">See what changed' in page
    assert "A front yard of 25 feet is required." in page
