"""How well each town's code is kept, on a real Postgres: its row, its sections that changed, who is told, what was refused."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from refreshing_worker import BELIEVED, HashingEmbedder

from plotlot.domain.coverage import ListedTown
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable, StoreUnavailable, UnknownWatch
from plotlot.domain.expectations import Read
from plotlot.gateway import inquiries
from plotlot.gateway.outcomes import Answered
from plotlot.gateway.quality.town_questions import Asked, QuestionCounting, TownQuestions
from plotlot.gateway.watching.cited import CitedSections, cited_in
from plotlot.gateway.watching.watches import Watches
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.refreshing.codes import Codes
from plotlot.ingestion.refreshing.looking import Looking
from plotlot.ingestion.refreshing.parts import refresh_parts
from plotlot.ingestion.refreshing.stages import TownOver
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.ingestion.section_changes import note_changes
from plotlot.ingestion.watching import refreshed
from plotlot.retrieval.municipalities import Listed, list_municipalities
from plotlot.store.documents import NewDocument, save_document, serving
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database

TOWN = "Larkfield, OH"
LISTED = ListedTown(TOWN, "ours", "larkfield", product="Code", supplement="Supplement 12", dated="2026-03-01")
CODE = """# Zoning Ordinance

## Article 1 Yards

### Sec. 1-1 Front

The front setback in the R-1 district is 25 feet, measured from the line of the street.

### Sec. 1-2 Rear

