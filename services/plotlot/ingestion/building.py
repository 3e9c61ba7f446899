"""Builds a generation of the index beside the live one, from the documents that are stored, of every tenant."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import psycopg

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.chunks import chunk_document
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable
from plotlot.ingestion.builders import builder, fail_abandoned
from plotlot.ingestion.index import drop_superseded, index_document, make_generation
from plotlot.ingestion.pipeline import EmbeddingClient, Progress, embedded_text, lock_code
from plotlot.ingestion.refreshing.vectors import KeptVectors
from plotlot.store.documents import load_document
from plotlot.store.generations import (
    Generation,
    GenerationCounts,
    generation_counts,
    hold_writing,
    set_status,
)
from plotlot.store.municipalities import municipality_id
from plotlot.store.pool import Database

_MISSING = """
SELECT id, municipality_id FROM documents
WHERE superseded_at IS NULL AND (%(everywhere)s OR municipality_id = ANY(%(towns)s))
  AND NOT EXISTS (SELECT FROM chunks WHERE generation = %(generation)s AND document_id = documents.id)
ORDER BY retrieved_at, id
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A current document that a generation is to hold."""

    document: str
    municipality: int


async def build(
    database: Database, embeddings: EmbeddingClient, municipalities: Sequence[str]
) -> AsyncGenerator[Progress | GenerationCounts]:
    """Progress by document, the ready generation last; of some municipalities, or of all.

    A build that is cut short leaves a generation that has failed, which no bundle can name.
    """
    model, dimensions = await embeddings.model()
    await fail_abandoned(database)
    async with database.connection(EVERY_TENANT) as connection:
        towns = [await municipality_id(connection, name) for name in municipalities]
        generation = await make_generation(connection, model, dimensions, "building")
    async with (
        builder(database, generation.id),
        aclosing(filled(database, embeddings, generation, towns)) as events,
    ):
        async for event in events:
            yield event


async def filled(
    database: Database, embeddings: EmbeddingClient, generation: Generation, towns: Sequence[int]
) -> AsyncGenerator[Progress | GenerationCounts]:
    """Write every document that a generation lacks, until it is ready."""
    without_text: set[str] = set()
    done = 0
    while True:
        async with database.connection(EVERY_TENANT) as connection:
            # Whoever ingests meanwhile does not write here: what they wrote is found when nobody writes.
            missing = await missing_documents(connection, generation, towns, without_text)
            if not missing:
                await hold_writing(connection, alone=True)
                missing = await missing_documents(connection, generation, towns, without_text)
            if not missing:
                await still_building(connection, generation)
                await set_status(connection, generation.id, "ready")
                ready = await generation_counts(connection, generation.id)
        if not missing:
            yield ready
            return
        for number, stored in enumerate(missing):
            yield Progress("index", done + number, done + len(missing))
            if not await add(database, embeddings, generation, stored):
                without_text.add(stored.document)
        done += len(missing)


async def missing_documents(
    connection: psycopg.AsyncConnection, generation: Generation, towns: Sequence[int], but: Collection[str]
) -> list[Stored]:
    """The current documents that the generation lacks; of all municipalities where none is named."""
    values = {"everywhere": not towns, "towns": list(towns), "generation": generation.id}
    cursor = await connection.execute(_MISSING, values)
    return [Stored(*row) for row in await cursor.fetchall() if row[0] not in but]


async def add(
    database: Database, embeddings: EmbeddingClient, generation: Generation, stored: Stored
) -> bool:
    """Write a document to the generation, unless it changed meanwhile; whether it has text to search."""
    async with database.connection(EVERY_TENANT) as connection:
        try:
            document = await load_document(connection, stored.document)
        except LookupError:  # ingested anew since it was listed
            return True
    chunks = await asyncio.to_thread(chunk_document, document)
    texts = [embedded_text(document, chunk) for chunk in chunks]
    vectors = await KeptVectors(database, embeddings).of(texts, generation.embedding_model)
    async with database.connection(EVERY_TENANT) as connection:
        await lock_code(connection, stored.municipality)
        await still_building(connection, generation)
        cursor = await connection.execute(
            "SELECT FROM documents WHERE id = %s AND text_sha256 = %s AND superseded_at IS NULL",
            (stored.document, document.text_sha256),
        )
        if await cursor.fetchone() is not None:
            await index_document(
                connection, [generation], stored.municipality, stored.document, document, chunks, vectors
            )
            await drop_superseded(connection, stored.municipality)
    return bool(chunks)


async def still_building(connection: psycopg.AsyncConnection, generation: Generation) -> None:
    """Keep the generation from being retired until the transaction ends. Raises InvalidRequest if it was, and
    ServiceUnavailable if it was taken for abandoned."""
    cursor = await connection.execute(
        "SELECT status FROM generations WHERE id = %s FOR SHARE", (generation.id,)
    )
    row = await cursor.fetchone()
    assert row is not None, "generations are never deleted"
    if row[0] == "failed":
        raise ServiceUnavailable(
            f"generation {generation.id} has failed, for its builder was not heard of for long: build another"
        )
    if row[0] != "building":
        raise InvalidRequest(f"generation {generation.id} was retired while it was built", field="generation")
