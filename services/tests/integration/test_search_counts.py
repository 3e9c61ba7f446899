"""What BM25 needs of a scope is kept as chunks come and go, also by code of the release before."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import psycopg
import pytest

from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document, Section
from plotlot.ingestion.index import drop_superseded, ensure_generation, index_document, make_generation
from plotlot.retrieval.scopes import Scope
from plotlot.retrieval.search import Query, search
from plotlot.store import migrate as migrating
from plotlot.store.documents import save_document
from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.generations import empty_generation
from plotlot.store.municipalities import ensure_municipality

TEXTS = ["front yard of ten feet", "a sign in a yard, or in a front yard", "height"]
OLD_POSTINGS = """
INSERT INTO postings (generation, term, municipality_id, chunk_id, frequency)
SELECT generation, lexeme, municipality_id, id, cardinality(positions)
FROM chunks, unnest(to_tsvector('english', heading_path || ' ' || text))
WHERE generation = 1 AND document_id = %s
"""
COUNTED = {
    "scope_sizes": "SELECT generation, municipality_id, count(*), sum(length) FROM chunks GROUP BY 1, 2",
    "term_counts": "SELECT generation, term, municipality_id, count(*) FROM postings GROUP BY 1, 2, 3",
}


@dataclass(frozen=True)
class Store:
    """A database of its own, with its schema."""

    connection: psycopg.AsyncConnection

    async def add(self, town: str, name: str, document: str, texts: list[str]) -> int:
        """Index a document as ingestion does; how many chunks were written."""
        text = "".join(f"{each}\n" for each in texts)
        starts = np.cumsum([0, *(len(each) + 1 for each in texts)]).tolist()
        chunks = [Chunk(n, 0, "", starts[n], starts[n] + len(each)) for n, each in enumerate(texts)]
        whole = Section(0, None, "document", "", "", 0, len(text), 0)
        parsed = Document(name, name, "text/plain", "", text, (whole,))
        vectors = [np.full(8, 0.3, "<f4").tobytes()] * len(texts)
        async with self.connection.transaction():
            municipality = await ensure_municipality(self.connection, town)
            generation = await ensure_generation(self.connection, "words", 8)
            await save_document(self.connection, document, municipality, parsed, "test")
            written = await index_document(
                self.connection, [generation], municipality, document, parsed, chunks, vectors
            )
            await drop_superseded(self.connection, municipality)
        return written

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query, in order."""
        return sorted(await (await self.connection.execute(query)).fetchall())

    async def check(self) -> None:
        """What is kept is what is there."""
        for table, query in COUNTED.items():
            kept = await self.rows(f"SELECT * FROM {table} WHERE chunks > 0")
            assert kept == await self.rows(query)

    async def bm25(self, query: str) -> list[tuple[str, float | None]]:
        """The texts that have words of a query, with their scores."""
        generation = await ensure_generation(self.connection, "words", 8)
        found = await search(self.connection, Scope(generation, 1), Query(query, None, 10, "bm25"))
        return [(each.text, each.bm25) for each in found]


@pytest.fixture(scope="module")
async def conninfo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg"))
    yield await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.stop)


