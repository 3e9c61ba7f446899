"""The generations of the search index: which there are, which is searched, and which are written."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg
from psycopg.rows import class_row

from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import InvalidRequest, ServiceUnavailable, UnknownGeneration
from plotlot.store.generation_checks import bundles_naming

# Who writes documents holds it with others; who changes which generations are written holds it alone.
WRITING = 2
SHOWN_BUNDLES = 3
_LIST = """
SELECT generations.id AS generation, status, embedding_model, dimensions, chunker, created_at,
       coalesce(data_version, '') AS data_version,
       coalesce(held.chunks, 0) AS chunks, coalesce(held.documents, 0) AS documents,
       coalesce(held.municipalities, 0) AS municipalities, in_all.documents AS documents_in_all,
       in_all.municipalities AS municipalities_in_all, served_at,
       CASE checked.passed WHEN true THEN 'passed' WHEN false THEN 'failed' ELSE '' END AS "check", checked_at,
       CASE status WHEN 'failed' THEN reason ELSE '' END AS reason
FROM generations
LEFT JOIN (
    SELECT generation, sum(chunks)::bigint AS chunks, count(*) AS documents,
           count(DISTINCT documents.municipality_id) AS municipalities,
           'data-' || left(encode(sha256(convert_to(string_agg(
               concat_ws('|', municipalities.name, documents.name, text_sha256), chr(10)
               ORDER BY municipalities.name COLLATE "C", documents.name COLLATE "C", text_sha256
           ), 'UTF8')), 'hex'), 16) AS data_version
    FROM (SELECT generation, document_id, count(*) AS chunks FROM chunks GROUP BY generation, document_id) AS parts
    JOIN documents ON documents.id = document_id
    JOIN municipalities ON municipalities.id = documents.municipality_id
    GROUP BY generation
) AS held ON held.generation = generations.id
CROSS JOIN (
    SELECT count(*) AS documents, count(DISTINCT municipality_id) AS municipalities
    FROM documents WHERE superseded_at IS NULL
) AS in_all
LEFT JOIN LATERAL (
    SELECT passed, checked_at FROM generation_checks WHERE generation = generations.id ORDER BY id DESC LIMIT 1
) AS checked ON true
ORDER BY generations.id
"""


@dataclass(frozen=True, slots=True)
class Generation:
    """A build of the index and the model that its vectors come from."""

    id: int
    embedding_model: str
    dimensions: int

    def has_vectors_of(self, model: str, dimensions: int) -> bool:
        """Whether a model's vectors may be compared with those of the index."""
        return (model, dimensions) == (self.embedding_model, self.dimensions)


@dataclass(frozen=True, slots=True)
class GenerationCounts:
    """A generation, what it holds, and how many current documents and their municipalities there are.

    ``data_version`` is one name for the texts that it holds: generations of the same texts have the same.
    ``served_at`` is when another took its place as the live one; ``check`` what its last one came to: passed or failed,
    empty where there was none; ``reason`` why it failed, and what to do, empty unless it has.
    """

    generation: int
    status: str
    embedding_model: str
    dimensions: int
    chunker: str
    created_at: datetime
    data_version: str
    chunks: int
    documents: int
    municipalities: int
    documents_in_all: int
    municipalities_in_all: int
    served_at: datetime | None
    check: str
    checked_at: datetime | None
    reason: str


async def live_generation(connection: psycopg.AsyncConnection) -> Generation | None:
    """The generation that searches use; None before the first ingestion."""
    cursor = await connection.execute(
        "SELECT id, embedding_model, dimensions FROM generations WHERE status = 'live'"
    )
    row = await cursor.fetchone()
    return Generation(*row) if row else None


async def searched_generation(connection: psycopg.AsyncConnection, number: int | None) -> Generation | None:
    """The generation that a bundle names, else the live one, None before the first ingestion.

    Raises ServiceUnavailable where the one named is not here, or is not whole: no caller is at fault.
    """
    if number is None:
        return await live_generation(connection)
    cursor = await connection.execute(
        "SELECT id, embedding_model, dimensions, status FROM generations"
        " WHERE status IN ('live', 'ready') ORDER BY id"
    )
    known = {row[0]: row for row in await cursor.fetchall()}
    if number not in known:
        there = ", ".join(f"{row[0]} ({row[3]})" for row in known.values()) or "none"
        raise ServiceUnavailable(
            f"generation {number} of the index, which the request's bundle names, or its answer began with, cannot be"
            f" searched here; those that can be are {there}: ask again, or name another in the bundle"
        )
    return Generation(*known[number][:3])


async def ready_generations(
    connection: psycopg.AsyncConnection, model: str, dimensions: int
) -> list[Generation]:
    """The generations beside the live one that a model's vectors are written to."""
    cursor = await connection.execute(
        "SELECT id, embedding_model, dimensions FROM generations"
        " WHERE status = 'ready' AND embedding_model = %s AND dimensions = %s ORDER BY id",
        (model, dimensions),
    )
    return [Generation(*row) for row in await cursor.fetchall()]


