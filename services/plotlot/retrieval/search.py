"""Hybrid search: BM25 and vectors, fused in one SQL statement.

BM25 is that of Robertson and Zaragoza (2009) with the idf of Lucene, its statistics taken over the
scope searched. Inside a municipality the vector search is exact; over all it walks the HNSW index.
Fusion is ``plotlot.domain.fusion.min_max_mean`` over the best of both.
"""

from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from plotlot.domain.bundles import Retrieval
from plotlot.store.generations import Generation

_SETTINGS: LiteralString = """
SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '100', true)
"""

_SEARCH = """
WITH question AS (
    SELECT lexeme AS term FROM unnest(to_tsvector('english', %(query)s))
), scope AS (
    SELECT count(*)::float8 AS size, avg(length)::float8 AS average_length FROM chunks WHERE {in_scope}
), matches AS (
    SELECT chunk_id, frequency::float8, count(*) OVER (PARTITION BY term)::float8 AS chunks_with_term
    FROM postings JOIN question USING (term) WHERE {in_scope}
), lexical AS (
    SELECT chunks.id,
           sum(ln(1 + (size - chunks_with_term + 0.5) / (chunks_with_term + 0.5)) * frequency * (%(k1)s + 1)
               / (frequency + %(k1)s * (1 - %(b)s + %(b)s * length / average_length))) AS bm25
    FROM matches JOIN chunks ON chunks.id = chunk_id CROSS JOIN scope
    GROUP BY chunks.id ORDER BY bm25 DESC, chunks.id LIMIT %(depth)s
), semantic AS (
    SELECT id, 1 - distance AS cosine FROM (
        SELECT id, {distance} AS distance FROM chunks
        WHERE {in_scope} AND %(vector)s::halfvec IS NOT NULL
        ORDER BY {distance} LIMIT %(depth)s
    ) AS nearest
), candidates AS (
    SELECT id, bm25, cosine,
           (bm25 - min(bm25) OVER pool) / nullif(max(bm25) OVER pool - min(bm25) OVER pool, 0) AS bm25_share,
           (cosine - min(cosine) OVER pool) / nullif(max(cosine) OVER pool - min(cosine) OVER pool, 0)
           AS cosine_share
    FROM lexical FULL JOIN semantic USING (id) WINDOW pool AS ()
), best AS (
    SELECT id, bm25, cosine, CASE
        WHEN %(method)s = 'bm25' THEN bm25
        WHEN %(method)s = 'vector' THEN cosine
        ELSE (CASE WHEN bm25 IS NULL THEN 0 ELSE coalesce(bm25_share, 1) END
              + CASE WHEN cosine IS NULL THEN 0 ELSE coalesce(cosine_share, 1) END) / 2
        END AS score
    FROM candidates ORDER BY score DESC, id LIMIT %(limit)s
)
SELECT best.id::text AS chunk, score, bm25, cosine, chunks.heading_path AS section, chunks.start,
       chunks."end", chunks.text, documents.id AS document, documents.title AS document_title,
       documents.text_sha256 AS document_sha256, municipalities.name AS municipality,
       (SELECT nullif(count(*), 0) FROM unnest(page_starts) AS page_start WHERE page_start <= chunks.start)
       AS page
FROM best JOIN chunks USING (id) JOIN documents ON documents.id = document_id
     JOIN municipalities ON municipalities.id = chunks.municipality_id
ORDER BY score DESC, best.id
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: a generation of the index, in one municipality or in all."""

    generation: Generation
    municipality: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """A chunk with its scores; ``bm25`` or ``cosine`` is None where that ranking did not reach it."""

    chunk: str
    score: float
    bm25: float | None
    cosine: float | None
    section: str
    start: int
    end: int
    text: str
    document: str
    document_title: str
    document_sha256: str
    municipality: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """``method`` is fused, bm25 or vector; ``vector`` is None where it takes no part.

    Of the bundle's ``parameters``, ``depth`` results of each ranking take part in the fusion.
    """

    text: str
    vector: str | None
    limit: int
    method: str = "fused"
    parameters: Retrieval = field(default_factory=Retrieval)


async def search(connection: psycopg.AsyncConnection, scope: Scope, query: Query) -> list[Result]:
    """The best chunks, best first, ties by age. One round trip: the settings travel with the query."""
    values: dict[str, Any] = {
        "query": query.text if query.method != "vector" else "",
        "vector": query.vector if query.method != "bm25" else None,
        "method": query.method,
        "limit": query.limit,
        "depth": max(query.parameters.depth, query.limit),
        "k1": query.parameters.k1,
        "b": query.parameters.b,
    }
    async with connection.pipeline(), connection.cursor(row_factory=class_row(Result)) as cursor:
        if scope.municipality is None:
            await connection.execute(_SETTINGS)
        await cursor.execute(statement(scope), values)
        return await cursor.fetchall()


def statement(scope: Scope) -> sql.Composed:
    """The search over a scope. Ids stand in it as literals: a partial index is used only so."""
    in_scope = sql.SQL("generation = {}").format(sql.Literal(scope.generation.id))
    distance: sql.Composable = sql.SQL("embedding <=> %(vector)s::halfvec")
    if scope.municipality is None:
        size = sql.Literal(scope.generation.dimensions)
        distance = sql.SQL("embedding::halfvec({}) <=> %(vector)s::halfvec({})").format(size, size)
    else:
        in_scope += sql.SQL(" AND municipality_id = {}").format(sql.Literal(scope.municipality))
    return sql.SQL(_SEARCH).format(in_scope=in_scope, distance=distance)
