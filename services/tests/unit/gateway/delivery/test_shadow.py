"""Requests over HTTP: what is a shadow's, whose session it is, and what is told of faults."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fake_gateway import ADDRESS, BUNDLE, TOWN, KeptAnalyses, TownClients, fake_app
from judge_stub import JudgeStub

from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.delivery.sessions import current_visit
from plotlot.gateway.inquiries import Inquiry
from plotlot.gateway.outcomes import Answered
from plotlot.gateway.web.rendering import Renderer
from plotlot.rpc.context import current_request
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

SHADOW = {"plotlot-shadow": "1"}
QUESTION = {"question": "How much may buildings cover?", "municipality": TOWN}


class Seen:
    """A gateway whose answers are observed by the test."""

    def __init__(self, clients: Any = None) -> None:
        stub: Any = JudgeStub()
        self.delivery = Delivery(stub, BUNDLE, Settings(), Metrics())
        self.told: list[tuple[str, bool, str, bool]] = []
        self.weighed: list[bool] = []
        self.kept = KeptAnalyses()
        self.delivery.observe = self._observe
        app = fake_app(clients, self.kept, delivery=self.delivery)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def _observe(self, inquiry: Inquiry, answered: Answered) -> None:
        request, visit = current_request.get(), current_visit.get()
        assert request is not None
        assert visit is not None
        self.weighed.append(visit.weighed)
        visit.counted, visit.told = True, visit.told or answered.failed
        self.told.append((inquiry.operation, answered.failed, visit.session.id, request.shadow))


@pytest.fixture
async def seen() -> AsyncIterator[Seen]:
    made = Seen()
    async with made.client:
        yield made


async def test_the_answer_to_a_shadow_is_the_same_and_is_not_kept(seen: Seen) -> None:
    kept = await seen.client.post("/v1/analyses", json={"address": ADDRESS})
    shadow = await seen.client.post("/v1/analyses", json={"address": ADDRESS}, headers=SHADOW)
    assert (kept.status_code, shadow.status_code) == (201, 200)
    differs = {"id", "created_at", "timings_ms"}
    first, second = kept.json(), shadow.json()
    assert {n: v for n, v in first.items() if n not in differs} == {
        n: v for n, v in second.items() if n not in differs
    }
    assert second["id"].startswith("shadow-")
    assert "location" not in shadow.headers
    assert list(seen.kept.kept) == [first["id"]]
    assert [told[3] for told in seen.told] == [False, True]


async def test_a_shadow_gets_no_cookies(seen: Seen) -> None:
    assert "set-cookie" not in (await seen.client.get("/", headers=SHADOW)).headers
    assert "plotlot-lane" in (await seen.client.get("/")).headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/towns", f"/analyze?address={ADDRESS}", "/errors", "/analyses/none"])
async def test_pages_set_both_cookies_once(seen: Seen, path: str) -> None:
    first = await seen.client.get(path)
    assert [text.partition("=")[0] for text in first.headers.get_list("set-cookie")] == [
        "plotlot-session",
        "plotlot-lane",
    ]
    assert "set-cookie" not in (await seen.client.get(path)).headers


@pytest.mark.parametrize("path", ["/v1/municipalities", "/healthz", "/static/plotlot.css", "/favicon.ico"])
async def test_what_is_no_page_sets_none(seen: Seen, path: str) -> None:
    assert "set-cookie" not in (await seen.client.get(path)).headers


async def test_calls_belong_to_the_session_of_their_cookie_or_header(seen: Seen) -> None:
    await seen.client.get("/towns")
    session = seen.client.cookies["plotlot-session"].split(".")[0]
    await seen.client.post("/v1/ask", json=QUESTION)
    await seen.client.post("/v1/ask", json=QUESTION, headers={"plotlot-session": "crawl"})
    assert [told[2] for told in seen.told] == [session, session, "crawl"]


@pytest.mark.parametrize(
    ("sent", "weighed"), [({}, False), ({"plotlot-route": "weighed"}, True), ({"plotlot-route": "x"}, False)]
)
async def test_the_route_says_whether_its_weights_chose_the_bundle(
    seen: Seen, sent: dict[str, str], weighed: bool
) -> None:
    await seen.client.get("/towns", headers=sent)
    await seen.client.post("/v1/ask", json=QUESTION, headers=sent)
    assert seen.weighed == [weighed, weighed]


async def test_a_page_that_cannot_be_made_is_told_though_its_question_was_answered(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Renderer.text

    def broken(self: Renderer, template: str, **values: Any) -> str:
        if template == "towns.html":
            raise ZeroDivisionError
        return text(self, template, **values)

    monkeypatch.setattr(Renderer, "text", broken)
    assert (await seen.client.get("/towns")).status_code == 500
    assert [told[:2] for told in seen.told] == [("municipalities", False), ("page", True)]


async def test_a_session_that_begins_with_a_page_that_asks_nothing_is_told_by_the_page(seen: Seen) -> None:
    await seen.client.get("/errors")
    await seen.client.get("/errors")
    await seen.client.get("/favicon.ico")
    assert [told[:2] for told in seen.told] == [("page", False)]


async def test_a_failure_is_told_once_and_the_probes_tell_nothing() -> None:
    class Away(TownClients):
        async def municipalities(self, *asked: Any, **refined: Any) -> Any:
            raise ConnectionError

        town_names = municipalities

    made = Seen(Away())
    async with made.client:
        assert (await made.client.get("/towns")).status_code == 500
        assert (await made.client.get("/readyz")).status_code == 500
    assert [told[:2] for told in made.told] == [("municipalities", True)]


async def test_requests_in_flight_are_counted_back(seen: Seen) -> None:
    await seen.client.get("/towns")
    await seen.client.get("/nothing/here")
    assert seen.delivery.load.in_flight == 0


async def test_gold_cases_come_as_a_list_or_as_lines_and_once(seen: Seen) -> None:
    cases = [{"question": "Who?", "refused": True}, {"question": "When?", "refused": True}]
    lines = "\n".join(json.dumps(case) for case in cases)
    assert (await seen.client.post("/v1/gold", json=cases)).json() == {"given": 2, "added": 2}
    assert (await seen.client.post("/v1/gold", content=lines)).json() == {"given": 2, "added": 0}
    listed = (await seen.client.get("/v1/gold")).json()
    assert (listed["count"], {case["question"] for case in listed["cases"]}) == (2, {"Who?", "When?"})
    refused = await seen.client.post("/v1/gold", content=b"{}")
    assert refused.status_code == 422
    assert "line 1" in refused.json()["detail"]
    for content in (b"[" * 100_000, b'{"question": "x", "words": ["\\ud800"]}'):
        assert (await seen.client.post("/v1/gold", content=content)).status_code == 422


async def test_the_shadow_tells_why_it_rests(seen: Seen) -> None:
    told = (await seen.client.get("/v1/shadow")).json()
    assert (told["state"], told["why"]) == ("resting", "no release is open for this bundle")
    assert (told["sent"], told["dropped"], told["queue"]) == ({}, {}, 0)
