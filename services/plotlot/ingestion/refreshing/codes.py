"""A town's code beside the one that serves: its documents are stored and do not count until all are swapped in at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg

from plotlot.domain.access import LOCAL
from plotlot.domain.chunks import Chunk, chunk_document
from plotlot.domain.coverage import CodeSize
from plotlot.domain.documents import Document
from plotlot.domain.errors import ServiceUnavailable
from plotlot.domain.municipalities import municipality_key
from plotlot.ingestion.index import drop_superseded, index_document, written_generations
from plotlot.ingestion.pipeline import EmbeddingClient, embedded_text, lock_code
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.ingestion.section_changes import note_changes
from plotlot.store.documents import load_document, save_document, serving
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

    async def is_stored(self, document: str) -> bool:
        """Whether a document is stored, serving or not."""
        async with self._database.connection(LOCAL, reads=True) as connection:
            return await _is_stored(connection, document)

    async def stage(self, municipality: str, identity: str, document: Document, parser: str) -> None:
        """Store a document that does not serve yet; what another run stored meanwhile stays."""
        async with self._database.connection(LOCAL) as connection:
            town = await ensure_municipality(connection, municipality)
            await lock_code(connection, town)
            if not await _is_stored(connection, identity):
                await _save_beside(connection, identity, town, document, parser)

    async def embedded_texts(self, documents: Sequence[str]) -> list[str]:
        """What has to be embedded of documents, of those that the written generations lack."""
        model, dimensions = await self._embeddings.model()
        async with self._database.connection(LOCAL) as connection:
            generations = await written_generations(connection, model, dimensions)
            missing: set[str] = set()
            for generation in generations:
                missing |= set(await _unindexed(connection, generation, documents))
        texts: list[str] = []
        for identity in sorted(missing):
            document, chunks = await self._chunked(identity)
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
            for identity in await _unindexed(connection, generation, documents):
                document, chunks = await self._chunked(identity, connection)
                vectors = await self._vectors.of([embedded_text(document, chunk) for chunk in chunks])
                written += await index_document(
                    connection, [generation], town, identity, document, chunks, vectors
                )
                held += len(chunks)
        await drop_superseded(connection, town)
        return written, held - written

    async def _chunked(
        self, identity: str, connection: psycopg.AsyncConnection | None = None
    ) -> tuple[Document, list[Chunk]]:
        if connection is None:
            async with self._database.connection(LOCAL) as own:
                document = await load_document(own, identity)
        else:
            document = await load_document(connection, identity)
        return document, await asyncio.to_thread(chunk_document, document)


async def _is_stored(connection: psycopg.AsyncConnection, identity: str) -> bool:
    cursor = await connection.execute("SELECT FROM documents WHERE id = %s", (identity,))
    return await cursor.fetchone() is not None


async def _save_beside(
    connection: psycopg.AsyncConnection, identity: str, town: int, document: Document, parser: str
) -> None:
    """Save a document as one that does not serve, and leave the one of its name that does."""
    cursor = await connection.execute(
        "UPDATE documents SET superseded_at = now() WHERE municipality_id = %s AND name = %s"
        " AND superseded_at IS NULL RETURNING id",
        (town, document.name),
    )
    others = [row[0] for row in await cursor.fetchall()]
    await save_document(connection, identity, town, document, parser)
    await connection.execute("UPDATE documents SET superseded_at = now() WHERE id = %s", (identity,))
    await connection.execute("UPDATE documents SET superseded_at = NULL WHERE id = ANY(%s)", (others,))


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