The rear setback in the R-1 district is 30 feet, measured from the line of the lot.
"""
FRONT, REAR = (
    f"Zoning Ordinance > Article 1 Yards > {title}" for title in ("Sec. 1-1 Front", "Sec. 1-2 Rear")
)


@pytest_asyncio.fixture
async def database(conninfo: str) -> AsyncIterator[Database]:
    with psycopg.connect(conninfo) as emptied:
        emptied.execute(
            "TRUNCATE municipalities, documents, sections, section_changes, watches, analyses, covered_towns, refreshes,"
            " town_questions CASCADE"
        )
    opened = Database(8)
    await opened.open(conninfo)
    yield opened
    await opened.close()


async def served(database: Database, identity: str, text: str, name: str = "code.md") -> None:
    """Let a document serve in the place of all that the town has."""
    async with database.connection() as connection:
        town = await ensure_municipality(connection, TOWN)
        before = await serving(connection, town)
        await connection.execute("UPDATE documents SET superseded_at = now() WHERE superseded_at IS NULL")
        await save_document(connection, identity, town, parse_document(name, text.encode()), "parsers/1")
        await note_changes(connection, town, before, [identity])


async def ended(
    database: Database, run: str, stage: str, reason: str = "", kinds: Collection[str] = (), **counts: int
) -> None:
    """A refresh of the town that came to an end."""
    towns = Towns(database)
    await towns.begin(run, f"towns {run}", [(LISTED, "")], accepted=False)
    await towns.reach(run, TOWN, "fetching")
    await towns.reach(run, TOWN, stage, reason=reason, kinds=kinds, **counts)


async def town_as_listed(database: Database) -> Any:
    async with database.connection(reads=True) as connection:
        (found,) = await list_municipalities(connection, Listed())
    return found


def report(*sections: str, document: str = "doc-1") -> dict[str, Any]:
    cited = [{"document": document, "document_title": "Zoning", "section": section} for section in sections]
    return {"standards": [*({"citation": one} for one in cited), {"citation": None}, {"citation": cited[0]}]}


async def test_a_towns_row_keeps_what_serves_while_later_refreshes_take_nothing(database: Database) -> None:
    await served(database, "doc-1", CODE)
    assert (await town_as_listed(database)).refreshed is None
    await ended(database, "run-1", "current", sections=4, added=4, warnings=1)
    first = (await town_as_listed(database)).refreshed
    assert (first["stage"], first["supplement"], first["dated"]) == ("current", "Supplement 12", "2026-03-01")
    assert (first["counts"]["added"], first["unwell_since"]) == (4, None)

    await ended(
        database, "run-2", "quarantined", "it had 4 sections and has 1", {"shrunken", "dates"}, sections=1
    )
    held = (await town_as_listed(database)).refreshed
    assert (held["stage"], held["kinds"]) == ("quarantined", ["dates", "shrunken"])
    assert held["counts"]["sections"] == 4
    assert held["checked_at"] > first["checked_at"]

    await ended(database, "run-3", "failed", "it does not answer")
    failed = (await town_as_listed(database)).refreshed
    assert (failed["stage"], failed["kinds"], failed["reason"]) == ("failed", [], "it does not answer")
    assert (failed["unwell_since"], failed["checked_at"]) == (held["unwell_since"], held["checked_at"])
    async with database.connection(reads=True) as connection:
        told = await refreshed(connection)
    assert (len(told.checked), told.never, told.failed, list(told.unwell)) == (1, 0, 1, [TOWN])

    await ended(database, "run-4", "unchanged")
    well = (await town_as_listed(database)).refreshed
    assert (well["stage"], well["unwell_since"], well["counts"]["added"]) == ("unchanged", None, 4)
    assert well["kinds"] == []

    await ended(database, "run-5", "quarantined", "it has no text any more", {"vanished"})
    await ended(database, "run-6", "quarantined", "its dates are wrong", {"dates"})
    assert (await town_as_listed(database)).refreshed["kinds"] == ["dates"]


async def test_towns_that_are_held_back_are_counted_by_kind(database: Database) -> None:
    await ended(database, "run-1", "quarantined", "the publisher has no text of it", {"vanished"})
    async with database.connection(reads=True) as connection:
        told = await refreshed(connection)
    assert (told.held_back["vanished"], told.held_back["encoding"]) == (1, 0)


async def test_a_report_is_told_which_of_its_sections_changed_and_when(database: Database) -> None:
    await served(database, "doc-1", CODE)
    sections, cites = CitedSections(database), report(FRONT, REAR)
    assert {one.status for one in await sections.of(cites)} == {"as_cited"}
    await served(database, "doc-2", CODE.replace("25 feet", "20 feet"))
    front, rear = await sections.of(cites)
    assert (front.status, rear.status) == ("changed", "as_cited")
    assert front.changed_at is not None
    assert front.as_json()["section"] == FRONT
    assert {one.status for one in await sections.of(report(FRONT, document="doc-2"))} == {"as_cited"}
    await served(database, "doc-3", CODE[: CODE.index("### Sec. 1-2")])
    assert [one.status for one in await sections.of(cites)] == ["changed", "removed"]


async def test_a_document_of_another_name_marks_only_what_it_says_otherwise(database: Database) -> None:
    await served(database, "doc-1", CODE, "chapter-1.md")
    await served(database, "doc-2", CODE.replace("30 feet", "35 feet"), "chapter-1-revised.md")
    found = await CitedSections(database).of(report(FRONT, REAR))
    assert [one.status for one in found] == ["as_cited", "changed"]


async def test_who_watches_is_told_of_what_they_watch(database: Database) -> None:
    await served(database, "doc-1", CODE)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES ('an-1', 'b', '{}', '{}', '')"
        )
    watches = Watches(database)
    await watches.add("wt-1", "key:a", TOWN, "an-1", cited_in(report(FRONT)))
    await watches.add("wt-2", "key:b", TOWN, "an-1", cited_in(report(REAR)))
    await watches.add("wt-3", "key:b", TOWN, None, ())
    assert await watches.page(True, None, 10) == []
    assert {one.municipality for one in await watches.page(False, None, 10)} == {TOWN}
    await served(database, "doc-2", CODE.replace("25 feet", "20 feet") + "\n### Sec. 1-3 Side\n\nTen feet.\n")
    told = {
        one.id: [(each["section"], each["change"]) for each in one.changes]
        for one in await watches.page(True, None, 10)
    }
    added = ("Zoning Ordinance > Article 1 Yards > Sec. 1-3 Side", "added")
    assert told == {"wt-3": [(FRONT, "changed"), added], "wt-1": [(FRONT, "changed")]}
    assert [one.id for one in await watches.page(False, None, 2)] == ["wt-3", "wt-2"]
    assert [one.id for one in await watches.page(True, None, 10, "key:a")] == ["wt-1"]
    last = (await watches.one("wt-2")).created_at
    assert [one.id for one in await watches.page(False, (last, "wt-2"), 2)] == ["wt-1"]
    assert (await watches.remove("wt-1")).analysis_id == "an-1"
    with pytest.raises(UnknownWatch):
        await watches.one("wt-1")


async def test_a_watch_says_of_which_lot_it_is_and_how_lately_the_town_was_looked_at(
    database: Database,
) -> None:
    await served(database, "doc-1", CODE)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES"
            """ ('an-1', 'b', '{}', '{"parcel": {"address": "7 Elm St"}}', '')"""
        )
    watches = Watches(database)
    made = await watches.add("wt-1", "key:a", TOWN, "an-1", cited_in(report(FRONT, REAR)))
    assert (made.lot, made.cited, made.covered) == ("7 Elm St", 2, None)
    await ended(database, "run-1", "current", sections=4, added=4)
    await ended(database, "run-2", "quarantined", "it is empty", {"vanished"})
    covered = (await watches.one("wt-1")).covered
    assert covered is not None
    assert (covered["stage"], covered["reason"]) == ("quarantined", "it is empty")
    assert covered["checked_at"] >= covered["unwell_since"]


async def test_a_client_watches_a_thing_once_and_a_tenant_no_more_than_it_may(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watches = Watches(database)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO analyses (id, bundle, request, report, drawing) VALUES ('an-1', 'b', '{}', '{}', '')"
        )
    made = await asyncio.gather(*(watches.add(f"wt-{n}", "key:a", TOWN, None, ()) for n in range(4)))
    assert len({one.id for one in made}) == 1
    assert (await watches.add("wt-5", "key:b", TOWN, None, ())).id == "wt-5"
    assert (await watches.add("wt-6", "key:a", TOWN, "an-1", ())).id == "wt-6"
    monkeypatch.setattr("plotlot.gateway.watching.watches.MOST_WATCHES", 3)
    with pytest.raises(InvalidRequest, match="end one that is needed no longer, on the page /watches"):
        await watches.add("wt-7", "key:b", TOWN, "an-1", ())
    assert (await watches.add("wt-7", "key:a", TOWN, "an-1", ())).id == "wt-6"
    await watches.remove("wt-6")
    assert (await watches.add("wt-7", "key:b", TOWN, "an-1", ())).id == "wt-7"


async def test_questions_are_counted_by_town_and_by_tenant(database: Database) -> None:
    counting = QuestionCounting(database)
    asked = inquiries.asking("How tall?", " larkfield ,OH")
    for refused in (True, False, False):
        counting.observe(asked, Answered(0.1, answer={"refused": refused}))
    counting.observe(asked, Answered(0.1, "not-found"))
    counting.observe(inquiries.asking("How tall?", ""), Answered(0.1, answer={"refused": True}))
    await counting.flush()
    counting.observe(asked, Answered(0.1, answer={"refused": True}))
    await counting.flush()
    questions = TownQuestions(database)
    assert await questions.counts("local", [TOWN, "Elsewhere, OH"]) == {TOWN: Asked(4, 2)}
    assert await questions.counts("acme", [TOWN]) == {}


async def test_old_days_are_forgotten_and_what_could_not_be_written_is_counted_on(database: Database) -> None:
    old = QuestionCounting(database, lambda: date(2020, 1, 1))
    old.observe(inquiries.asking("How tall?", TOWN), Answered(0.1, answer={"refused": True}))
    away = Database(1)
    counting = QuestionCounting(away)
    counting.observe(inquiries.asking("How tall?", TOWN), Answered(0.1, answer={"refused": True}))
    with pytest.raises(StoreUnavailable):
        await counting.flush()
    counting._database = database
    await old.flush()
    await counting.flush()
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT asked FROM town_questions")
        assert await cursor.fetchall() == [(1,)]


class Standards:
    """What is read of a code by its documents."""

    def __init__(self, before: Read | None, now: Read) -> None:
        self.before, self.now = before, now

    async def of_serving(self, municipality: str) -> Read | None:
        return self.before

    async def read(self, municipality: str, documents: Sequence[str]) -> Read:
        return self.now


async def test_a_code_without_the_districts_of_before_is_held_back(database: Database) -> None:
    await served(database, "doc-1", CODE)
    async with database.connection() as connection:
        town = await ensure_municipality(connection, TOWN)
        await save_document(
            connection, "doc-2", town, parse_document("code.md", CODE.replace("25", "20").encode()), "p"
        )
    looking = Looking(database, Standards(Read(6, {"front_setback": 6}), Read(0, {})))
    found = await looking.compare(LISTED, ["doc-1"], ["doc-2"])
    assert [one.reason for one in found.misgivings] == ["no district is found in it, where there were 6"]
    assert [(one.place, one.change) for one in found.changes] == [(("code.md", FRONT), "changed")]
    fine = Looking(database, Standards(Read(6, {}), Read(6, {})))
    assert (await fine.compare(LISTED, ["doc-1"], ["doc-2"])).misgivings == ()


async def test_a_supplement_older_than_the_one_that_serves_is_held_back(database: Database) -> None:
    await served(database, "doc-1", CODE)
    await ended(database, "run-1", "current")
    older = ListedTown(TOWN, "ours", "larkfield", dated="2025-01-01")
    found = await Looking(database).compare(older, ["doc-1"], ["doc-1"])
    assert [one.kind for one in found.misgivings] == ["dates"]


async def test_a_code_that_was_brought_in_under_another_spelling_is_the_towns(database: Database) -> None:
    async with database.connection() as connection:
        town = await ensure_municipality(connection, "LARKFIELD, oh")
        await save_document(connection, "doc-1", town, parse_document("code.md", CODE.encode()), "p")
    assert await codes_of(database).current(TOWN) == ["doc-1"]
    await ended(database, "run-1", "current")
    found = await town_as_listed(database)
    assert (found.name, found.refreshed["municipality"]) == ("LARKFIELD, OH", TOWN)


async def test_what_another_run_staged_or_swapped_in_stays(database: Database) -> None:
    codes, document = codes_of(database), parse_document("code.md", CODE.encode())
    new = [NewDocument("doc-1", document, "p")]

    async def stored() -> Any:
        async with database.connection() as connection:
            cursor = await connection.execute("SELECT xmin::text, superseded_at IS NULL FROM documents")
            return await cursor.fetchall()

    await codes.stage(TOWN, new)
    ((first, serves),) = await stored()
    await codes.stage(TOWN, new)
    assert (await stored(), serves) == ([(first, False)], False)
    async with database.connection() as connection:
        await connection.execute("UPDATE documents SET superseded_at = NULL")
    await codes.stage(TOWN, new)
    assert await codes.current(TOWN) == ["doc-1"]


async def test_a_refresh_of_a_thousand_towns_that_are_named_begins_once(database: Database) -> None:
    names = [sha256(str(number).encode()).hexdigest() for number in range(1_000)]  # which nothing makes short
    towns, scope = Towns(database), f"towns {'; '.join(names)}"
    assert await towns.begin("run-1", scope, [(LISTED, "")], accepted=False) == ("run-1", True)
    assert await towns.begin("run-2", scope, [(LISTED, "")], accepted=False) == ("run-1", False)


class Faulty(Standards):
    """Reads no code of the first town that it is asked for."""

    asked: list[str]

    async def of_serving(self, municipality: str) -> Read | None:
        return None

    async def read(self, municipality: str, documents: Sequence[str]) -> Read:
        self.asked.append(municipality)
        if len(self.asked) == 1:
            raise ServiceUnavailable("a page of it is too long")
        return self.now


async def test_a_town_that_cannot_be_read_does_not_keep_a_refresh_from_ending(database: Database) -> None:
    towns, embeddings, standards = Towns(database), HashingEmbedder(), Faulty(Read(0, {}), Read(0, {}))
    standards.asked = []
    names = [TOWN, "Otherfield, OH"]
    listed = [(ListedTown(name, "ours", name), "") for name in names]
    await towns.begin("run-1", "state OH", listed, accepted=False)
    for name in names:
        await towns.reach("run-1", name, "current")
    vectors = KeptVectors(database, embeddings)
    async for _ in vectors.embed(["of a code that was staged"]):
        pass
    async with database.connection() as connection:
        await connection.execute("UPDATE kept_vectors SET used_at = now() - interval '8 days'")
    parts = refresh_parts(database, [], Silent(), embeddings, Looking(database, standards), Ocr(), BELIEVED)
    await parts.stages.finish("run-1")
    assert sorted(standards.asked) == names
    assert await towns.at_work() == []
    async with database.connection() as connection:
        kept = await (await connection.execute("SELECT count(*) FROM kept_vectors")).fetchone()
        assert kept == (0,), "what was staged and left alone goes at the end of the run"


def codes_of(database: Database) -> Codes:
    embeddings = HashingEmbedder()
    return Codes(database, embeddings, KeptVectors(database, embeddings))


class Silent:
    """A client that is not to be used."""

    async def get(self, url: str, **named: Any) -> Any:
        raise AssertionError(f"{url} is asked for")


class Cancelling(HashingEmbedder):
    """Embeddings that are asked for as an operator ends the run."""

    def __init__(self, towns: Towns, run: str) -> None:
        self._towns, self._run = towns, run

    async def model(self) -> tuple[str, int]:
        """Its name and dimensions."""
        await self._towns.cancel(self._run)
        return await super().model()


async def test_a_town_of_a_cancelled_run_stays_as_it_was_whoever_runs_its_stages(database: Database) -> None:
    await served(database, "doc-1", CODE)
    towns, looking = Towns(database), Looking(database)
    await towns.begin("run-1", "towns", [(LISTED, "")], accepted=False)
    embeddings = Cancelling(towns, "run-1")
    parts = refresh_parts(database, [], Silent(), embeddings, looking, Ocr(), BELIEVED)
    with pytest.raises(TownOver):  # cancelled while it is swapped in
        await parts.stages.swap("run-1", TOWN, [])
    assert await Codes(database, embeddings, KeptVectors(database, embeddings)).current(TOWN) == ["doc-1"]
    for stage in (parts.stages.fetch("run-1", TOWN), parts.stages.verify("run-1", TOWN, ["doc-1"])):
        with pytest.raises(TownOver):
            await stage
    await towns.reach("run-1", TOWN, "current")
    assert (await towns.one("run-1", TOWN)).stage == "cancelled"
    assert (await town_as_listed(database)).refreshed is None
