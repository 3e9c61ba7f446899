"""The one SQL statement of a search, put together of what the query asks for.

BM25 is that of Robertson and Zaragoza (2009) with the idf of Lucene, its statistics those of the scope, which
ingestion counts. A concept that several words name is scored as one word: their frequencies are added, and its idf
is that of the commonest (Lucene's SynonymQuery). Where the words of a query stand in very many chunks, the
rarer lead: the others only add to what chunks score that a leading one is in (Lucene's CommonTermsQuery), and are
looked up only where a chunk can still come among the best, were each of them to add the most that it can (MaxScore of
Turtle and Flood, 1995).
"""

from dataclasses import dataclass
from functools import lru_cache

from plotlot.store.documents import ANCHOR, PAGE

LED_POSTINGS = 5_000
"""Postings up to which every word leads: a search of fewer is exact."""
LED_CHUNKS = 3
"""For each result of the lexical ranking, the most chunks that the common words are looked up in."""

_SEARCH = """
WITH question AS MATERIALIZED ({question}),
counted AS (
    SELECT term, sum(chunks)::float8 AS chunks FROM term_counts JOIN question USING (term)
    WHERE {in_scope} AND chunks > 0 GROUP BY term
), size AS MATERIALIZED (
    SELECT sum(chunks)::float8 AS chunks, %(k1)s * (1 - %(b)s) AS least,
           %(k1)s * %(b)s * sum(chunks)::float8 / nullif(sum(length), 0)::float8 AS slope
    FROM scope_sizes WHERE {in_scope}
), concepts AS (
    SELECT concept, max(counted.chunks) AS chunks,
           sum(sum(counted.chunks)) OVER rarest <= {led_postings} OR row_number() OVER rarest = 1 AS leads
    FROM question JOIN counted USING (term) GROUP BY concept
    WINDOW rarest AS (ORDER BY max(counted.chunks), concept)
), words AS MATERIALIZED (
    SELECT term, concept, weight, leads,
           (%(k1)s + 1) * ln(1 + (size.chunks - concepts.chunks + 0.5) / (concepts.chunks + 0.5)) AS most
    FROM question JOIN concepts USING (concept) CROSS JOIN size
), {eligible}
led AS (
    SELECT chunk_id AS id, {town} AS town, sum({impact}) AS bm25
    FROM size CROSS JOIN {leading}
    GROUP BY chunk_id ORDER BY bm25 DESC, id LIMIT {led_chunks}
), promising AS (
    SELECT min(bm25) - (SELECT coalesce(sum(most), 0) FROM words WHERE NOT leads) AS bm25
    FROM (SELECT bm25 FROM led ORDER BY bm25 DESC LIMIT {depth}) AS first
), lexical AS (
    SELECT id, bm25 + coalesce((
        SELECT sum({impact}) FROM size CROSS JOIN {following}
    ), 0) AS bm25
    FROM led WHERE bm25 >= (SELECT bm25 FROM promising)
    ORDER BY bm25 DESC, id LIMIT {depth}
), semantic AS (
    SELECT id, 1 - distance AS cosine FROM (
        SELECT id, {distance} AS distance FROM chunks
        WHERE {in_scope}{vectors_eligible} AND %(vector)s::halfvec IS NOT NULL
        ORDER BY {distance} LIMIT {depth}
    ) AS nearest
), candidates AS (
    SELECT id, bm25, cosine, {shares} FROM lexical FULL JOIN semantic USING (id) WINDOW pool AS ()
), best AS (
    SELECT id, bm25, cosine, {score} AS score FROM candidates ORDER BY score DESC, id LIMIT {limit}
)
SELECT best.id::text AS chunk, score, bm25, cosine, chunks.heading_path AS section, chunks.start,
       chunks."end", chunks.text, documents.id AS document, documents.title AS document_title,
       documents.text_sha256 AS document_sha256, documents.effective_date, documents.retrieved_at,
       {anchor} AS anchor, municipalities.name AS municipality,
       {page} AS page{neighbours}
FROM best JOIN chunks USING (id) JOIN documents ON documents.id = document_id
     JOIN municipalities ON municipalities.id = chunks.municipality_id
ORDER BY score DESC, best.id
"""
_WORDS = "SELECT lexeme AS term, lexeme AS concept, 1::float8 AS weight FROM unnest(to_tsvector('english', %(query)s))"
# A synonym of several parts, as two-family, is its longest lexeme: the whole.
_WORDS_AND_SYNONYMS = """
    SELECT term, coalesce(concept, term) AS concept, coalesce(weight, 1) AS weight
    FROM (SELECT lexeme AS term FROM unnest(to_tsvector('english', %(query)s))) AS asked
    FULL JOIN (
        SELECT DISTINCT ON (term) term, concept, weight
        FROM unnest(%(synonyms)s::text[], %(concepts)s::text[], %(weights)s::float8[]) AS synonym (word, concept, weight),
             LATERAL (
                SELECT lexeme AS term FROM unnest(to_tsvector('english', word)) ORDER BY length(lexeme) DESC LIMIT 1
             ) AS longest
        ORDER BY term, weight DESC
    ) AS synonym USING (term)
"""
_LENGTH = "coalesce(postings.length, (SELECT chunks.length FROM chunks WHERE chunks.id = chunk_id))"
# The words of the question first, and a look into the index for each: not all words of a chunk.
_FOLLOWING = """words CROSS JOIN LATERAL (
            SELECT chunk_id, municipality_id, frequency, length FROM postings
            WHERE {in_generation} AND term = words.term AND municipality_id = led.town AND chunk_id = led.id
            OFFSET 0
        ) AS postings WHERE NOT leads"""
