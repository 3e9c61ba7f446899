"""Parcels in the store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from plotlot.domain.addresses import address_key
from plotlot.domain.parcels import Parcel

_UPSERT = """
INSERT INTO parcels AS stored
    (municipality_id, id, address, address_key, district, geometry, frontage, properties, source, imported_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, now())
ON CONFLICT (municipality_id, id) DO UPDATE SET
    address = excluded.address, address_key = excluded.address_key, district = excluded.district,
    geometry = excluded.geometry, frontage = excluded.frontage, properties = excluded.properties,
    source = excluded.source, imported_at = excluded.imported_at
WHERE (stored.address, stored.district, stored.geometry, stored.frontage, stored.properties)
    IS DISTINCT FROM
    (excluded.address, excluded.district, excluded.geometry, excluded.frontage, excluded.properties)
RETURNING (xmax = 0) AS added
"""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import changed."""

    added: int
    replaced: int
    unchanged: int


async def save_parcels(
    connection: psycopg.AsyncConnection, municipality: int, parcels: Sequence[Parcel], source: str = ""
) -> ImportCounts:
    """Insert what is new and replace what differs, all in the caller's transaction; ``source`` is the file's name."""
    added = replaced = 0
    async with connection.cursor() as cursor:
        await cursor.executemany(
            _UPSERT, [(*parcel_row(municipality, parcel), source) for parcel in parcels], returning=True
        )
        while True:
            row = await cursor.fetchone()
            if row is not None:
                added += bool(row[0])
                replaced += not row[0]
            if not cursor.nextset():
                break
    return ImportCounts(added, replaced, len(parcels) - added - replaced)


def parcel_row(municipality: int, parcel: Parcel) -> tuple[object, ...]:
    """A parcel in the order of its columns."""
    return (
        municipality,
        parcel.id,
        parcel.address,
        address_key(parcel.address),
        parcel.district,
        json.dumps(parcel.geometry) if parcel.geometry else None,
        json.dumps(parcel.frontage) if parcel.frontage else None,
        json.dumps(dict(parcel.properties)),
    )
