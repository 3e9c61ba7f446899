"""The page of watches over watches in memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request

from plotlot.domain.access import OWNER, Identity, Role
from plotlot.domain.errors import InvalidRequest, UnknownWatch
from plotlot.gateway.callers import IDENTITY
from plotlot.gateway.pages import watches as pages
from plotlot.gateway.watching.watches import Watch
from plotlot.gateway.web.rendering import Renderer

CHANGE = {
    "document": "d",
    "section": "Art. 1 > Sec. 1-1 <Yards>",
    "change": "changed",
    "changed_at": "2026-05-01T00:00",
}


class KeptWatches:
    """Watches in a list, the newest first, and what was asked of them."""

    def __init__(self) -> None:
        self.kept: list[Watch] = []

    def add(self, municipality: str, analysis: str | None = None, changes: tuple[Any, ...] = ()) -> Watch:
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=len(self.kept))
        lot = "7 Elm St" if analysis else None
        made = Watch(f"wt-{len(self.kept)}", analysis, municipality, "key:a", at, changes, 2, lot, None)
        self.kept.insert(0, made)
        return made

    async def of_analysis(self, client: str, analysis: str) -> Watch:
        return self.add("Larkfield, OH", analysis)

    async def of_town(self, client: str, municipality: str) -> Watch:
        if not municipality:
            raise InvalidRequest("name a municipality", field="municipality")
        return self.add(municipality)

    async def page(self, changed: bool, after: Any, limit: int, client: str) -> list[Watch]:
        found = [one for one in self.kept if one.changes or not changed]
        return [one for one in found if after is None or one.created_at < after[0]][:limit]

    async def remove(self, watch: str) -> Watch:
        for one in self.kept:
            if one.id == watch:
                self.kept.remove(one)
                return one
        raise UnknownWatch(f"there is no watch {watch!r} here", field="watch")


@pytest.fixture
def kept() -> KeptWatches:
    return KeptWatches()


@pytest_asyncio.fixture
async def client(kept: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(pages.router(kept, kept, Renderer()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


async def test_who_watches_nothing_is_told_how(client: httpx.AsyncClient) -> None:
    assert "You watch nothing yet" in (await client.get("/watches")).text
    assert "Nothing that you watch has changed" in (await client.get("/watches?changed=true")).text


async def test_a_form_makes_a_watch_and_leads_to_it(client: httpx.AsyncClient, kept: KeptWatches) -> None:
    town = await client.post("/watches", data={"municipality": "Larkfield, OH"})
    report = await client.post("/watches", data={"analysis": "an-1"})
    assert [one.headers["location"] for one in (town, report)] == ["/watches#wt-0", "/watches#wt-1"]
    html = (await client.get("/watches")).text
    assert html.index('id="wt-1"') < html.index('id="wt-0"')
    assert 'href="/analyses/an-1">7 Elm St' in html
    assert 'href="/towns/Larkfield%2C%20OH">Larkfield, OH' in html
    assert (await client.post("/watches")).status_code == 422


async def test_what_changed_is_told_and_shown_alone(client: httpx.AsyncClient, kept: KeptWatches) -> None:
    kept.add("Larkfield, OH", "an-1", (CHANGE,))
    kept.add("Dover, QX")
    whole, changed = (await client.get("/watches")).text, (await client.get("/watches?changed=true")).text
    assert "1 section changed" in whole
    assert "Sec. 1-1 &lt;Yards&gt;" in whole
    assert 'href="/analyses/an-1/changes"' in whole
    assert ("Dover" in whole, "Dover" in changed) == (True, False)


async def test_a_watch_is_ended_where_it_stands(client: httpx.AsyncClient, kept: KeptWatches) -> None:
    kept.add("Larkfield, OH")
    kept.add("Dover, QX")
    assert (await client.post("/watches/wt-0/end")).headers["location"] == "/watches"
    ended = await client.post("/watches/wt-1/end", data={"changed": "true"})
    assert ended.headers["location"] == "/watches?changed=true"
    assert kept.kept == []
    assert (await client.post("/watches/wt-1/end")).status_code == 404


@pytest.mark.parametrize(
    ("known", "client"),
    [(None, ""), (OWNER, ""), (Identity("token:ann", "acme", Role.READER), "token:ann")],
)
def test_who_signed_in_sees_their_own_and_everybody_all_where_nobody_does(
    known: Identity | None, client: str
) -> None:
    asked = Request({"type": "http", IDENTITY: known, "client": ("192.0.2.1", 9)})
    assert pages.watcher_of(asked) == client


async def test_many_watches_are_turned_over_by_pages(client: httpx.AsyncClient, kept: KeptWatches) -> None:
    for number in range(pages.WATCHES_SHOWN + 1):
        kept.add(f"Town {number}, QX")
    first = (await client.get("/watches")).text
    assert "Town 0, QX" not in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = (await client.get(following.replace("&amp;", "&"))).text
    assert "Town 0, QX" in second
    assert 'rel="next"' not in second