_IMPACT = "most * frequency / (frequency + least + slope * {length})"
_AS_ONE_WORD = """(
        SELECT chunk_id, min(municipality_id) AS municipality_id, min(most) AS most,
               sum(frequency * weight) AS frequency, min({length}) AS length
        FROM {postings} GROUP BY chunk_id, concept
    ) AS concept"""
_ELIGIBLE = "FROM chunks JOIN documents ON documents.id = chunks.document_id WHERE {in_scope}{conditions}"
FILTERS = {
    "effective_by": "(effective_date IS NULL OR effective_date <= %(effective_by)s)",
    "effective_since": "effective_date >= %(effective_since)s",
    "district": "(chunks.heading_path ~ %(district)s OR chunks.text ~ %(district)s)",
}
"""The condition on chunks and documents that each filter is."""
_SHARES = """
           (bm25 - min(bm25) OVER pool) / nullif(max(bm25) OVER pool - min(bm25) OVER pool, 0) AS bm25_share,
           (cosine - min(cosine) OVER pool) / nullif(max(cosine) OVER pool - min(cosine) OVER pool, 0)
           AS cosine_share"""
_RANKS = """
           rank() OVER (ORDER BY bm25 DESC NULLS LAST) AS bm25_rank,
           rank() OVER (ORDER BY cosine DESC NULLS LAST) AS cosine_rank"""
_WEIGHTED = """
           (1 - %(vector_weight)s) * CASE WHEN bm25 IS NULL THEN 0 ELSE coalesce(bm25_share, 1) END
           + %(vector_weight)s * CASE WHEN cosine IS NULL THEN 0 ELSE coalesce(cosine_share, 1) END"""
_RECIPROCAL = """
           CASE WHEN bm25 IS NULL THEN 0 ELSE 1.0::float8 / (%(rrf_k)s + bm25_rank) END
           + CASE WHEN cosine IS NULL THEN 0 ELSE 1.0::float8 / (%(rrf_k)s + cosine_rank) END"""