async def list_generations(connection: psycopg.AsyncConnection) -> list[GenerationCounts]:
    """Every generation, the oldest first."""
    async with connection.cursor(row_factory=class_row(GenerationCounts)) as cursor:
        await cursor.execute(_LIST)
        return await cursor.fetchall()


async def generation_counts(connection: psycopg.AsyncConnection, number: int) -> GenerationCounts:
    """One generation. Raises UnknownGeneration with those that there are."""
    found = await list_generations(connection)
    for one in found:
        if one.generation == number:
            return one
    raise UnknownGeneration(
        f"the index has no generation {number}",
        field="generation",
        suggestions=[f"{one.generation} ({one.status})" for one in found if one.status != "retired"],
    )


async def set_status(connection: psycopg.AsyncConnection, number: int, status: str) -> None:
    """Change what a generation is used for."""
    await connection.execute("UPDATE generations SET status = %s WHERE id = %s", (status, number))


async def hold_writing(connection: psycopg.AsyncConnection, alone: bool = False) -> None:
    """Until the transaction ends, keep which generations are written, or with ``alone`` who writes to them."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    await connection.execute(f"SELECT {lock}(%s, 0)", (WRITING,))


async def use_generation(connection: psycopg.AsyncConnection, number: int, anyway: int = 0) -> None:
    """Make a ready, whole generation the live one: one that passed its check, served before, or is named ``anyway`` too.

    Raises InvalidRequest for any other.
    """
    await hold_writing(connection, alone=True)
    found = await generation_counts(connection, number)
    if found.status not in ("ready", "live"):
        raise InvalidRequest(
            f"generation {number} is {found.status}, and only a ready one can go live", field="generation"
        )
    if found.documents < found.documents_in_all:
        raise InvalidRequest(
            f"generation {number} holds {found.documents} of {found.documents_in_all} documents, and searches "
            "would miss the rest: build another with `plotlot index build`",
            field="generation",
        )
    may_serve = found.status == "live" or found.served_at is not None or found.check == "passed"
    if not may_serve and anyway != number:
        what = "its check failed" if found.check else "it was never checked"
        raise InvalidRequest(
            f"generation {number} cannot go live, for {what}: see `plotlot index check {number}`, or name it twice, "
            f"with `plotlot index use {number} --anyway {number}`",
            field="anyway",
        )
    if found.status == "live":
        return
    await connection.execute(
        "UPDATE generations SET status = 'ready', served_at = now() WHERE status = 'live'"
    )
    await set_status(connection, number, "live")


async def retire_generation(connection: psycopg.AsyncConnection, number: int, anyway: int = 0) -> None:
    """Take a generation out of use. Raises InvalidRequest for the live one, and, unless it is named ``anyway`` too, for
    one that a bundle names."""
    await hold_writing(connection, alone=True)
    found = await generation_counts(connection, number)
    if found.status == "live":
        raise InvalidRequest(
            f"generation {number} is live: put another in its place first, with `plotlot index use`",
            field="generation",
        )
    naming = await bundles_naming(connection, number)
    if naming and anyway != number:
        raise InvalidRequest(
            f"generation {number} is named by {', '.join(naming[:SHOWN_BUNDLES])}, whose searches would fail: release a "
            f"bundle with another one first, or name it twice, with `plotlot index retire {number} --anyway {number}`",
            field="anyway",
        )
    await set_status(connection, number, "retired")


async def empty_generation(connection: psycopg.AsyncConnection, number: int) -> None:
    """Remove what a retired generation holds; again removes what a removal that was cut short left.

    On a connection that has no transaction, for only so is the index dropped without stopping searches.
    """
    autocommit = connection.autocommit
    await connection.commit()
    await connection.set_autocommit(True)
    try:
        await connection.execute("SET ROLE NONE")  # the index is dropped by its owner, who is the login
        await connection.execute(f"SET plotlot.tenant = '{EVERY_TENANT}'".encode())
        # The counts and the postings first: they go at once, and not for each chunk.
        for table in ("term_counts", "postings", "chunks", "scope_sizes"):
            await connection.execute(f"DELETE FROM {table} WHERE generation = %s", (number,))
        for index in ("embedding", "vectors"):
            await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS chunks_{index}_{int(number)}")
    finally:
        await connection.set_autocommit(autocommit)


def another_model(generation: Generation, served: str) -> ServiceUnavailable:
    """The error for an index whose vectors come from another model than inference serves."""
    built = generation.embedding_model
    return ServiceUnavailable(
        f"the index was built with {built}, but inference serves {served}: "
        f"set PLOTLOT_EMBEDDING_MODEL to {built}, or use another --data folder"
    )


def another_model_asked(generation: Generation, asked: str) -> ServiceUnavailable:
    """The error for a bundle that embeds with another model than its index."""
    built = generation.embedding_model
    return ServiceUnavailable(
        f"the request's bundle embeds with {asked}, but generation {generation.id} of the index was built with "
        f"{built}: build a bundle with embedding_model={built}, or without a bundle's file set "
        f"PLOTLOT_EMBEDDING_MODEL of the gateway to {built}"
    )


def vector_literal(vector: bytes) -> str:
    """Little-endian float32 numbers as pgvector writes them."""
    return str(np.frombuffer(vector, "<f4").astype(np.float64).round(7).tolist())
