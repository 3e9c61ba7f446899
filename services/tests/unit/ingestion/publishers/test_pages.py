"""Codes that are pages: the shapes of American Legal's and eCode360's libraries, and a town's own site."""

import pytest
from fakes.fetching import DirectFetch, pages

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.publishers.configuration import PagesOfCodes, preset
from plotlot.ingestion.publishers.configuration import Publishers as Configured
from plotlot.ingestion.publishers.pages import Pages
from plotlot.ingestion.publishers.publisher import Publisher

LEGAL = {
    "/regions/qx": """<html><body><a href="/">Home</a><ul>
        <li><a href="/codes/amberton/latest/overview">Amberton</a></li>
        <li><a href="/codes/birch-town/latest/overview">Birch Town, Quixote</a></li></ul></body></html>""",
    "/codes/amberton/latest/overview": """<html><body><p>Code of Ordinances, current through May 2, 2026</p>
        <a href="/codes/amberton/latest/amberton_qx/0-0-0-1#a">Title 1</a>
        <a href="/codes/amberton/latest/amberton_qx/0-0-0-9">Title 2</a>
        <a href="/codes/other/latest/other_qx/0-0-0-5">Another town</a>
        <a href="https://elsewhere.example/codes/amberton/latest/amberton_qx/0-0-0-7">Elsewhere</a></body></html>""",
    "/codes/amberton/latest/amberton_qx/0-0-0-1": """<div class="rbox Section">§ 1 LOTS</div>
        <a href="/codes/amberton/latest/amberton_qx/0-0-0-2">Chapter 1</a>""",
    "/codes/amberton/latest/amberton_qx/0-0-0-2": "<p>A chapter about lots.</p>",
    "/codes/amberton/latest/amberton_qx/0-0-0-9": "<p>A title about signs.</p>",
}
ECODE = {
    "/library/QX": '<html><a href="/AM0123">Town of Amberton</a> <a href="/about">About</a></html>',
    "/AM0123": '<html><a href="/6812345">Chapter 1 Zoning</a> <a href="/laws/AM0123">New Laws</a></html>',
    "/6812345": '<html><div class="contentTitle">Chapter 1 Zoning</div><p>Lots.</p></html>',
}


def made(name: str) -> Publisher:
    return Configured(publishers=(PagesOfCodes.model_validate(preset(name)),)).made(1_000_000)[0]


async def test_american_legals_pages() -> None:
    fetch, publisher = DirectFetch(pages(LEGAL)), made("american-legal")
    towns = await publisher.towns(fetch, "qx")
    assert [(town.municipality, town.reference) for town in towns] == [
        ("Amberton, QX", "amberton"),
        ("Birch Town, QX", "birch-town"),
    ]
    described = await publisher.described(fetch, towns[0])
    assert described.dated == "2026-05-02"
    pieces = await publisher.code(fetch, towns[0])
    assert [piece.name for piece in pieces] == ["Title 1.html", "Title 2.html", "Chapter 1.html"]
    assert b"about lots" in pieces[2].content


async def test_ecode360s_pages() -> None:
    fetch, publisher = DirectFetch(pages(ECODE)), made("ecode360")
    (town,) = await publisher.towns(fetch, "QX")
    assert (town.municipality, town.reference) == ("Town of Amberton, QX", "AM0123")
    (piece,) = await publisher.code(fetch, town)
    assert piece.name == "Chapter 1 Zoning.html"


async def test_a_towns_own_site_is_its_links_to_documents_or_one_document() -> None:
    site = {
        "/zoning": '<html><a href="docs/code.pdf">The code</a><a href="/news">News</a></html>',
        "/docs/code.pdf": "%PDF-1.7",
        "/code.pdf": "%PDF-1.4",
    }
    listed = {"https://a.example/zoning": "Amberton, QX", "https://a.example/code.pdf": "Birchton, QX"}
    publisher, fetch = Pages("own", listed=listed), DirectFetch(pages(site))
    towns = await publisher.towns(fetch, "QX")
    assert await publisher.towns(fetch, "OH") == []
    assert [piece.name for town in towns for piece in await publisher.code(fetch, town)] == [
        "code.pdf",
        "code.pdf",
    ]


async def test_an_index_without_towns_is_no_answer() -> None:
    publisher = made("american-legal")
    with pytest.raises(SourceUnavailable, match="may have changed"):
        await publisher.towns(DirectFetch(pages({"/regions/qx": "<html><p>Be right back</p></html>"})), "QX")


async def test_pages_that_link_to_each_other_are_fetched_once() -> None:
    page = '<html><a href="/c/1.html">One</a><a href="/c/2.html">Two</a><p>text</p></html>'
    publisher = Pages("own", depth=3, listed={"https://a.example/c/": "Amberton, QX"})
    fetch = DirectFetch(pages({"/c/": page, "/c/1.html": page, "/c/2.html": page}))
    pieces = await publisher.code(fetch, ListedTown("Amberton, QX", "own", "https://a.example/c/"))
    assert sorted(piece.name for piece in pieces) == ["One.html", "Two.html"]
    assert len(fetch.asked) == 3
