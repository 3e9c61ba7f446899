"""A client of Municode's calls, against a made-up state that answers as they are documented."""

import json
from collections.abc import Callable

import pytest
from fakes.fetching import DirectFetch
from fakes.serving import Asked, Reply
from fakes.state import State, made_state

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import SourceUnavailable
from plotlot.ingestion.pipeline import parse
from plotlot.ingestion.publishers.municode import Municode
from plotlot.ingestion.publishers.publisher import PageGone

URL = "https://codes.example"


@pytest.fixture
def state() -> State:
    return made_state(towns=2, sections=9, chapters=3)


def publisher() -> Municode:
    return Municode("fake", URL, "https://library.example")


async def test_towns_are_listed_and_described(state: State) -> None:
    fetch = DirectFetch(state.reply)
    towns = await publisher().towns(fetch, "QX")
    assert [town.municipality for town in towns] == [f"{town.name}, QX" for town in state.towns]
    described = await publisher().described(fetch, towns[0])
    assert described.product == "Code of Ordinances"
    assert described.supplement == "Supplement 1, adopted March 1, 2026"
    assert described.dated == "2026-03-01"


async def test_a_code_comes_by_chapter_with_all_its_sections(state: State) -> None:
    town = ListedTown("Amberton, QX", "fake", str(state.towns[0].client))
    fetch = DirectFetch(state.reply)
    pieces = await publisher().code(fetch, town)
    chapters = [piece for piece in pieces if "Chapter" in piece.name]
    assert len(chapters) == 3
    text = "".join(parse(piece.name, piece.content, piece.media_type).text for piece in chapters)
    for chapter in state.towns[0].chapters:
        for section in chapter:
            assert section.text in text
    assert len([one for one in fetch.asked if one.startswith("/CodesContent")]) == 4


async def test_each_state_of_a_code_is_an_edition_of_its_own(state: State) -> None:
    first, second = (ListedTown(f"{one.name}, QX", "fake", str(one.client)) for one in state.towns)
    fetch = DirectFetch(state.reply)
    editions = [await publisher().edition(fetch, first), await publisher().edition(fetch, second)]
    assert not [one for one in fetch.asked if one.startswith(("/Codes", "/codes"))]
    state.revise(state.towns[0], 0, 0, "Another text.")
    now = [await publisher().edition(DirectFetch(state.reply), town) for town in (first, second)]
    assert now[1] == editions[1]
    assert len({*editions, *now}) == 3
    assert await publisher().edition(DirectFetch(state.reply), ListedTown("Nowhere, QX", "fake", "1")) == ""


async def test_where_the_newer_call_is_gone_the_older_one_serves(state: State) -> None:
    state.gone = {"ClientContent"}
    town = ListedTown("Amberton, QX", "fake", str(state.towns[0].client))
    assert len(await publisher().code(DirectFetch(state.reply), town)) == 3


async def test_changed_states_and_marks_leave_documents_as_they_are(state: State) -> None:
    town = ListedTown("Amberton, QX", "fake", str(state.towns[0].client))
    before = await publisher().code(DirectFetch(state.reply), town)
    state.revise(state.towns[0], 1, 0, "Another text.")
    after = await publisher().code(DirectFetch(state.reply), town)
    assert [piece.name for piece in before] == [piece.name for piece in after]
    assert [old.content == new.content for old, new in zip(before, after, strict=True)] == [True, False, True]


async def test_sections_carry_the_addresses_at_which_the_library_shows_them(state: State) -> None:
    town = ListedTown("Amberton by the Sea, QX", "fake", str(state.towns[0].client))
    library = Municode("fake", URL, "https://library.municode.com")
    pieces = await library.code(DirectFetch(state.reply), town)
    document = parse(pieces[0].name, pieces[0].content, pieces[0].media_type)
    base = "https://library.municode.com/qx/amberton_by_the_sea/codes/code_of_ordinances?nodeId="
    first = state.towns[0].chapters[0][0]
    anchors = {section.heading: section.anchor for section in document.sections if section.anchor}
    assert anchors[first.title] == f"{base}COOR_CH1R1_{first.number}"
    assert all(anchor.startswith(base) for anchor in anchors.values())


async def test_addresses_that_change_are_taken_anew(state: State) -> None:
    town = ListedTown("Amberton, QX", "fake", str(state.towns[0].client))
    before = await publisher().code(DirectFetch(state.reply), town)
    state.towns[0].numbering += 1
    after = await publisher().code(DirectFetch(state.reply), town)
    assert [piece.name for piece in before] == [piece.name for piece in after]
    assert all(old.content != new.content for old, new in zip(before, after, strict=True))


async def test_a_supplement_that_comes_out_meanwhile_is_taken_whole(state: State) -> None:
    town = ListedTown("Amberton, QX", "fake", str(state.towns[0].client))
    asked = 0

    def answer(request: Asked) -> Reply:
        nonlocal asked
        asked += request.path == "/CodesContent"
        if asked == 2 and state.towns[0].revision == 1:
            state.revise(state.towns[0], 0, 0, "A text of the second supplement.")
        return state.reply(request)

    pieces = await publisher().code(DirectFetch(answer), town)
    assert len(pieces) == 3
    assert "A text of the second supplement." in b"".join(piece.content for piece in pieces).decode()


async def test_a_code_that_is_gone_is_said_to_be(state: State) -> None:
    state.gone = {"Jobs"}
    with pytest.raises(PageGone):
        await publisher().code(DirectFetch(state.reply), ListedTown("Amberton, QX", "fake", "100"))


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"error": {"message": "x"}}', b'[{"Id": 1', b"[" * 100_000, b"null", b"3"]
)
async def test_what_is_no_answer_is_refused(body: bytes) -> None:
    fetch = DirectFetch(lambda asked: Reply(200, body))
    with pytest.raises(SourceUnavailable):
        await publisher().towns(fetch, "QX")
    with pytest.raises(SourceUnavailable):
        await publisher().code(DirectFetch(_products_then(body)), ListedTown("A, QX", "fake", "1"))


def _products_then(body: bytes) -> Callable[[Asked], Reply]:
    products = json.dumps({"codes": [{"productId": 1, "productName": "Code"}]}).encode()
    return lambda asked: Reply(200, products if asked.path.startswith("/ClientContent") else body)


async def test_two_chapters_of_one_name_are_two_documents(state: State) -> None:
    for town in state.towns[:1]:
        town.chapters[1] = town.chapters[0]
    chapters = state.towns[0].chapters
    assert chapters[0][0].title == chapters[1][0].title
    pieces = await publisher().code(DirectFetch(state.reply), ListedTown("A, QX", "fake", "100"))
    assert len({piece.name for piece in pieces}) == len(pieces)
