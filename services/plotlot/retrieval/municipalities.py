"""Lists what is stored of each municipality."""

from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.rows import class_row

_LIST = """
SELECT name,
       (SELECT count(*) FROM sections JOIN documents ON documents.id = document_id
        WHERE municipality_id = municipalities.id AND superseded_at IS NULL AND parent IS NOT NULL)
       AS sections,
       (SELECT count(*) FROM chunks JOIN generations ON generations.id = generation
        WHERE municipality_id = municipalities.id AND status = 'live') AS chunks,
       (SELECT count(*) FROM parcels WHERE municipality_id IN (
            SELECT shelf.id FROM municipalities AS shelf WHERE shelf.key IN (town, own_key(town))
       )) AS parcels,
       documents, effective_date, retrieved_at
FROM municipalities JOIN (
    SELECT municipality_id, count(*) AS documents, max(documents.effective_date) AS effective_date,
           max(documents.retrieved_at) AS retrieved_at
    FROM documents WHERE superseded_at IS NULL GROUP BY municipality_id
) AS code ON code.municipality_id = municipalities.id
CROSS JOIN split_part(municipalities.key, E'\\n', 1) AS town
-- Of a code that the tenant has too, its own.
WHERE municipalities.id < 0 OR NOT EXISTS (
    SELECT FROM municipalities AS own JOIN documents AS mine ON mine.municipality_id = own.id
    WHERE own.id < 0 AND own.key = own_key(town) AND mine.superseded_at IS NULL
)
ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class MunicipalityCounts:
    """A municipality with what is stored of it."""

    name: str
    documents: int
    sections: int
    chunks: int
    parcels: int
    effective_date: date | None
    retrieved_at: datetime


async def list_municipalities(connection: psycopg.AsyncConnection) -> list[MunicipalityCounts]:
    """Every municipality with an ingested code, by name."""
    async with connection.cursor(row_factory=class_row(MunicipalityCounts)) as cursor:
        await cursor.execute(_LIST)
        return await cursor.fetchall()
