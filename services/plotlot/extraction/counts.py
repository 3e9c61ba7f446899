"""How much was read of codes so far, by one look at the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from plotlot.extraction.code import code_digest
from plotlot.extraction.store import COUNTS

# The municipalities whose codes answer, as plotlot.store.municipalities.CODE_OF finds one, with their documents.
# Keys are made before they are compared: by the value of a function no index is used below a policy.
_CODES = """
WITH keys AS MATERIALIZED (SELECT key, own_key(key) AS own FROM unnest(%(keys)s::text[]) AS keys (key))
SELECT keys.key, town.id, current.id, current.text_sha256
FROM keys CROSS JOIN LATERAL (
    SELECT municipalities.id FROM municipalities
    WHERE municipalities.key IN (keys.key, keys.own) AND EXISTS (
        SELECT FROM documents WHERE municipality_id = municipalities.id AND superseded_at IS NULL
    )
    ORDER BY id LIMIT 1
) AS town JOIN documents AS current ON municipality_id = town.id AND superseded_at IS NULL
ORDER BY town.id, current.name, current.id
"""
_COUNT = f"""
SELECT municipality_id, coalesce(counts, {COUNTS}), readings.dropped, created_at
FROM unnest(%(towns)s::bigint[], %(digests)s::text[]) AS code (town, digest)
     JOIN readings ON (municipality_id, code_digest, engine) = (town, digest, %(engine)s)
"""
_COUNT_ONE = (
    f"SELECT municipality_id, coalesce(counts, {COUNTS}), dropped, created_at FROM readings WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class StandardCounts:
    """What an engine read of a state of a municipality's code: standards by status, those with a quote, and for each field
    how many districts have it."""

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
    by_field: Mapping[str, int]


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
    cursor = await connection.execute(_COUNT.encode(), values)
    found = {row[0]: counts_of(row) for row in await cursor.fetchall()}
    return {key: found[town] for key, town in codes if town in found}


async def count_reading(connection: psycopg.AsyncConnection, reading: int) -> StandardCounts:
    """The counts of one reading. Raises LookupError."""
    cursor = await connection.execute(_COUNT_ONE.encode(), (reading,))
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(reading)
    return counts_of(row)


def counts_of(row: Sequence[Any]) -> StandardCounts:
    """The counts of a row: town, what the reading comes to, what was dropped of all of it, and when it was read."""
    town, counts, dropped, read_at = row
    return StandardCounts(town=town, read_at=read_at, **{**counts, "dropped": counts["dropped"] + dropped})


async def _rows(connection: psycopg.AsyncConnection, keys: Sequence[str]) -> list[tuple[str, int, str, str]]:
    cursor = await connection.execute(_CODES.encode(), {"keys": list(keys)})
    return await cursor.fetchall()
