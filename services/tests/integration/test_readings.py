"""Readings on a real Postgres: whole codes, districts one by one, several engines side by side."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from refreshing_worker import HashingEmbedder

from plotlot.domain.access import LOCAL
from plotlot.domain.bundles import Extraction
from plotlot.domain.documents import Document
from plotlot.domain.errors import ServiceUnavailable, UnknownDistrict
from plotlot.domain.standards import FIELDS, District, Standard, not_stated
from plotlot.extraction.engine import Code, CodeReading, DistrictReading, Districts
from plotlot.extraction.engines import Engines, reader
from plotlot.extraction.library import Library
from plotlot.extraction.whole_code import WholeCodeEngine
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.pipeline import Ingested, Pipeline
from plotlot.rpc.context import RequestContext, current_request
from plotlot.store.documents import save_document
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "larkfield" / "ordinance.md"
TOWNS = ("Larkfield, OH", "Otherfield, OH")
SLOW = Extraction("slow/1")


class Slow:
    """Reads the districts one by one, each when it is told to go on."""

    name = "slow/1"

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.read_districts: Counter[str] = Counter()

    async def reading_name(self, parameters: Extraction) -> str:
        return f"{self.name} {parameters.model}"

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        return Districts((District("R-1"), District("R-2")), {})

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        self.read_districts[district.code] += 1
        request = current_request.get()
        assert request is None or request.deadline is None
        await self.go.wait()
        return DistrictReading(tuple(not_stated(name, self.name) for name in FIELDS), dropped=2)


@pytest_asyncio.fixture
async def database(conninfo: str) -> AsyncIterator[Database]:
    """The store with the example's code under two names, and no readings."""
    opened = Database(8)
    await opened.open(conninfo)
    code = parse_document("ordinance.md", EXAMPLE.read_bytes())
    with psycopg.connect(conninfo) as emptied:
        emptied.execute("TRUNCATE municipalities, documents, sections, readings CASCADE")
    async with opened.connection() as connection:
        for name in TOWNS:
            cursor = await connection.execute(
                "INSERT INTO municipalities (key, name) VALUES (%s, %s) RETURNING id", (name.lower(), name)
            )
            row = await cursor.fetchone()
            assert row is not None
            await save_document(connection, f"code of {name}", row[0], code, "parsers/1")
    yield opened
    await opened.close()


async def test_engines_stand_side_by_side_and_the_first_is_the_default(database: Database) -> None:
    library = Library(database, Engines([reader(), Slow()]), Metrics())
    _, found = await library.standards(TOWNS[0], "r1", Extraction())
    assert any(one.field == "min_lot_area" and one.value == 9_000 for one in found.standards)
    other = await library.districts(TOWNS[0], SLOW)
    assert [(one.code, one.read, one.stated) for one in other.districts] == [
        ("R-1", False, 0),
        ("R-2", False, 0),
    ]
    with pytest.raises(ServiceUnavailable, match=r"'model/9', but this extraction has reader/\d+, slow/1"):
        await library.districts(TOWNS[0], Extraction("model/9"))


async def test_a_district_is_read_once_for_all_who_ask_and_then_kept(database: Database) -> None:
    slow = Slow()
    library = Library(database, Engines([slow]), Metrics())
    asked = [asyncio.create_task(library.standards(TOWNS[0], "R-1", SLOW)) for _ in range(3)]
    while not slow.read_districts:
        await asyncio.sleep(0.01)
    slow.go.set()
    for district, found in await asyncio.gather(*asked):
        assert (district.read, district.dropped) == (True, 2)
        assert [one.field for one in found.standards] == list(FIELDS)
    another = Library(database, Engines([Slow()]), Metrics())  # whose engine would wait for ever
    assert (await another.standards(TOWNS[0], "R-1", SLOW))[0].dropped == 2
    assert (await another.districts(TOWNS[0], SLOW)).dropped == 2
    assert slow.read_districts == {"R-1": 1}
    with pytest.raises(UnknownDistrict):
        await library.standards(TOWNS[0], "R-9", SLOW)


async def test_a_reading_goes_on_when_its_caller_has_no_time_left(database: Database) -> None:
    slow = Slow()
    library = Library(database, Engines([slow]), Metrics())
    loop = asyncio.get_running_loop()
    token = current_request.set(RequestContext("r", "b", deadline=loop.time() + 0.05, hurried=True))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(library.standards(TOWNS[0], "R-2", SLOW), 0.05)
    current_request.reset(token)
    slow.go.set()
    district, _ = await library.standards(TOWNS[0], "R-2", SLOW)
    assert (district.read, slow.read_districts) == (True, {"R-2": 1})