@pytest.fixture
async def empty(conninfo: str) -> AsyncIterator[Store]:
    """A database without a schema."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute("DROP DATABASE IF EXISTS counts WITH (FORCE)")
        await connection.execute("CREATE DATABASE counts")
    own = psycopg.conninfo.make_conninfo(conninfo, dbname="counts")
    async with await psycopg.AsyncConnection.connect(own, autocommit=True) as connection:
        yield Store(connection)


@pytest.fixture
async def store(empty: Store) -> Store:
    """A database with the schema of this code, and two towns."""
    await asyncio.to_thread(migrating.migrate, empty.connection.info.dsn)
    await empty.add("Ashby, OH", "code.txt", "doc-1", TEXTS)
    await empty.add("Bramley, OH", "code.txt", "doc-2", TEXTS[:1])
    return empty


async def test_counts_follow_chunks_that_come_and_go(store: Store) -> None:
    await store.check()
    assert len(await store.rows("SELECT * FROM scope_sizes")) == 2
    await store.add("Ashby, OH", "code.txt", "doc-3", ["no more yards"])  # supersedes doc-1
    await store.check()
    assert await store.bm25("height") == []
    await store.connection.execute("DELETE FROM documents WHERE id = 'doc-3'")
    await store.check()
    assert await store.bm25("yard") == []


async def test_what_says_the_same_in_the_next_document_is_moved_with_its_postings_and_not_written(
    store: Store,
) -> None:
    """Also where it stands elsewhere, and only as often as it stood there."""
    chunk = "SELECT id, text, ordinal, start, \"end\" FROM chunks WHERE document_id = '{}'"
    before = {text: id for id, text, *_ in await store.rows(chunk.format("doc-1"))}
    next_one = ["a new beginning", *TEXTS, TEXTS[2]]
    assert await store.add("Ashby, OH", "code.txt", "doc-3", next_one) == 2
    await store.check()
    after = await store.rows(chunk.format("doc-3"))
    assert [text for _, text, *_ in sorted(after, key=lambda row: row[2])] == next_one
    assert before == {text: id for id, text, *_ in after if id in before.values()}
    document = "".join(f"{each}\n" for each in next_one)
    assert all(document[start:end] == text for _, text, _, start, end in after)
    assert [text for text, _ in await store.bm25("height")] == [TEXTS[2]] * 2
    assert await store.rows("SELECT * FROM chunks WHERE document_id = 'doc-1'") == []


async def test_an_emptied_generation_leaves_no_counts(store: Store) -> None:
    async with store.connection.transaction():
        second = await make_generation(store.connection, "words", 8, "retired")
        await store.connection.execute(
            "INSERT INTO chunks (generation, municipality_id, document_id, ordinal, section, heading_path, start,"
            ' "end", text, length, embedding) SELECT %s, municipality_id, document_id, ordinal, section,'
            ' heading_path, start, "end", text, length, embedding FROM chunks',
            (second.id,),
        )
    await store.check()
    await store.connection.set_autocommit(False)
    await empty_generation(store.connection, second.id)
    await store.connection.set_autocommit(True)
    await store.check()
    assert {row[0] for row in await store.rows("SELECT generation FROM scope_sizes")} == {1}


async def test_code_of_the_release_before_keeps_the_counts_and_is_found(store: Store) -> None:
    """It writes postings without a length, and deletes chunks alone."""
    before = await store.bm25("front yard")
    assert len(before) == 2
    await store.connection.execute(
        "DELETE FROM postings WHERE chunk_id IN (SELECT id FROM chunks WHERE document_id = 'doc-1')"
    )
    await store.check()
    await store.connection.execute(OLD_POSTINGS, ("doc-1",))
    await store.check()
    assert (
        await store.rows("SELECT length FROM postings WHERE municipality_id = 1 AND length IS NOT NULL") == []
    )
    assert await store.bm25("front yard") == before
    await store.connection.execute("DELETE FROM chunks WHERE document_id = 'doc-1'")
    assert await store.rows("SELECT 1 FROM postings WHERE municipality_id = 1") == []
    await store.check()


async def test_what_was_indexed_before_is_counted_by_the_migration(
    empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = migrating.migrations()
    monkeypatch.setattr(migrating, "migrations", lambda: [one for one in every if one.name < "0006"])
    dsn = empty.connection.info.dsn
    await asyncio.to_thread(migrating.migrate, dsn)
    await empty.connection.execute("INSERT INTO municipalities (key, name) VALUES ('ashby, oh', 'Ashby, OH')")
    await empty.connection.execute(
        "INSERT INTO generations (embedding_model, dimensions, chunker, status) VALUES ('words', 8, 'c', 'live')"
    )
    await empty.connection.execute(
        "INSERT INTO documents VALUES ('doc-1', 1, 'n', 't', 'm', '', '', '', '[]', '{}', '{}', 'p')"
    )
    for ordinal, text in enumerate(TEXTS):
        await empty.connection.execute(
            "INSERT INTO chunks VALUES (DEFAULT, 1, 1, 'doc-1', %s, 0, '', 0, 1, %s, %s, %s)",
            (ordinal, text, len(text.split()), "[1,1,1,1,1,1,1,1]"),
        )
    await empty.connection.execute(OLD_POSTINGS, ("doc-1",))
    monkeypatch.undo()
    assert await asyncio.to_thread(migrating.migrate, dsn) == len(
        [one for one in every if one.name >= "0006"]
    )
    await empty.check()
    found = await empty.bm25("front yard")
    assert {text for text, _ in found} == {TEXTS[0], TEXTS[1]}
