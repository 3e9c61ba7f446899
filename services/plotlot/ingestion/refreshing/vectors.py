"""Vectors of texts, kept by what was embedded: what a refresh left as it was is not embedded again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import psycopg

from plotlot.domain.access import EVERY_TENANT, LOCAL
from plotlot.ingestion.builders import fail_abandoned
from plotlot.ingestion.copying import binary_rows
from plotlot.ingestion.pipeline import BATCHES_AT_ONCE, EMBED_BATCH, EmbeddingClient, text_embedded
from plotlot.store.pool import Database

READ_AT_ONCE = 16 * EMBED_BATCH
# A vector that is used is marked so where it was not within ``_MARKED``, and stays for ``_UNUSED``, which has to be longer:
# what was embedded for a run or a build that was cut short is there when it is done again.
_MARKED, _UNUSED, _PRUNED = "1 day", "7 days", "1 day"
# In one order, so that those who use the same texts wait for one another in a line.
_MARK = f"""
UPDATE kept_vectors SET used_at = now() FROM (
    SELECT digest FROM kept_vectors
    WHERE model = %(model)s AND digest = ANY(%(digests)s) AND used_at <= now() - interval '{_MARKED}'
    ORDER BY digest FOR NO KEY UPDATE
) AS unmarked
WHERE model = %(model)s AND kept_vectors.digest = unmarked.digest
"""
_THERE = "SELECT digest FROM kept_vectors WHERE model = %(model)s AND digest = ANY(%(digests)s)"
_FOUND = "SELECT digest, vector FROM kept_vectors WHERE model = %(model)s AND digest = ANY(%(digests)s)"
# Whether nobody did so lately, or does so now.
_MAY_PRUNE = f"""
SELECT pg_try_advisory_xact_lock(hashtext('kept vectors'))
   AND NOT EXISTS (SELECT FROM refreshes WHERE vectors_pruned_at > now() - interval '{_PRUNED}')
"""
# What a run or a build used that goes on now may not be indexed yet: only what was left unused long before it began may go.
_UNUSED_SINCE = f"""
SELECT least(
    now(), (SELECT min(begun_at) FROM refreshes WHERE ended_at IS NULL),
    (SELECT min(created_at) FROM generations WHERE status = 'building')
) - interval '{_UNUSED}'
"""
_INDEXED = """
SELECT embedding_model, heading_path, text FROM chunks JOIN generations ON generations.id = generation
WHERE status IN ('ready', 'live')
"""
_NEEDED = "CREATE TEMPORARY TABLE needed (model text, digest bytea) ON COMMIT DROP"
_PRUNE = """
DELETE FROM kept_vectors USING (
    SELECT model, digest FROM kept_vectors AS kept WHERE used_at < %s AND NOT EXISTS (
        SELECT FROM needed WHERE needed.model = kept.model AND needed.digest = kept.digest
    ) FOR UPDATE SKIP LOCKED
) AS needless
WHERE needless.model = kept_vectors.model AND needless.digest = kept_vectors.digest
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
            for first in range(0, len(unique), READ_AT_ONCE):
                some = unique[first : first + READ_AT_ONCE]
                missing = await self._missing(model, some)
                yield 0, len(some) - len(missing)
                for at in range(0, len(missing), EMBED_BATCH):
                    asked.append(asyncio.create_task(self._made(model, missing[at : at + EMBED_BATCH])))
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

    async def prune(self, run: str) -> int:
        """At the end of a run, at most once a day: remove the vectors that nobody used for a week and whose texts stand in no
        generation which may be searched; how many. It reads every chunk, and nobody waits for it: runs and builds go on."""
        await fail_abandoned(self._database)
        async with self._database.connection(EVERY_TENANT) as connection:
            row = await (await connection.execute(_MAY_PRUNE)).fetchone()
            if row is None or not row[0]:
                return 0
            # Looked up first: what begins after this uses vectors after it too.
            unused_since = await (await connection.execute(_UNUSED_SINCE)).fetchone()
            await connection.execute(_NEEDED)
            async with connection.cursor("indexed") as cursor:
                await cursor.execute(_INDEXED)
                while rows := await cursor.fetchmany(READ_AT_ONCE):
                    await _note_needed(connection, rows)
            removed = (await connection.execute(_PRUNE, unused_since)).rowcount
            await connection.execute("UPDATE refreshes SET vectors_pruned_at = now() WHERE id = %s", (run,))
        return removed

    async def _missing(self, model: str, texts: Sequence[str]) -> list[str]:
        """Those of the texts that have no vector."""
        digests = {digest_of(text): text for text in texts}
        there = {bytes(digest) for (digest,) in await self._marked(_THERE, model, list(digests))}
        return [text for digest, text in digests.items() if digest not in there]

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
        rows = await self._marked(_FOUND, model, digests)
        return {bytes(digest): bytes(vector) for digest, vector in rows}

    async def _marked(self, query: str, model: str, digests: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """What a query finds of vectors, which are marked as used."""
        values = {"model": model, "digests": list(digests)}
        async with self._database.connection(LOCAL) as connection:
            await connection.execute(_MARK, values)
            return await (await connection.execute(query.encode(), values)).fetchall()


async def _note_needed(connection: psycopg.AsyncConnection, chunks: Sequence[tuple[str, str, str]]) -> None:
    """Put down whose vectors are needed: each chunk has its model, heading path and text."""
    needed = await asyncio.to_thread(_needed_of, chunks)
    async with connection.cursor().copy("COPY needed FROM STDIN (FORMAT binary)") as copy:
        for piece in binary_rows(needed):
            await copy.write(piece)


def _needed_of(chunks: Sequence[tuple[str, str, str]]) -> set[tuple[str, bytes]]:
    return {(model, digest_of(text_embedded(path, text))) for model, path, text in chunks}


def digest_of(text: str) -> bytes:
    """What a text's vector is kept under."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
