"""The search index: its generation, and the chunks and postings of a document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg

from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document
from plotlot.ingestion.copying import binary_rows, halfvec
from plotlot.store.generations import (
    Generation,
    another_model,
    live_generation,
    ready_generations,
)
from plotlot.store.service_role import as_login

CHUNKER = "sections/1"
MOST_COVERED_DIMENSIONS = 1_000  # of two bytes: an entry of an index takes no more than a third of its page

_STAGE = (
    "CREATE TEMPORARY TABLE staged (document text, ordinal integer, section integer, heading_path text,"
    ' start integer, "end" integer, text text, embedding halfvec) ON COMMIT DROP'
)
_COPY = (
    'COPY staged (document, ordinal, section, heading_path, start, "end", text, embedding)'
    " FROM STDIN (FORMAT binary)"
)
# A chunk of a document that was superseded, and says the same below the same headings, goes over to the new one with
# its postings: what became of the section is that it stands elsewhere.
_MOVE_CHUNKS = """
UPDATE chunks SET document_id = come.document, ordinal = come.ordinal, section = come.section, start = come.start,
                  "end" = come."end"
FROM (
    SELECT *, row_number() OVER (PARTITION BY heading_path, text ORDER BY document, ordinal) AS place FROM staged
) AS come JOIN (
    SELECT chunks.id, heading_path, chunks.text,
           row_number() OVER (PARTITION BY heading_path, chunks.text ORDER BY ordinal, chunks.id) AS place
    FROM chunks JOIN documents ON documents.id = document_id
    WHERE generation = %(generation)s AND chunks.municipality_id = %(municipality)s AND superseded_at IS NOT NULL
) AS gone USING (heading_path, text, place)
WHERE chunks.id = gone.id
"""
_ADD_CHUNKS = """
WITH come AS MATERIALIZED (
    SELECT *, to_tsvector('english', heading_path || ' ' || text) AS words FROM staged WHERE NOT EXISTS (
        SELECT FROM chunks WHERE generation = %(generation)s AND document_id = document
                             AND chunks.ordinal = staged.ordinal
    )
), added AS (
    INSERT INTO chunks (generation, municipality_id, document_id, ordinal, section, heading_path, start, "end",
                        text, length, embedding)
    SELECT %(generation)s, %(municipality)s, document, ordinal, section, heading_path, start, "end", text,
           (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(words)), embedding
    FROM come ORDER BY document, ordinal
    RETURNING id, document_id AS document, ordinal, municipality_id, length
), posted AS (
    INSERT INTO postings (generation, term, municipality_id, chunk_id, frequency, length)
    SELECT %(generation)s, lexeme, municipality_id, id, cardinality(positions), length
    FROM added JOIN come USING (document, ordinal), unnest(words)
    ORDER BY lexeme
)
SELECT count(*) FROM added
"""
_DROP_SUPERSEDED = """
DELETE FROM chunks USING documents
WHERE chunks.document_id = documents.id AND documents.superseded_at IS NOT NULL AND documents.municipality_id = %s
"""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A stored document, and its chunks with their vectors as little-endian float32."""

    id: str
    document: Document
    chunks: Sequence[Chunk]
    vectors: Sequence[bytes]


async def written_generations(
    connection: psycopg.AsyncConnection, model: str, dimensions: int
) -> list[Generation]:
    """The live generation, made where there is none, and those that are ready to follow it.

    Raises where the live one belongs to another model.
    """
    live = await ensure_generation(connection, model, dimensions)
    return [live, *await ready_generations(connection, model, dimensions)]


async def ensure_generation(connection: psycopg.AsyncConnection, model: str, dimensions: int) -> Generation:
    """The live generation, made where there is none. Raises where it belongs to another model."""
    live = await live_generation(connection)
    if live is None:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('generations'))")
        live = await live_generation(connection) or await make_generation(connection, model, dimensions)
    if not live.has_vectors_of(model, dimensions):
        raise another_model(live, model)
    return live


async def make_generation(
    connection: psycopg.AsyncConnection, model: str, dimensions: int, status: str = "live"
) -> Generation:
    """A new generation with its own HNSW index, and where they fit in one, its vectors by town: to compare all of a
    town's then takes a third less than with the rows of its chunks, which lie farther apart."""
    cursor = await connection.execute(
        "INSERT INTO generations (embedding_model, dimensions, chunker, status)"
        " VALUES (%s, %s, %s, %s) RETURNING id, embedding_model, dimensions",
        (model, dimensions, CHUNKER, status),
    )
    row = await cursor.fetchone()
    assert row is not None
    generation = Generation(*row)
    async with as_login(connection):
        await connection.execute(
            f"CREATE INDEX chunks_embedding_{generation.id} ON chunks USING hnsw"
            f" ((embedding::halfvec({int(dimensions)})) halfvec_cosine_ops) WHERE generation = {generation.id}"
        )
        if dimensions <= MOST_COVERED_DIMENSIONS:
            await connection.execute(
                f"CREATE INDEX chunks_vectors_{generation.id} ON chunks (municipality_id, id) INCLUDE (embedding)"
                f" WHERE generation = {generation.id}"
            )
    return generation


async def index_document(
    connection: psycopg.AsyncConnection,
    generations: Sequence[Generation],
    municipality: int,
    document_id: str,
    document: Document,
    chunks: Sequence[Chunk],
    vectors: Sequence[bytes],
) -> int:
    """Write one document as ``index_documents`` does."""
    indexed = Indexed(document_id, document, chunks, vectors)
    return await index_documents(connection, generations, municipality, [indexed])


async def index_documents(
    connection: psycopg.AsyncConnection,
    generations: Sequence[Generation],
    municipality: int,
    documents: Sequence[Indexed],
) -> int:
    """Write documents' chunks and postings to generations, but those that documents they supersede hand over; how
    many were written. What is left of those documents is for ``drop_superseded``, once all that follow them are here.

    All of them at once: a statement and the rows that it counts on cost as much for one document as for many.
    """
    await connection.execute(_STAGE)
    async with connection.cursor().copy(_COPY) as copy:
        for piece in binary_rows(row for each in documents for row in staged_rows(each)):
            await copy.write(piece)
    written = 0
    for generation in generations:
        values = {"generation": generation.id, "municipality": municipality}
        await connection.execute(_MOVE_CHUNKS, values)
        row = await (await connection.execute(_ADD_CHUNKS, values)).fetchone()
        written += row[0] if row else 0
    await connection.execute("DROP TABLE staged")
    return written


async def drop_superseded(connection: psycopg.AsyncConnection, municipality: int) -> None:
    """Remove the chunks of a municipality's documents that serve no more, from every generation."""
    await connection.execute(_DROP_SUPERSEDED, (municipality,))


def staged_rows(indexed: Indexed) -> Iterator[tuple[int | str | bytes, ...]]:
    """A document's chunks in the order of the staged columns."""
    for chunk, vector in zip(indexed.chunks, indexed.vectors, strict=True):
        place = (indexed.id, chunk.ordinal, chunk.section, chunk.heading_path, chunk.start, chunk.end)
        yield (*place, indexed.document.text[chunk.start : chunk.end], halfvec(vector))
