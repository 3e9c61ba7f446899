"""Finds parcels by address or id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from rapidfuzz import process

from plotlot.domain.addresses import match_address, parse_address, rank_suggestions, with_town
from plotlot.domain.errors import AmbiguousAddress, UnknownAddress, UnknownParcel
from plotlot.domain.municipalities import municipality_key
from plotlot.domain.parcels import IMPORTED, FactSource, Parcel

SUGGESTIONS = 5
LAST_CHARACTER = "\U0010ffff"
MOST_COMPARED = 60  # the parcels nearest by trigrams, which near-miss suggestions are drawn from

_SELECT = """
SELECT parcels.id, municipalities.name AS municipality, address, district, geometry, frontage, properties,
       source, imported_at
FROM parcels JOIN municipalities ON municipalities.id = municipality_id
WHERE (%(towns)s::bigint[] IS NULL OR municipality_id = ANY(%(towns)s))
"""
# Not LIKE: policies are asked before it, and no index would be.
_BY_ADDRESS = _SELECT + (
    " AND address_key ~>=~ %(prefix)s AND address_key ~<~ %(past)s"
    " ORDER BY municipality_id > 0, address_key, municipality_id, parcels.id"
)
_BY_ID = _SELECT + " AND parcels.id = %(id)s ORDER BY municipality_id"
_NEAR = """
SELECT address, municipalities.name
FROM parcels JOIN municipalities ON municipalities.id = municipality_id
WHERE (%(towns)s::bigint[] IS NULL OR municipality_id = ANY(%(towns)s))
ORDER BY address_key <-> %(line)s LIMIT %(most)s
"""
_NEAR_IDS = """
SELECT DISTINCT parcels.id, parcels.id <-> %(id)s AS distance FROM parcels
WHERE (%(towns)s::bigint[] IS NULL OR municipality_id = ANY(%(towns)s))
ORDER BY distance, parcels.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class StoredParcel:
    """A parcel as it was imported, from which file and when; geometry and frontage are GeoJSON or None."""

    id: str
    municipality: str
    address: str
    district: str
    geometry: dict[str, Any] | None
    frontage: dict[str, Any] | None
    properties: dict[str, Any]
    source: str = ""
    imported_at: datetime | None = None

    @property
    def as_parcel(self) -> Parcel:
        """The parcel as its source states it: a file that says all that is known of it."""
        named = {"id": self.id, "address": self.address, "district": self.district, "geometry": self.geometry}
        facts = (*(name for name, value in named.items() if value), *self.properties)
        at = self.imported_at.isoformat(timespec="seconds") if self.imported_at else ""
        return Parcel(
            id=self.id,
            municipality=self.municipality,
            address=self.address,
            district=self.district,
            geometry=self.geometry,
            frontage=self.frontage,
            properties={name: str(value) for name, value in self.properties.items()},
            sources=(FactSource(IMPORTED, facts, at, self.source),),
        )

    @property
    def full_address(self) -> str:
        """The address with its municipality."""
        return with_town(self.address, self.municipality)


async def parcel_at(
    connection: psycopg.AsyncConnection, address: str, towns: Sequence[int] | None
) -> StoredParcel:
    """The one parcel at an address, in some towns or all. Raises AmbiguousAddress or UnknownAddress with what is near."""
    wanted = parse_address(address)
    number = wanted.number.partition(" ")[0]
    start = f"{number} " if number and wanted.street else number or wanted.street
    values = {"towns": towns, "prefix": start, "past": f"{start}{LAST_CHARACTER}"}
    parcels = await fetch(connection, _BY_ADDRESS, values) if start else []
    match = match_address(address, [parcel.full_address for parcel in parcels])
    if match.exact is not None:
        return parcels[match.exact]
    if match.ambiguous:
        found = [f"{parcels[index].full_address} (parcel {parcels[index].id})" for index in match.ambiguous]
        raise AmbiguousAddress(
            f"{len(found)} parcels match {address!r}; name the municipality, the unit or the parcel's id",
            field="address",
            suggestions=found[:SUGGESTIONS],
        )
    near = await connection.execute(_NEAR, {"towns": towns, "line": wanted.line, "most": MOST_COMPARED})
    raise unknown_address(address, [with_town(*row) for row in await near.fetchall()])


async def parcel_with_id(
    connection: psycopg.AsyncConnection, parcel: str, towns: Sequence[int] | None
) -> StoredParcel:
    """The one parcel with an id, in some towns or all. Raises AmbiguousAddress or UnknownParcel with what is near."""
    values: dict[str, Any] = {"towns": towns, "id": parcel.strip()}
    found = await fetch(connection, _BY_ID, values)
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousAddress(
            f"{len(found)} municipalities have a parcel {parcel!r}; name the municipality",
            field="municipality",
            suggestions=[each.municipality for each in found[:SUGGESTIONS]],
        )
    near_ids = await connection.execute(_NEAR_IDS, {**values, "most": MOST_COMPARED})
    ids = [row[0] for row in await near_ids.fetchall()]
    near = [match[0] for match in process.extract(parcel, ids, limit=SUGGESTIONS, score_cutoff=60)]
    raise UnknownParcel(f"no parcel has the id {parcel!r}", field="parcel_id", suggestions=near)


async def fetch(
    connection: psycopg.AsyncConnection, query: str, values: dict[str, Any]
) -> list[StoredParcel]:
    """The parcels that a query selects; of one that the tenant has too, the tenant's own."""
    async with connection.cursor(row_factory=class_row(StoredParcel)) as cursor:
        await cursor.execute(query.encode(), values)
        return each_once(await cursor.fetchall())


def each_once(parcels: Iterable[StoredParcel]) -> list[StoredParcel]:
    """Parcels without those that an earlier one stands for: a tenant's own come first, however its town is cased."""
    found: dict[tuple[str, str], StoredParcel] = {}
    for parcel in parcels:
        found.setdefault((municipality_key(parcel.municipality), parcel.id), parcel)
    return list(found.values())


def unknown_address(address: str, candidates: list[str]) -> UnknownAddress:
    """The error for an address that is not here, with those that are near."""
    if not candidates:
        return UnknownAddress(
            f"no parcel is at {address!r}, for none is here; import them first: "
            "plotlot parcels import FILE --municipality NAME",
            field="address",
        )
    near = rank_suggestions(address, candidates, SUGGESTIONS)
    hint = f"did you mean {near[0]!r}?" if near else "check the house number, the street and the municipality"
    return UnknownAddress(f"no parcel is at {address!r}; {hint}", field="address", suggestions=near)