async def test_what_changes_an_answer_is_read_apart(database: Database) -> None:
    slow = Slow()
    slow.go.set()
    library = Library(database, Engines([slow]), Metrics())
    for model in ("small", "large", "small"):
        await library.standards(TOWNS[0], "R-1", Extraction("slow/1", model=model))
    assert slow.read_districts == {"R-1": 2}


async def test_towns_do_not_wait_for_one_another(database: Database) -> None:
    """The reading of the first ends only once the second has been read."""
    second = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read_code(documents: Sequence[Document], ids: Mapping[str, str]) -> CodeReading:
        if f"code of {TOWNS[0]}" in ids.values():
            asyncio.run_coroutine_threadsafe(asyncio.wait_for(second.wait(), 20), loop).result()
        return Districts((District("R-1"),), {"R-1": [not_stated(name, "x") for name in FIELDS]})

    library = Library(database, Engines([WholeCodeEngine("whole/1", read_code)]), Metrics())
    first = asyncio.create_task(library.districts(TOWNS[0], Extraction()))
    await asyncio.sleep(0)
    await library.districts(TOWNS[1], Extraction())
    second.set()
    assert [one.code for one in (await first).districts] == ["R-1"]


async def test_readings_of_earlier_states_of_a_code_go(database: Database) -> None:
    library = Library(database, Engines([reader(), Slow()]), Metrics())
    await library.districts(TOWNS[0], Extraction())
    await library.districts(TOWNS[0], SLOW)
    async with database.connection() as connection:
        changed = parse_document("ordinance.md", EXAMPLE.read_bytes() + b"\n\nAdopted.\n")
        cursor = await connection.execute("SELECT id FROM municipalities WHERE name = %s", (TOWNS[0],))
        (town,) = await cursor.fetchone() or (0,)
        await save_document(connection, "newer", town, changed, "parsers/1")
    await library.districts(TOWNS[0], Extraction())
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(DISTINCT code_digest), count(*) FROM readings")
        assert await cursor.fetchone() == (1, 1)


@pytest.mark.parametrize("tenant", [LOCAL, "acme"])
async def test_a_code_that_another_parser_read_the_same_is_read_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch, tenant: str
) -> None:
    """The document is written anew under its id, and what cited it is not there any more."""
    token = current_request.set(RequestContext("r", "b", deadline=None, tenant=tenant))
    try:
        pipeline = Pipeline(database, HashingEmbedder())
        events = pipeline.ingest("Thirdfield, OH", "ordinance.md", "", EXAMPLE.read_bytes())
        before = [event async for event in events][-1]
        library = Library(database, Engines([reader()]), Metrics())
        _, first = await library.standards("Thirdfield, OH", "R-1", Extraction())
        monkeypatch.setattr("plotlot.ingestion.pipeline.PARSER", "parsers/next")
        events = pipeline.ingest("Thirdfield, OH", "ordinance.md", "", EXAMPLE.read_bytes())
        after = [event async for event in events][-1]
        assert isinstance(before, Ingested)
        assert isinstance(after, Ingested)
        assert (after.document, after.changed) == (before.document, True)
        _, again = await library.standards("Thirdfield, OH", "R-1", Extraction())
        assert stated(again.standards) == stated(first.standards) != []
    finally:
        current_request.reset(token)


def stated(standards: Sequence[Standard]) -> list[tuple[str, float | None, str]]:
    return [(one.field, one.value, one.citation.quote) for one in standards if one.citation]


async def test_what_code_of_the_release_before_writes_is_read(database: Database, conninfo: str) -> None:
    """It knows no district that waits to be read."""
    library = Library(database, Engines([reader()]), Metrics())
    await library.districts(TOWNS[0], Extraction())
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "INSERT INTO districts (reading_id, ordinal, key, code, name) SELECT id, 99, 'Z9', 'Z-9', '' FROM readings"
        )
    (newest,) = [
        one for one in (await library.districts(TOWNS[0], Extraction())).districts if one.code == "Z-9"
    ]
    assert newest.read


async def test_a_citation_has_the_dates_of_its_document(database: Database, conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "UPDATE documents SET effective_date = '2024-03-01', retrieved_at = '2026-01-05T23:30:00-05:00'"
        )
    library = Library(database, Engines([reader()]), Metrics())
    _, found = await library.standards(TOWNS[0], "R-1", Extraction())
    dates = {
        (one.citation.effective_date, one.citation.retrieved_at) for one in found.standards if one.citation
    }
    assert dates == {("2024-03-01", "2026-01-06T04:30:00+00:00")}
