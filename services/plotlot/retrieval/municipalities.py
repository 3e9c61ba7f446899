"""Lists what is stored of each municipality."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

# A key that is made by a function is looked for in no index below a policy, as it might tell what the policy hides: so
# own_key() stands where its value is carried on, and not where it is compared.
# Those with a code: of one that the tenant has too, its own. In the order of their characters, as cursors compare.
_TOWNS = """
SELECT municipalities.id, name, town, own_key(town) AS own, documents, effective_date, retrieved_at, warnings
FROM municipalities JOIN (
    SELECT municipality_id, count(*) AS documents, max(documents.effective_date) AS effective_date,
           max(documents.retrieved_at) AS retrieved_at, sum(cardinality(documents.warnings)) AS warnings
    FROM documents WHERE superseded_at IS NULL GROUP BY municipality_id
) AS code ON code.municipality_id = municipalities.id
CROSS JOIN split_part(municipalities.key, E'\\n', 1) AS town
WHERE (municipalities.id < 0 OR NOT EXISTS (
    SELECT FROM municipalities AS own JOIN documents AS mine ON mine.municipality_id = own.id
    WHERE own.id < 0 AND own.key = own_key(town) AND mine.superseded_at IS NULL
))
  AND name COLLATE "C" > %(after)s AND (%(key)s = '' OR town = %(key)s)
ORDER BY name COLLATE "C" LIMIT %(limit)s
"""
_NAMES = f"SELECT name FROM ({_TOWNS}) AS towns"
# A town's refreshes name it as its publisher does, its shelf as whoever brought its code in first: both are names as they
# are shown, which differ in their capitals alone.
# Sections are numbered through each document from its root, which is none of them.
_COUNTED = f"""
SELECT name, documents, effective_date, towns.retrieved_at, towns.warnings, to_jsonb(covered) AS refreshed,
       (SELECT coalesce(sum(last), 0)::bigint FROM documents, LATERAL (
            SELECT ordinal AS last FROM sections WHERE document_id = documents.id ORDER BY ordinal DESC LIMIT 1
        ) AS numbered WHERE municipality_id = towns.id AND superseded_at IS NULL) AS sections,
       coalesce(indexed.chunks, 0) AS chunks,
       (SELECT count(*) FROM parcels WHERE municipality_id IN (
            SELECT shelf.id FROM municipalities AS shelf WHERE shelf.key IN (town, own)
       )) AS parcels,
       CASE WHEN indexed.chunks > 0 THEN greatest(indexed.created_at, towns.retrieved_at) END AS indexed_at
FROM ({_TOWNS}) AS towns LEFT JOIN (
    SELECT municipality_id, chunks, created_at FROM scope_sizes JOIN generations ON generations.id = generation
    WHERE status = 'live'
) AS indexed ON indexed.municipality_id = towns.id
LEFT JOIN (
    SELECT DISTINCT ON (lower(municipality)) * FROM covered_towns ORDER BY lower(municipality), refreshed_at DESC
) AS covered ON towns.id > 0 AND lower(covered.municipality) = lower(name)
ORDER BY name COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class MunicipalityCounts:
    """A municipality with what is stored of it.

    ``indexed_at`` is when what is searched of it was indexed at the latest; None where that is nothing. ``refreshed`` is
    the row of its refreshes, None where its code was brought in otherwise; ``warnings`` are of parsers.
    """

    name: str
    documents: int
    sections: int
    chunks: int
    parcels: int
    effective_date: date | None
    retrieved_at: datetime
    indexed_at: datetime | None
    warnings: int
    refreshed: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Of the municipalities with an ingested code, those after a name, at most ``limit`` where it is not 0; or the
    one of a key."""

    after: str = ""
    limit: int = 0
    key: str = ""

    def values(self) -> dict[str, str | int | None]:
        """The parameters of the statements."""
        return {"after": self.after, "limit": self.limit or None, "key": self.key}


async def list_municipalities(
    connection: psycopg.AsyncConnection, listed: Listed
) -> list[MunicipalityCounts]:
    """Municipalities by name, with what is stored of each."""
    async with connection.cursor(row_factory=class_row(MunicipalityCounts)) as cursor:
        await cursor.execute(_COUNTED.encode(), listed.values())
        return await cursor.fetchall()


async def list_names(connection: psycopg.AsyncConnection, listed: Listed) -> list[str]:
    """Municipalities by name alone, which counts nothing."""
    cursor = await connection.execute(_NAMES.encode(), listed.values())
    return [name for (name,) in await cursor.fetchall()]
