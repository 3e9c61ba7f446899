"""Hybrid search: BM25 and vectors, fused in one SQL statement.

Its parts are in ``statement``; how the vectors of a scope are searched is in ``scopes``. Fusion is that of
``plotlot.domain.fusion`` over the best of both rankings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import class_row

from plotlot.domain.bundles import Retrieval
from plotlot.domain.synonyms import Synonym, synonyms
from plotlot.retrieval.scopes import LEAST_EF, Filters, Scope, filtering, scan_of
from plotlot.retrieval.statement import Shape, statement

__all__ = ["Filters", "Query", "Result", "Scope", "search"]

# Postgres does not know how many chunks hold a word, nor how far the graph is walked until enough of a town is
# found, and would rather sort. Told not to, it hashes, and takes the graph. One plan does for all parameters.
_SETTINGS: LiteralString = """
SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
       set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', %s, true)
"""


@dataclass(frozen=True, slots=True)
class Result:
    """A chunk with its scores; ``bm25`` or ``cosine`` is None where that ranking did not reach it.

    ``neighbours`` are the chunks beside it, as far as they were asked for, in the order of the text, each with
    its ``distance`` in chunks: -1 is the one before.
    """

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
    neighbours: Sequence[dict[str, Any]] = ()
    rerank: float | None = None
    effective_date: date | None = None
    retrieved_at: datetime | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """``method`` is fused, bm25 or vector; ``vector`` is None where it takes no part.

    Of the bundle's ``parameters``, ``depth`` results of each ranking take part in the fusion. ``neighbours`` are
    wanted on each side of a result, of its document or only of its section.
    """

    text: str
    vector: str | None
    limit: int
    method: str = "fused"
    parameters: Retrieval = field(default_factory=Retrieval)
    neighbours: int = 0
    within_section: bool = False

    @property
    def depth(self) -> int:
        """Results of each ranking."""
        return max(self.parameters.depth, self.limit)


async def search(connection: psycopg.AsyncConnection, scope: Scope, query: Query) -> list[Result]:
    """The best chunks, best first, ties by age. One round trip: the settings travel with the query."""
    scan = scan_of(scope, query.depth)
    expanded = synonyms(query.text) if query.parameters.synonyms and query.method != "vector" else []
    text = statement(shape_of(scope, query, scan.candidates is None, bool(expanded)))
    values = {**parameters_of(query), **filtering(scope), **expansion(expanded, query.parameters.synonyms)}
    async with connection.pipeline(), connection.cursor(row_factory=class_row(Result)) as cursor:
        await connection.execute(_SETTINGS, (str(scan.candidates or LEAST_EF),), prepare=True)
        await cursor.execute(text, values, prepare=True)
        return await cursor.fetchall()


def shape_of(scope: Scope, query: Query, exact: bool, expanded: bool) -> Shape:
    """What of a search its statement is made for."""
    return Shape(
        generation=scope.generation.id,
        dimensions=scope.generation.dimensions,
        in_town=scope.municipality is not None,
        exact=exact,
        filters=scope.filters.names(),
        synonyms=expanded,
        fusion=query.parameters.fusion,
        method=query.method,
        depth=query.depth,
        limit=query.limit,
        neighbours=query.neighbours > 0,
        within_section=query.within_section,
    )


def parameters_of(query: Query) -> dict[str, Any]:
    """The values of a search that are the same in every scope."""
    weights = query.parameters
    return {
        "query": query.text if query.method != "vector" else "",
        "vector": query.vector if query.method != "bm25" else None,
        "k1": weights.k1,
        "b": weights.b,
        "vector_weight": weights.vector_weight if weights.fusion == "weighted" else 0.5,
        "rrf_k": weights.rrf_k,
        "neighbours": query.neighbours,
    }


def expansion(found: Sequence[Synonym], weight: float) -> dict[str, Any]:
    """The words that join those of the query, each with its concept and how much of a word it counts."""
    return {
        "synonyms": [each.word for each in found],
        "concepts": [each.concept for each in found],
        "weights": [1.0 if each.asked else weight for each in found],
    }
