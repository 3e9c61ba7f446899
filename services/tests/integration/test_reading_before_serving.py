"""Codes are read before they serve, and what no changed section bears on is carried over, on a real Postgres."""

from collections import Counter
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from plotlot.domain.bundles import Extraction
from plotlot.domain.errors import InvalidRequest
from plotlot.domain.standards import FIELDS, District, not_stated
from plotlot.extraction.engine import Code, CodeReading, DistrictReading, Districts
from plotlot.extraction.engines import Engines, reader
from plotlot.extraction.library import Library
from plotlot.ingestion.parsers import parse_document
from plotlot.store.documents import save_document
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

TOWN = "Larkfield, OH"
BY_RULES, BY_DISTRICT = Extraction(), Extraction("each/1")
CODE = """# Zoning Ordinance

## Article 1 Administration

### Sec. 1-1 The clerk

The clerk keeps the records.

## Article 2 R-1 Rural Homes District

### Sec. 2-1 R-1 dimensions

In the R-1 district the minimum lot area shall be 9,000 square feet.

## Article 3 R-2 Village Homes District

### Sec. 3-1 R-2 dimensions

In the R-2 district the minimum lot area shall be 6,000 square feet.
"""


class Each:
    """Reads districts one by one."""

    name = "each/1"

    def __init__(self) -> None:
        self.read_districts: Counter[str] = Counter()

    async def reading_name(self, parameters: Extraction) -> str:
        return self.name

    async def read(self, code: Code, parameters: Extraction) -> CodeReading:
        return Districts((District("R-1"), District("R-2")), {})

    async def read_district(self, code: Code, district: District, parameters: Extraction) -> DistrictReading:
        self.read_districts[district.code] += 1
        return DistrictReading(tuple(not_stated(name, self.name) for name in FIELDS), dropped=1)


@pytest_asyncio.fixture
async def database(conninfo: str) -> AsyncIterator[Database]:
    """The store with a town whose code serves."""
    opened = Database(8)
    await opened.open(conninfo)
    with psycopg.connect(conninfo) as emptied:
        emptied.execute("TRUNCATE municipalities, documents, sections, readings CASCADE")
        emptied.execute("INSERT INTO municipalities (key, name) VALUES (%s, %s)", (TOWN.lower(), TOWN))
    await stored(opened, "before", CODE)
    yield opened
    await opened.close()


async def stored(database: Database, identity: str, text: str, serves: bool = True) -> None:
    """Store a state of the town's code."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT id FROM municipalities WHERE name = %s", (TOWN,))
        row = await cursor.fetchone()
        assert row is not None
        await save_document(
            connection, identity, row[0], parse_document("code.md", text.encode()), "parsers/1"
        )
        if not serves:
            for ends, condition in (("now()", "id = %s"), ("NULL", "id <> %s")):
                await connection.execute(
                    f"UPDATE documents SET superseded_at = {ends} WHERE {condition}".encode(), (identity,)
                )


async def values(library: Library, district: str) -> tuple[float | None, str]:
    """The least lot area of a district of the code that serves, and the document that says so."""
    _, found = await library.standards(TOWN, district, BY_RULES)
    one = next(one for one in found.standards if one.field == "min_lot_area")
    assert one.citation is not None
    return one.value, one.citation.document


async def serve(database: Database, identity: str) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE documents SET superseded_at = now() WHERE superseded_at IS NULL AND id <> %s", (identity,)
        )
        await connection.execute("UPDATE documents SET superseded_at = NULL WHERE id = %s", (identity,))


async def test_a_code_is_read_beside_the_one_that_serves_and_is_read_once(database: Database) -> None:
    metrics = Metrics()
    library = Library(database, Engines([reader()]), metrics)
    assert await values(library, "R-1") == (9_000, "before")
    await stored(database, "now", CODE.replace("9,000", "9,500"), serves=False)
    counts, carried = await library.read_code(TOWN, ["now"], BY_RULES)
    assert (counts.districts, counts.by_field["min_lot_area"], carried) == (2, 2, 0)
    assert await values(library, "R-1") == (9_000, "before")  # whose reading is still there
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT count(*) FROM readings")
        assert await cursor.fetchone() == (2,)
    await serve(database, "now")
    assert await values(library, "R-1") == (9_500, "now")
    (kept,) = (await library.counts([TOWN], BY_RULES)).values()
    assert kept == counts


async def test_what_no_change_bears_on_is_not_read_again_and_its_quotes_move(database: Database) -> None:
    library = Library(database, Engines([reader()]), Metrics())
    await library.districts(TOWN, BY_RULES)
    await stored(database, "now", CODE.replace("keeps the records", "keeps all of the records"), serves=False)

    def unread(*given: object) -> CodeReading:
        raise AssertionError("nothing bears on standards, so nothing is to be read")

    engine = reader()
    engine._read_code = unread  # type: ignore[attr-defined]
    counts, carried = await Library(database, Engines([engine]), Metrics()).read_code(TOWN, ["now"], BY_RULES)
    assert (counts.districts, carried) == (2, 2)
    await serve(database, "now")
    assert await values(library, "R-2") == (6_000, "now")
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM standards JOIN documents ON documents.id = document_id"
            ' WHERE superseded_at IS NULL AND substr(text, start + 1, "end" - start) <> quote'
        )
        assert await cursor.fetchone() == (0,)


async def test_of_districts_that_are_read_one_by_one_only_those_borne_on_are_read_again(
    database: Database,
) -> None:
    each = Each()
    library = Library(database, Engines([reader(), each]), Metrics())
    await library.districts(TOWN, BY_RULES)
    for district in ("R-1", "R-2"):
        await library.standards(TOWN, district, BY_DISTRICT)
    await stored(database, "now", CODE.replace("9,000", "9,500"), serves=False)
    await library.read_code(TOWN, ["now"], BY_RULES)
    await serve(database, "now")
    for district in ("R-1", "R-2"):
        await library.standards(TOWN, district, BY_DISTRICT)
    assert each.read_districts == {"R-1": 2, "R-2": 1}
    assert (await library.districts(TOWN, BY_DISTRICT)).dropped == 2


async def test_a_code_of_documents_that_are_not_there_is_refused(database: Database) -> None:
    library = Library(database, Engines([reader()]), Metrics())
    with pytest.raises(InvalidRequest, match="are not stored"):
        await library.read_code(TOWN, ["before", "nowhere"], BY_RULES)
    with pytest.raises(InvalidRequest, match="are not stored"):
        await library.read_code(TOWN, [], BY_RULES)
