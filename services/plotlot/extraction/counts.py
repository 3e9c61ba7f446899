"""How much was read of codes so far, by one look at the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from plotlot.extraction.code import code_digest

# The municipalities whose codes answer, as plotlot.store.municipalities.CODE_OF finds one, with their documents.
_CODES = """
SELECT keys.key, town.id, current.id, current.text_sha256
FROM unnest(%(keys)s::text[]) AS keys (key) CROSS JOIN LATERAL (
    SELECT municipalities.id FROM municipalities
    WHERE municipalities.key IN (keys.key, own_key(keys.key)) AND EXISTS (
        SELECT FROM documents WHERE municipality_id = municipalities.id AND superseded_at IS NULL
    )
    ORDER BY id LIMIT 1
) AS town JOIN documents AS current ON municipality_id = town.id AND superseded_at IS NULL
ORDER BY town.id, current.name, current.id
"""
_COUNT = """
WITH asked AS (
    SELECT readings.id, town, readings.dropped, created_at
    FROM unnest(%(towns)s::bigint[], %(digests)s::text[]) AS code (town, digest)
         JOIN readings ON (municipality_id, code_digest, engine) = (town, digest, %(engine)s)
)
SELECT town, defined.districts, districts_read, stated, not_stated, conflicting, delegated, verified,
       asked.dropped + defined.dropped AS dropped, created_at AS read_at
FROM asked JOIN LATERAL (
    SELECT count(*) AS districts, count(read_at) AS districts_read, coalesce(sum(dropped), 0) AS dropped
    FROM districts WHERE reading_id = asked.id
) AS defined ON true JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'stated') AS stated,
           count(*) FILTER (WHERE status = 'not_stated') AS not_stated,
           count(*) FILTER (WHERE status = 'conflicting') AS conflicting,
           count(*) FILTER (WHERE status = 'delegated') AS delegated,
           count(document_id) AS verified
    FROM standards WHERE reading_id = asked.id
) AS found ON true
"""


@dataclass(frozen=True, slots=True)
class StandardCounts:
    """What an engine read of a municipality's code as it is now; standards by status, and those with a quote."""

    town: int
    districts: int
    districts_read: int
    stated: int
    not_stated: int
    conflicting: int
    delegated: int
    verified: int
    dropped: int
    read_at: datetime


async def count_standards(
    connection: psycopg.AsyncConnection, keys: Sequence[str], engine: str
) -> Mapping[str, StandardCounts]:
    """The counts of the codes that were read, by the key of their municipality."""
    codes: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for key, town, document, digest in await _rows(connection, keys):
        codes.setdefault((key, town), []).append((document, digest))
    values = {
        "towns": [town for _, town in codes],
        "digests": [code_digest(current) for current in codes.values()],
        "engine": engine,
    }
    async with connection.cursor(row_factory=class_row(StandardCounts)) as cursor:
        await cursor.execute(_COUNT.encode(), values)
        found = {counts.town: counts for counts in await cursor.fetchall()}
    return {key: found[town] for key, town in codes if town in found}


async def _rows(connection: psycopg.AsyncConnection, keys: Sequence[str]) -> list[tuple[str, int, str, str]]:
    cursor = await connection.execute(_CODES.encode(), {"keys": list(keys)})
    return await cursor.fetchall()