_NEIGHBOURS = """,
       (SELECT coalesce(json_agg(json_build_object(
                   'chunk', near.id::text, 'section', near.heading_path, 'start', near.start, 'end', near."end",
                   'text', near.text, 'distance', near.ordinal - chunks.ordinal) ORDER BY near.ordinal), '[]')
        FROM chunks AS near
        WHERE near.generation = chunks.generation AND near.document_id = chunks.document_id
          AND near.ordinal BETWEEN chunks.ordinal - %(neighbours)s AND chunks.ordinal + %(neighbours)s
          AND near.ordinal <> chunks.ordinal{in_section}) AS neighbours"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a search is in the text of its statement; all else is a parameter.

    The generation is, for a partial index is used only so, and so are the numbers of rows, by which Postgres
    plans. A town is not: the statement of one is that of all.
    """

    generation: int
    dimensions: int
    in_town: bool
    exact: bool
    filters: tuple[str, ...]
    synonyms: bool
    fusion: str
    method: str
    depth: int
    limit: int
    neighbours: bool
    within_section: bool


@lru_cache(maxsize=256)
def statement(shape: Shape) -> bytes:
    """The search of a shape."""
    in_generation = f"generation = {shape.generation:d}"
    in_scope = in_generation + shape.in_town * " AND municipality_id = %(town)s"
    in_eligible = " AND {} IN (SELECT id FROM eligible)" if shape.filters else ""
    leading = f"words JOIN postings USING (term) WHERE {in_scope} AND leads{in_eligible.format('chunk_id')}"
    following = _FOLLOWING.format(in_generation=in_generation)
    eligible = _eligible(shape.generation, shape.in_town, shape.filters)
    eligible = f"eligible AS MATERIALIZED (SELECT chunks.id {eligible}), " if shape.filters else ""
    reciprocal = shape.fusion == "rrf"
    fused = _RECIPROCAL if reciprocal else _WEIGHTED
    return _SEARCH.format(
        question=_WORDS_AND_SYNONYMS if shape.synonyms else _WORDS,
        in_scope=in_scope,
        led_postings=LED_POSTINGS,
        led_chunks=LED_CHUNKS * shape.depth,
        eligible=eligible,
        impact=_IMPACT.format(length="length" if shape.synonyms else _LENGTH),
        town="%(town)s::bigint" if shape.in_town else "min(municipality_id)",
        leading=_grouped(leading, shape.synonyms),
        following=_grouped(following, shape.synonyms),
        depth=shape.depth,
        distance=_distance(shape),
        vectors_eligible=in_eligible.format("id"),
        shares=_RANKS if reciprocal else _SHARES,
        score={"bm25": "bm25", "vector": "cosine"}.get(shape.method, fused),
        limit=shape.limit,
        neighbours=_neighbours(shape),
        anchor=ANCHOR.format(document="documents.id", start="chunks.start"),
        page=PAGE.format(start="chunks.start"),
    ).encode()


def _grouped(postings: str, synonyms: bool) -> str:
    """Postings, those of a concept's words in a chunk taken together."""
    return _AS_ONE_WORD.format(postings=postings, length=_LENGTH) if synonyms else postings


def counting(generation: int, in_town: bool, filters: tuple[str, ...]) -> bytes:
    """The statement that counts what filters leave of a scope."""
    return f"SELECT count(*) {_eligible(generation, in_town, filters)}".encode()


def _eligible(generation: int, in_town: bool, filters: tuple[str, ...]) -> str:
    in_scope = f"generation = {generation:d}" + in_town * " AND chunks.municipality_id = %(town)s"
    return _ELIGIBLE.format(
        in_scope=in_scope, conditions="".join(f" AND {FILTERS[name]}" for name in filters)
    )


def _distance(shape: Shape) -> str:
    if shape.exact:
        return "embedding <=> %(vector)s::halfvec"
    size = f"{shape.dimensions:d}"
    return f"embedding::halfvec({size}) <=> %(vector)s::halfvec({size})"


def _neighbours(shape: Shape) -> str:
    if not shape.neighbours:
        return ""
    return _NEIGHBOURS.format(in_section=" AND near.section = chunks.section" if shape.within_section else "")
