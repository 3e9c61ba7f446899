"""Parcels that were looked up, kept with who said what and when; also that no source had one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from plotlot.domain.errors import UnknownAddress
from plotlot.domain.municipalities import municipality_key
from plotlot.domain.parcels import FactSource, Parcel
from plotlot.store.pool import Database

_LOAD = "SELECT parcel, problem, sources, retrieved_at FROM found_parcels WHERE tenant = plotlot_tenant() AND asked = %s"
_OF_PARCEL = """
SELECT parcel, problem, sources, retrieved_at FROM found_parcels
WHERE tenant = plotlot_tenant() AND parcel ->> 'id' = %s ORDER BY retrieved_at DESC
"""
_SAVE = """
INSERT INTO found_parcels (asked, sources, parcel, problem, retrieved_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant, asked) DO UPDATE SET
    sources = excluded.sources, parcel = excluded.parcel, problem = excluded.problem,
    retrieved_at = excluded.retrieved_at
WHERE excluded.retrieved_at >= found_parcels.retrieved_at
"""
_REMOVE = "DELETE FROM found_parcels WHERE retrieved_at < %s"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a lookup came to: a parcel, or the refusal that says that there is none."""

    outcome: Parcel | UnknownAddress
    sources: str
    retrieved_at: datetime


class FoundParcels:
    """The kept lookups of the tenant who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, asked: str) -> Kept | None:
        """What is kept of an address."""
        async with self._database.connection(reads=True) as connection:
            cursor = await connection.execute(_LOAD, (asked,))
            row = await cursor.fetchone()
        return None if row is None else _kept(*row)

    async def load_parcel(self, parcel_id: str, municipality: str) -> Kept | None:
        """What is kept of a parcel, whichever address it was found by."""
        async with self._database.connection(reads=True) as connection:
            cursor = await connection.execute(_OF_PARCEL, (parcel_id,))
            rows = [_kept(*row) for row in await cursor.fetchall()]
        wanted = municipality_key(municipality)
        return next((kept for kept in rows if _is_in(kept.outcome, wanted)), None)

    async def save(self, asked: str, kept: Kept, keeps: timedelta) -> None:
        """Keep it, and remove what was kept for too long."""
        found = isinstance(kept.outcome, Parcel)
        written = json.dumps(
            asdict(kept.outcome) if isinstance(kept.outcome, Parcel) else _told(kept.outcome)
        )
        async with self._database.connection() as connection:
            await connection.execute(_REMOVE, (kept.retrieved_at - keeps,))
            values = (written, None) if found else (None, written)
            await connection.execute(_SAVE, (asked, kept.sources, *values, kept.retrieved_at))


def _kept(parcel: Any, problem: Any, sources: str, retrieved_at: datetime) -> Kept:
    return Kept(_parcel(parcel) if parcel else _refusal(problem), sources, retrieved_at)


def _is_in(outcome: Parcel | UnknownAddress, key: str) -> bool:
    return isinstance(outcome, Parcel) and municipality_key(outcome.municipality) == key


def _parcel(stored: Mapping[str, Any]) -> Parcel:
    sources = tuple(FactSource(**{**each, "facts": tuple(each["facts"])}) for each in stored["sources"])
    return Parcel(**{**stored, "sources": sources, "warnings": tuple(stored["warnings"])})


def _told(refusal: UnknownAddress) -> dict[str, Any]:
    return {"message": refusal.message, "field": refusal.field, "suggestions": list(refusal.suggestions)}


def _refusal(stored: Mapping[str, Any]) -> UnknownAddress:
    return UnknownAddress(stored["message"], field=stored["field"], suggestions=stored["suggestions"])
