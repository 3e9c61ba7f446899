"""A town's code beside the one that serves: its documents are stored and do not count until all are swapped in at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import psycopg

from plotlot.domain.access import LOCAL
from plotlot.domain.chunks import chunk_document
from plotlot.domain.coverage import CodeSize
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.municipalities import municipality_key
from plotlot.ingestion.index import Indexed, drop_superseded, index_documents, written_generations
from plotlot.ingestion.pipeline import EmbeddingClient, embedded_text, lock_code
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.ingestion.section_changes import note_changes
from plotlot.store.documents import READ_AT_ONCE, NewDocument, load_documents, save_beside, serving
from plotlot.store.generations import Generation, hold_writing
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database

_SIZE = """
SELECT count(DISTINCT documents.id), count(*) FILTER (WHERE ordinal > 0), coalesce(sum("end") FILTER (WHERE ordinal = 0), 0),
       coalesce(array_agg(DISTINCT label || ' ' || heading) FILTER (WHERE ordinal > 0), '{}')
FROM documents JOIN sections ON document_id = documents.id WHERE documents.id = ANY(%s)
"""
_UNINDEXED = """
SELECT id FROM documents WHERE id = ANY(%(documents)s) AND NOT EXISTS
    (SELECT FROM chunks WHERE generation = %(generation)s AND document_id = documents.id)
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a swap came to: chunks that were written, and those of before that were moved to the new documents."""

    chunks: int
    moved: int


class Codes:
    """Codes of towns in the store, those of the installation."""

    def __init__(self, database: Database, embeddings: EmbeddingClient, vectors: KeptVectors) -> None:
        self._database, self._embeddings, self._vectors = database, embeddings, vectors

    async def current(self, municipality: str) -> list[str]:
        """The ids of the documents that serve."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT id FROM municipalities WHERE key = %s AND id > 0", (municipality_key(municipality),)
            )
            town = await cursor.fetchone()
            return await serving(connection, town[0]) if town else []

    async def stored(self, documents: Sequence[str]) -> set[str]:
        """Those of the documents that are stored, serving or not."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT id FROM documents WHERE id = ANY(%s)", (list(documents),)
            )
            return {document for (document,) in await cursor.fetchall()}

    async def stage(self, municipality: str, documents: Sequence[NewDocument]) -> None:
        """Store documents that do not serve yet; what another run stored meanwhile stays."""
        async with self._database.connection(LOCAL) as connection:
            town = await ensure_municipality(connection, municipality)
            await lock_code(connection, town)
            await save_beside(connection, town, documents)

    async def embedded_texts(self, documents: Sequence[str]) -> list[str]:
        """What has to be embedded of documents, of those that the written generations lack."""
        model, dimensions = await self._embeddings.model()
        async with self._database.connection(LOCAL) as connection:
            generations = await written_generations(connection, model, dimensions)
            missing: set[str] = set()
            for generation in generations:
                missing |= set(await _unindexed(connection, generation, documents))
        texts: list[str] = []
        async with self._database.connection(LOCAL, reads=True) as connection:
            async for _, document in load_documents(connection, sorted(missing)):
                chunks = await asyncio.to_thread(chunk_document, document)
                texts += [embedded_text(document, chunk) for chunk in chunks]
        return texts

    async def size(self, documents: Sequence[str]) -> CodeSize:
        """What documents hold together."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(_SIZE, (list(documents),))
            row = await cursor.fetchone()
        assert row is not None, "an aggregate has a row"
        return CodeSize(row[0], row[1], row[2], frozenset(row[3]))

    async def swap(
        self,
        municipality: str,
        documents: Sequence[str],
        taken: Callable[[psycopg.AsyncConnection, Swapped], Awaitable[None]],
    ) -> None:
        """Let documents serve in the place of all that did, in one transaction with what ``taken`` writes of it, and
        not at all where that raises. Raises ServiceUnavailable."""
        async with self._database.connection(LOCAL) as connection:
            await hold_writing(connection)
            town = await ensure_municipality(connection, municipality)
            await lock_code(connection, town)
            await note_changes(connection, town, await serving(connection, town), documents)
            await connection.execute(
                "UPDATE documents SET superseded_at = now()"
                " WHERE municipality_id = %s AND superseded_at IS NULL AND id <> ALL(%s)",
                (town, list(documents)),
            )
            await connection.execute(
                "UPDATE documents SET superseded_at = NULL WHERE id = ANY(%s) AND superseded_at IS NOT NULL",
                (list(documents),),
            )
            written, moved = await self._index(connection, town, documents)
            await _check_serving(connection, documents)
            await taken(connection, Swapped(written, moved))

    async def _index(
        self, connection: psycopg.AsyncConnection, town: int, documents: Sequence[str]
    ) -> tuple[int, int]:
        """Write or move the chunks that generations lack, how many of each, and remove what serves no more."""
        written = held = 0
        model, dimensions = await self._embeddings.model()
        for generation in await written_generations(connection, model, dimensions):
            unindexed = await _unindexed(connection, generation, documents)
            for first in range(0, len(unindexed), READ_AT_ONCE):
                indexed = await self._indexed(connection, unindexed[first : first + READ_AT_ONCE])
                written += await index_documents(connection, [generation], town, indexed)
                held += sum(len(each.chunks) for each in indexed)
        await drop_superseded(connection, town)
        return written, held - written

    async def _indexed(self, connection: psycopg.AsyncConnection, documents: Sequence[str]) -> list[Indexed]:
        """Documents with their chunks and the vectors of those."""
        chunked = [
            (identity, document, await asyncio.to_thread(chunk_document, document))
            async for identity, document in load_documents(connection, documents)
        ]
        texts = [embedded_text(document, chunk) for _, document, chunks in chunked for chunk in chunks]
        vectors = iter(await self._vectors.of(texts))
        return [
            Indexed(identity, document, chunks, list(islice(vectors, len(chunks))))
            for identity, document, chunks in chunked
        ]


async def _unindexed(
    connection: psycopg.AsyncConnection, generation: Generation, documents: Sequence[str]
) -> list[str]:
    values = {"documents": list(documents), "generation": generation.id}
    cursor = await connection.execute(_UNINDEXED, values)
    return [document for (document,) in await cursor.fetchall()]


async def _check_serving(connection: psycopg.AsyncConnection, documents: Sequence[str]) -> None:
    """Raises ServiceUnavailable where one of the documents is not there."""
    cursor = await connection.execute(
        "SELECT count(*) FROM documents WHERE id = ANY(%s) AND superseded_at IS NULL", (list(documents),)
    )
    row = await cursor.fetchone()
    if row is None or row[0] != len(documents):
        raise ServiceUnavailable("documents that were stored for the swap are gone: refresh the town again")
