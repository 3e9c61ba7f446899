"""What is searched, and how its vectors are: by one look at each, or by the graph, whichever its size asks for."""

from dataclasses import dataclass, fields, replace
from datetime import date
from math import ceil
from typing import Any

import psycopg

from plotlot.domain.mentions import mention_pattern
from plotlot.domain.municipalities import municipality_key
from plotlot.retrieval.statement import counting
from plotlot.store.generations import Generation
from plotlot.store.municipalities import CODE_OF, municipality_id

VECTORS_PER_CANDIDATE = 50
"""Of the graph's list, one candidate takes as long as so many vectors that lie together, compared one by one."""
LEAST_EF, MOST_EF = 100, 1_000
"""Of HNSW's list of candidates; pgvector takes no more."""
CANDIDATES_PER_RESULT = 0.5
"""How many candidates of the scope the graph's first list holds for each result; iterative scans find the rest."""

_SIZES = """
SELECT coalesce(sum(chunks) FILTER (WHERE %(town)s::bigint IS NULL OR municipality_id = %(town)s), 0)::bigint,
       coalesce(sum(chunks), 0)::bigint
FROM scope_sizes WHERE generation = %(generation)s
"""
_LIVE = f"""
SELECT live.id, embedding_model, dimensions, town.id,
       coalesce(sum(chunks) FILTER (WHERE scope_sizes.municipality_id = town.id), 0)::bigint,
       coalesce(sum(chunks), 0)::bigint
FROM generations AS live LEFT JOIN municipalities AS town ON town.id = {CODE_OF}
     LEFT JOIN scope_sizes ON scope_sizes.generation = live.id
WHERE status = 'live' GROUP BY live.id, town.id
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Of the chunks of a scope, those of documents in force by a day, or since one, that name a district.

    A document that does not say when it took effect is in force, but not known to be since any day.
    """

    effective_by: date | None = None
    effective_since: date | None = None
    district: str = ""

    def names(self) -> tuple[str, ...]:
        """Of the filters those that are set."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name))


@dataclass(frozen=True, slots=True)
class Scope:
    """What is searched: a generation of the index, in one municipality or in all.

    ``chunks`` are in it, of the generation's ``of``; None where that was not looked up.
    """

    generation: Generation
    municipality: int | None
    chunks: int | None = None
    of: int | None = None
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Scan:
    """How vectors are searched; ``candidates`` is the length of the graph's list, None for all vectors."""

    candidates: int | None


async def live_scope(
    connection: psycopg.AsyncConnection, municipality: str, filters: Filters | None = None
) -> Scope | None:
    """The scope of a municipality, or of all, in the live generation, by one look; None before the first ingestion.

    Raises UnknownMunicipality with names that are near.
    """
    cursor = await connection.execute(_LIVE.encode(), {"key": municipality_key(municipality)}, prepare=True)
    row = await cursor.fetchone()
    town = row[3] if row is not None else None
    if municipality and town is None:
        town = await municipality_id(connection, municipality)
    if row is None:
        return None
    scope = Scope(Generation(*row[:3]), town, row[4 if municipality else 5], row[5], filters or Filters())
    return await filtered(connection, scope)


async def scope_of(
    connection: psycopg.AsyncConnection,
    generation: Generation,
    municipality: int | None,
    filters: Filters | None = None,
) -> Scope:
    """The scope of a generation with its size."""
    values: dict[str, Any] = {"town": municipality, "generation": generation.id}
    cursor = await connection.execute(_SIZES, values)
    row = await cursor.fetchone()
    assert row is not None, "an aggregate has a row"
    return await filtered(connection, Scope(generation, municipality, row[0], row[1], filters or Filters()))


async def filtered(connection: psycopg.AsyncConnection, scope: Scope) -> Scope:
    """The scope with the size that its filters leave, which is counted where it decides how vectors are searched."""
    if scope.filters == Filters() or (scope.chunks or 0) <= VECTORS_PER_CANDIDATE * LEAST_EF:
        return scope
    text = counting(scope.generation.id, scope.municipality is not None, scope.filters.names())
    cursor = await connection.execute(text, filtering(scope))
    row = await cursor.fetchone()
    assert row is not None, "an aggregate has a row"
    return replace(scope, chunks=row[0])


def scan_of(scope: Scope, results: int) -> Scan:
    """Every vector where that takes no longer than the graph, whose list is as long as the scope's share asks for.

    The graph knows no scopes: of the candidates that it finds, a share as large as the scope's is in it.
    """
    if scope.chunks is None or not scope.of:
        return Scan(None if scope.municipality is not None else LEAST_EF)
    wanted = CANDIDATES_PER_RESULT * results * scope.of / max(scope.chunks, 1)
    candidates = ceil(min(max(wanted, LEAST_EF), MOST_EF))
    return Scan(None if scope.chunks <= VECTORS_PER_CANDIDATE * candidates else candidates)


def filtering(scope: Scope) -> dict[str, Any]:
    """The values by which a scope is told from the rest."""
    filters = scope.filters
    return {
        "town": scope.municipality,
        "effective_by": filters.effective_by,
        "effective_since": filters.effective_since,
        "district": mention_pattern(filters.district),
    }
