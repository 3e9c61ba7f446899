"""The page over a town in memory: what it answers, escapes, links and refuses."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fake_gateway import (
    ADDRESS,
    TEXTS,
    TOWN,
    KeptAnalyses,
    TownClients,
    fake_app,
    square,
    standard,
    standards,
)

from plotlot.domain.parcels import Parcel
from plotlot.gateway.clients import DistrictStandards

HOSTILE = '<script>alert("x")</script>'


def client_of(clients: TownClients | None = None, kept: KeptAnalyses | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(fake_app(clients, kept), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of() as opened:
        yield opened


async def saved_of(client: httpx.AsyncClient) -> httpx.Response:
    answer = await client.get("/analyze", params={"address": ADDRESS})
    return await client.get(f"{answer.headers['location']}/report.html")


async def report_of(client: httpx.AsyncClient, address: str = ADDRESS) -> str:
    answer = await client.get("/analyze", params={"address": address}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def seen(html: str) -> str:
    """The text of a page, without its head, tags and runs of blanks."""
    body = re.sub(r"<[^>]+>", " ", html.split("<body>")[1])
    return " ".join(body.split())


async def test_a_saved_report_is_asked_for_again(client: httpx.AsyncClient) -> None:
    saved = await saved_of(client)
    assert saved.headers["cache-control"] == "private, no-cache"
    known = {"If-None-Match": saved.headers["etag"]}
    again = await client.get(saved.request.url, headers=known)
    assert (again.status_code, again.content) == (304, b"")


async def test_the_form_leads_to_a_report_that_keeps_its_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/analyze", params={"address": ADDRESS, "municipality": TOWN})
    assert answer.status_code == 303
    first = await client.get(answer.headers["location"])
    assert first.text == (await client.get(answer.headers["location"])).text
    assert ADDRESS in first.text


async def test_the_answer_stands_before_what_it_rests_on(client: httpx.AsyncClient) -> None:
    text = seen(await report_of(client))
    order = ["2 units", "What decides: lot area per unit", "One more unit needs", "Every constraint",
             "A front yard of not less than twenty-five (25) feet is required."]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "Ask the planning department" in text
    assert "Not stated in the code that was read: Maximum floor area ratio." in text
    assert "Where lot: corner" in text


async def test_a_saved_report_asks_for_nothing_else(client: httpx.AsyncClient) -> None:
    html = (await saved_of(client)).text
    fetched = re.findall(r"""(?:src|<link[^>]*href)=["']?([^"'> ]+)""", html)
    assert all(address.startswith("data:") for address in fetched)
    assert not re.search(r"<script|<form|@import|url\(", html)


async def test_a_saved_report_has_no_links_back(client: httpx.AsyncClient) -> None:
    saved = await saved_of(client)
    assert "attachment" in saved.headers["content-disposition"]
    assert not re.search(r'href="/', saved.text)
    assert "2 units" in saved.text


@pytest.mark.parametrize("path", ["/", "/ask", "/towns", "/errors", "/docs", "/analyze?address=nowhere"])
async def test_pages_allow_only_their_own_style_and_script(client: httpx.AsyncClient, path: str) -> None:
    policy = (await client.get(path)).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


async def test_a_saved_report_allows_no_script_at_all(client: httpx.AsyncClient) -> None:
    policy = (await saved_of(client)).headers["content-security-policy"]
    assert "script-src" not in policy
    assert "unsafe" not in policy


async def test_hostile_words_are_shown_and_never_run() -> None:
    class Hostile(TownClients):
        async def standards(self, municipality: str, district: str) -> DistrictStandards:
            bad = standard("max_height", 35, HOSTILE, conditions={"use": HOSTILE})
            return DistrictStandards(HOSTILE, HOSTILE, (*standards(), bad))

    parcel = Parcel("p-9", HOSTILE, HOSTILE, "R-2", square(), None, {HOSTILE: HOSTILE})
    async with client_of(Hostile({"bad": parcel})) as client:
        html = await report_of(client, "bad")
        district = (await client.get(f"/towns/{TOWN}/R-2")).text
        near = (await client.get("/analyze", params={"address": HOSTILE})).text
        again = (await client.get("/", params={"address": '"><script>'})).text
    assert "<script" not in (html + district + near + again).replace(
        '<script type="module" src="/static/', ""
    )
    assert html.count("&lt;script&gt;") >= 4


async def test_characters_that_are_not_seen_are_left_out_of_names() -> None:
    parcel = Parcel("p-9", TOWN, "7\u200b Elm\u202e Street\x00", "R-2", square())
    async with client_of(TownClients({"hidden": parcel})) as client:
        html = await report_of(client, "hidden")
    assert "<h1>7 Elm Street</h1>" in html
    assert not {"\u200b", "\u202e", "\x00"} & set(html)


async def test_a_quote_is_shown_character_for_character() -> None:
    quote = "Height:\u00a035\u2032 \u2014 \u201cas built\u201d & no <more>"

    class Quoted(TownClients):
        async def standards(self, municipality: str, district: str) -> DistrictStandards:
            return DistrictStandards("R-2", "", (standard("max_height", 35, quote),))

    async with client_of(Quoted()) as client:
        html = await report_of(client)
    assert quote.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html


async def test_a_lot_without_a_boundary_says_so() -> None:
    parcel = Parcel("p-3", TOWN, "9 Elm Street", "R-2", None, None, {"lot_area_sqft": "9000"})
    async with client_of(TownClients({"9 elm street": parcel})) as client:
        html = await report_of(client, "9 Elm Street")
    assert "<svg" not in html
    assert "no envelope was drawn" in seen(html)
    assert "9,000 sq ft" in seen(html)


async def test_a_lot_without_a_district_is_not_known() -> None:
    parcel = Parcel("p-4", TOWN, "", "", square())
    async with client_of(TownClients({"no district": parcel})) as client:
        text = seen(await report_of(client, "no district"))
    assert "Parcel p-4" in text
    assert "Cannot be decided from what is here" in text
    assert "Not known" in text
    assert "Ask the planning department" in text


async def test_a_count_left_open_by_the_uses_is_not_called_what_would_fit() -> None:
    class Unread(TownClients):
        async def standards(self, municipality: str, district: str) -> DistrictStandards:
            rules = (standard(name, *TEXTS[name]) for name in TEXTS if name != "min_lot_area_per_unit")
            return DistrictStandards("R-2", "Village", tuple(rules))

    async with client_of(Unread()) as client:
        text = seen(await report_of(client))
    assert "1 unit or more" in text
    assert "What leaves it open: permitted use" in text


async def test_a_lot_too_small_has_no_units() -> None:
    parcel = Parcel("p-5", TOWN, "5 Elm Street", "R-2", square(40, 60))
    async with client_of(TownClients({"small": parcel})) as client:
        text = seen(await report_of(client, "small"))
    assert "Not buildable as of right" in text
    assert "No units" in text
    assert "What stops it: minimum lot area" in text
    assert "Building here needs" in text


async def test_a_missing_fact_is_an_interval() -> None:
    class Loose(TownClients):
        async def standards(self, municipality: str, district: str) -> DistrictStandards:
            kept = [each for each in standards() if each.field != "min_lot_area_per_unit"]
            dense = [standard("max_density", value, f"up to {value} units an acre") for value in (8, 16)]
            return DistrictStandards("R-2", "", (*kept, *dense))

    async with client_of(Loose()) as client:
        text = seen(await report_of(client))
    assert "1 to 3 units" in text


async def test_near_misses_are_links(client: httpx.AsyncClient) -> None:
    answer = await client.get("/analyze", params={"address": "7 Elm Stret", "municipality": TOWN})
    assert answer.status_code == 404
    link = re.search(r'href="(/analyze\?[^"]+)">7 Elm Street<', answer.text)
    assert link is not None
    followed = await client.get(link[1].replace("&amp;", "&"))
    assert followed.status_code == 303


async def test_an_ambiguous_address_offers_choices(client: httpx.AsyncClient) -> None:
    answer = await client.get("/analyze", params={"address": "Main"})
    assert answer.status_code == 409
    assert "Which one is it?" in answer.text
    links = re.findall(r'href="(/analyze[^"]+)"', answer.text)
    assert len(links) == 2
    assert (await client.get(links[0].replace("&amp;", "&"))).status_code == 303


async def test_a_lot_whose_setbacks_are_unknown_shows_no_envelope_figures() -> None:
    parcel = Parcel(
        "p-4", TOWN, "4 Elm Street", "", square(), None, {"zoning": "", "id": "p-4", "owner": "A"}
    )
    async with client_of(TownClients({"bare": parcel})) as client:
        text = seen(await report_of(client, "bare"))
    assert "Its setbacks are not known." in text
    assert "Largest footprint" not in text
    assert "Owner A" in text
    assert "Id p-4" not in text


async def test_an_unknown_district_offers_those_near(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/towns/{TOWN}/R-9")
    assert answer.status_code == 404
    assert 'href="/towns/Testford%2C%20OH/R-2%2FA"' in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/analyses/nope", 404), ("/analyze", 422), (f"/analyze?address={'x' * 301}", 422)],
)
async def test_errors_are_pages(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/errors/' in answer.text
    assert "Traceback" not in answer.text


async def test_a_browser_is_told_of_a_missing_page_by_a_page(client: httpx.AsyncClient) -> None:
    browser = await client.get("/<b>nothing</b>", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (browser.status_code, browser.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "No such page" in browser.text
    assert "<b>nothing" not in browser.text
    program = await client.get("/nothing")
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")


async def test_a_fault_of_ours_is_a_page_that_gives_nothing_away() -> None:
    class Broken(TownClients):
        async def town_names(self) -> Any:
            raise RuntimeError("password=hunter2")

    async with client_of(Broken()) as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "hunter2" not in answer.text


async def test_questions_are_answered_in_quotes_or_refused(client: httpx.AsyncClient) -> None:
    answered = seen((await client.get("/ask", params={"question": "How much may buildings cover?"})).text)
    assert "Buildings shall cover no more than 40 percent of the lot." in answered
    assert "Sec. 4.2" in answered
    refused = seen((await client.get("/ask", params={"question": "Who was the first mayor?"})).text)
    assert "Not answered" in refused


async def test_towns_lead_to_districts_and_their_quotes(client: httpx.AsyncClient) -> None:
    towns = (await client.get("/towns")).text
    town = (await client.get(re.findall(r'href="(/towns/[^"]+)"', towns)[0])).text
    district = await client.get(re.findall(r'href="(/towns/[^"/]+/[^"]+)"', town)[0])
    assert "R-2/A" in district.text
    assert "Each side yard shall be at least five (5) feet in width." in district.text


async def test_without_a_code_the_page_says_how_to_bring_one() -> None:
    async with client_of(TownClients(towns=False)) as client:
        assert "plotlot ingest" in (await client.get("/")).text
        assert "plotlot ingest" in (await client.get("/towns")).text


async def test_a_problem_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/analyze", params={"address": '7 "Elm" Stret', "municipality": TOWN})
    assert 'name="address" value="7 &#34;Elm&#34; Stret" required aria-invalid="true"' in answer.text
    assert f'name="municipality" value="{TOWN}"' in answer.text
    asked = await client.get("/ask", params={"question": "How tall?", "municipality": "Nowhere"})
    assert 'name="question" value="How tall?"' in asked.text


async def test_a_conflict_is_said_in_words() -> None:
    class Conflicting(TownClients):
        async def standards(self, municipality: str, district: str) -> DistrictStandards:
            from plotlot.domain.standards import Status

            height = replace(standard("max_height", 35, "35 feet"), status=Status.CONFLICTING)
            return DistrictStandards("R-2", "", (height,))

    async with client_of(Conflicting()) as client:
        assert "The code conflicts with itself" in seen(await report_of(client))
