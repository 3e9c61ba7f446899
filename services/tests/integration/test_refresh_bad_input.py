"""What publishers may do wrong, through the whole workflow: it is held back with its reason, and the old codes serve."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.serving import Reply
from fakes.state import Section, Town, made_state, published
from refreshing_stand import CHECKSUM, Databases, Stand, databases_below, stages

from plotlot.domain.coverage import ListedTown
from plotlot.ingestion.publishers.registry import registry
from plotlot.ingestion.refreshing.listing import Discoverer
from plotlot.store.pool import Database

MEGABYTE = 1_000_000
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with databases_below(tmp_path_factory.mktemp("refresh")) as made:
        yield made


def name_of(town: Town) -> str:
    return f"{town.name}, QX"


def chapter_of(town: Town) -> str:
    """Part of the address of a town's first chapter, by its ids after a new supplement."""
    town.revision += 1
    return f"CodesContent?jobId={town.job}&productId={town.product}&nodeId={town.chapter_id(0)}"


def rewritten(town: Town, wording: str) -> None:
    """Another text of the first section, in a new supplement."""
    town.revision += 1
    town.chapters[0][0] = replace(town.chapters[0][0], text=wording)


async def test_each_town_is_held_back_for_its_own_reason_and_all_old_codes_serve(
    databases: Databases,
) -> None:
    state = made_state(towns=9, sections=12, chapters=3)
    gone, emptied, halved, renamed, inward, endless, packed, nested, fine = state.towns
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(300):
            taken.append(MEGABYTE)
            yield b"x" * MEGABYTE

    with published(state) as server:
        stand = Stand(databases(), server, state)
        assert stages(await stand.refresh()) == {"current"}
        before = stand.one(CHECKSUM)

        gone.product_gone = True
        emptied.chapters, emptied.revision = [], 2
        for at, chapter in enumerate(halved.chapters):
            halved.chapters[at] = [replace(each, text=each.text[: len(each.text) // 3]) for each in chapter]
        halved.revision = renamed.revision = 2
        renamed.chapters = [
            [Section(f"Z{each.number}", f"Formerly {each.number}", each.text) for each in chapter]
            for chapter in renamed.chapters
        ]
        state.said[chapter_of(inward)] = Reply(302, headers={"location": "http://10.1.2.3/latest/meta-data"})
        state.said[chapter_of(endless)] = Reply(headers={"content-length": "300000000"}, pieces=pieces)
        state.said[chapter_of(packed)] = Reply(
            body=gzip.compress(bytes(50 * MEGABYTE)), headers={"content-encoding": "gzip"}
        )
        rewritten(nested, "<div>" * 50_000 + "A lot is at least 9,000 square feet.")
        found = await stand.refresh()

    told = {name: (each.stage, each.reason) for name, each in found.items()}
    for town, stage, words in (
        (gone, "failed", "is not there"),
        (emptied, "quarantined", "no text of it any more"),
        (halved, "quarantined", "its text shrank from"),
        (renamed, "quarantined", "only 0 of its 15 headings are the same"),
        (inward, "failed", "http://10.1.2.3/latest/meta-data is not https"),
        (endless, "failed", "it has more than 2 MB"),
        (packed, "failed", "it has more than 2 MB"),
        (nested, "quarantined", "1 of its documents cannot be read"),
    ):
        assert told[name_of(town)][0] == stage, told
        assert words in told[name_of(town)][1], told
    assert told[name_of(fine)] == ("unchanged", "")
    assert stand.one(CHECKSUM) == before
    assert sum(taken) < 60 * MEGABYTE, "read on after it was too large"


async def test_a_server_whose_clock_jumped_is_neither_believed_nor_left_for_ever(
    databases: Databases,
) -> None:
    state = made_state(towns=2, sections=6, chapters=2)
    state.modified = "Tue, 01 Jan 2058 00:00:00 GMT"
    with published(state) as server:
        stand = Stand(databases(), server, state)
        assert stages(await stand.refresh()) == {"current"}
        before = stand.one(CHECKSUM)

        state.said["Jobs/latest"] = Reply(503, headers={"retry-after": state.modified})
        found = await stand.refresh()
        assert stages(found) == {"failed"}
        assert all("503" in each.reason or "left alone" in each.reason for each in found.values())
        assert stand.one(CHECKSUM) == before

        state.said.clear()
        # The ids stay, so that nothing but the dates could tell that the text is another, once it is asked for again.
        stand.write("UPDATE refreshed_towns SET fetched_at = now() - interval '2 days'")
        state.towns[0].chapters[0][0] = replace(
            state.towns[0].chapters[0][0], text="A lot is 9,000 feet. " * 30
        )
        found = await stand.refresh()
        assert found[name_of(state.towns[0])].stage == "current"
        assert stand.one("SELECT count(*) > 0 FROM chunks WHERE text LIKE '%9,000 feet%'")


class Lister:
    """A publisher that lists what it is told to."""

    name, host = "lists", ""

    def __init__(self) -> None:
        self.listed: list[str] = []

    async def towns(self, fetch: object, state: str) -> list[ListedTown]:
        return [ListedTown(f"{name}, QX", self.name, name) for name in self.listed]


async def test_lists_are_held_back_where_all_is_renamed_and_asked_anew_where_a_clock_jumped(
    databases: Databases,
) -> None:
    publisher, clock, database = Lister(), [NOW + timedelta(days=4_000)], Database(2)
    await database.open(databases())
    try:
        discoverer = Discoverer(
            [publisher],  # type: ignore[list-item]
            lambda run: None,  # type: ignore[arg-type, return-value]
            database,
            registry(),
            timedelta(days=7),
            lambda: clock[0],
        )
        publisher.listed = [f"Town {number}" for number in range(8)]
        assert len((await discoverer.find("QX")).towns) == 8
        clock[0] = NOW
        publisher.listed.append("Newton")
        assert len((await discoverer.find("QX")).towns) == 9, "a list of the future is no fresh one"

        clock[0] = NOW + timedelta(days=8)
        for listed in ([], [f"Place {number}" for number in range(9)]):
            publisher.listed = listed
            found = await discoverer.find("QX")
            assert "Newton, QX" in {town.municipality for town in found.towns}
            assert "it lists 0 of the 9 towns that it listed before" in found.listings[0].problem
        assert "Place 3, QX" in {one.municipality for one in (await discoverer.find("QX", anew=True)).towns}
    finally:
        await database.close()
