"""The search index as ingestion writes it and retrieval reads it: its live generation, and its vectors."""

from dataclasses import dataclass

import numpy as np
import psycopg

from plotlot.domain.errors import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class Generation:
    """A build of the index and the model that its vectors come from."""

    id: int
    embedding_model: str
    dimensions: int

    def has_vectors_of(self, model: str, dimensions: int) -> bool:
        """Whether a model's vectors may be compared with those of the index."""
        return (model, dimensions) == (self.embedding_model, self.dimensions)


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
            f"the request's bundle names generation {number} of the index, which cannot be searched here; those"
            f" that can be are {there}: build it with `plotlot index build`, or name another in the bundle"
        )
    return Generation(*known[number][:3])


def another_model(generation: Generation, served: str) -> ServiceUnavailable:
    """The error for an index whose vectors come from another model than inference serves."""
    built = generation.embedding_model
    return ServiceUnavailable(
        f"the index was built with {built}, but inference serves {served}: "
        f"set PLOTLOT_EMBEDDING_MODEL to {built}, or use another --data folder"
    )


def vector_literal(vector: bytes) -> str:
    """Little-endian float32 numbers as pgvector writes them."""
    return "[" + ",".join(f"{number:.6g}" for number in np.frombuffer(vector, "<f4")) + "]"
