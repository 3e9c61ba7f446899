"""Vectors of texts, kept by what was embedded: what a refresh left as it was is not embedded again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

import numpy as np
import psycopg

from plotlot.domain.access import EVERY_TENANT, LOCAL
from plotlot.ingestion.copying import binary_rows
from plotlot.ingestion.pipeline import BATCHES_AT_ONCE, EMBED_BATCH, EmbeddingClient, text_embedded
from plotlot.store.pool import Database

READ_AT_ONCE = 1_000  # chunks
# Nobody begins a run while this is held, which is until the transaction ends.
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('refreshes'))"
_IS_TOO_SOON = """
SELECT EXISTS (SELECT FROM refreshes WHERE ended_at IS NULL AND id <> %s)
    OR EXISTS (SELECT FROM generations WHERE status = 'building')
"""
_INDEXED = """
SELECT embedding_model, heading_path, text FROM chunks JOIN generations ON generations.id = generation
WHERE status IN ('ready', 'live')
"""
_NEEDED = "CREATE TEMPORARY TABLE needed (model text, digest bytea) ON COMMIT DROP"
_PRUNE = """
DELETE FROM kept_vectors WHERE NOT EXISTS (
    SELECT FROM needed WHERE needed.model = kept_vectors.model AND needed.digest = kept_vectors.digest
)
"""


class KeptVectors:
    """Vectors in the database, of one embedding model after another."""

    def __init__(self, database: Database, embeddings: EmbeddingClient) -> None:
        self._database, self._embeddings = database, embeddings

    async def embed(self, texts: Sequence[str], model: str = "") -> AsyncIterator[tuple[int, int]]:
        """See that all texts have vectors of a model, else of the default one; how many were embedded and how many were
        there, by and by.

        A batch is stored whole, so that one that was cut short is embedded again with the same texts in it.
        """
        model = model or (await self._embeddings.model())[0]
        unique = list(dict.fromkeys(texts))
        asked: deque[asyncio.Task[int]] = deque()
        try:
            for first in range(0, len(unique), EMBED_BATCH):
                batch = unique[first : first + EMBED_BATCH]
                there = await self._found(model, [digest_of(text) for text in batch])
                missing = [text for text in batch if digest_of(text) not in there]
                yield 0, len(batch) - len(missing)
                if missing:
                    asked.append(asyncio.create_task(self._made(model, missing)))
                if len(asked) == BATCHES_AT_ONCE:
                    yield await asked.popleft(), 0
            while asked:
                yield await asked.popleft(), 0
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def of(self, texts: Sequence[str], model: str = "") -> list[bytes]:
        """The vectors of texts, as little-endian float32; such as have none, as after ``prune``, are embedded."""
        model = model or (await self._embeddings.model())[0]
        digests = [digest_of(text) for text in texts]
        found = await self._found(model, digests)
        while missing := [text for text, digest in zip(texts, digests, strict=True) if digest not in found]:
            async for _ in self.embed(missing, model):
                pass
            found |= await self._found(model, [digest_of(text) for text in missing])
        return [np.frombuffer(found[digest], "<f2").astype("<f4").tobytes() for digest in digests]

    async def prune(self, run: str = "") -> int:
        """Remove the vectors of texts that stand in no generation which may be searched; how many.

        Nothing while a run goes on, but one that comes to its end, or a generation is built: what these embedded is not
        indexed yet.
        """
        async with self._database.connection(EVERY_TENANT) as connection:
            await connection.execute(_ALONE)
            row = await (await connection.execute(_IS_TOO_SOON, (run,))).fetchone()
            if row is None or row[0]:
                return 0
            await connection.execute(_NEEDED)
            async with connection.cursor("indexed") as cursor:
                await cursor.execute(_INDEXED)
                while rows := await cursor.fetchmany(READ_AT_ONCE):
                    await _note_needed(connection, rows)
            return (await connection.execute(_PRUNE)).rowcount

    async def _made(self, model: str, texts: list[str]) -> int:
        vectors = await self._embeddings.embed(texts, model)
        halves = [np.frombuffer(vector, "<f4").astype("<f2").tobytes() for vector in vectors]
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(
                "INSERT INTO kept_vectors (model, digest, vector)"
                " SELECT %s, * FROM unnest(%s::bytea[], %s::bytea[]) ON CONFLICT DO NOTHING",
                (model, [digest_of(text) for text in texts], halves),
            )
        return len(texts)

    async def _found(self, model: str, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        async with self._database.connection(LOCAL, reads=True) as connection:
            cursor = await connection.execute(
                "SELECT digest, vector FROM kept_vectors WHERE model = %s AND digest = ANY(%s)",
                (model, list(digests)),
            )
            return {bytes(digest): bytes(vector) for digest, vector in await cursor.fetchall()}


async def _note_needed(connection: psycopg.AsyncConnection, chunks: Sequence[tuple[str, str, str]]) -> None:
    """Put down whose vectors are needed: each chunk has its model, heading path and text."""
    needed = {(model, digest_of(text_embedded(path, text))) for model, path, text in chunks}
    async with connection.cursor().copy("COPY needed FROM STDIN (FORMAT binary)") as copy:
        for piece in binary_rows(needed):
            await copy.write(piece)


def digest_of(text: str) -> bytes:
    """What a text's vector is kept under."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
