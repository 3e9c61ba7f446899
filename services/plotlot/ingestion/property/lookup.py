"""Parcels looked up once for all who ask the same, kept for weeks, and served as they were while a source is away."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plotlot.domain.errors import (
    AmbiguousAddress,
    InvalidRequest,
    SourceUnavailable,
    StoreUnavailable,
    UnknownAddress,
    UnknownParcel,
)
from plotlot.domain.municipalities import municipality_key
from plotlot.domain.parcels import Parcel
from plotlot.domain.texts import LONGEST_ADDRESS, LONGEST_NAME
from plotlot.ingestion.property.configuration import PropertySources
from plotlot.ingestion.property.finding import Finder, Sought
from plotlot.ingestion.property.keeping import FoundParcels, Kept
from plotlot.ingestion.property.layers import Asking, Asks
from plotlot.rpc.context import current_tenant, is_shadow
from plotlot.rpc.flights import Flights
from plotlot.telemetry import Metrics

log = logging.getLogger(__name__)

MISSING_FRESH = timedelta(hours=1)  # that no source has it is believed for so long
PATIENCE_SECONDS = 3.0  # that a fresh answer is waited for where an older one is there


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long a parcel needs no look, and how long it is kept at all."""

    fresh: timedelta = timedelta(days=30)
    keeps: timedelta = timedelta(days=365)


class PropertyLookup:
    """Finds parcels at the sources of the configuration; without one, nothing."""

    def __init__(
        self,
        sources: PropertySources,
        client: Asks,
        kept: FoundParcels,
        freshness: Freshness,
        metrics: Metrics,
        now: Callable[[], datetime],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._digest = sources.digest
        self._finder, self._client, self._kept = Finder(sources), client, kept
        self._freshness, self._results, self._now = freshness, metrics.property_lookups, now
        self._patience_seconds = patience_seconds
        self._looking: Flights[Parcel] = Flights()

    async def find(self, address: str, municipality: str, parcel_id: str = "") -> Parcel:
        """The one parcel at an address, or with an id in a municipality.

        Raises UnknownAddress, UnknownParcel, AmbiguousAddress or SourceUnavailable.
        """
        sought = checked(Sought(address, municipality, parcel_id))
        asked = sought.key
        kept = await self._kept.load(asked)
        if kept is None and parcel_id:
            kept = await self._kept.load_parcel(parcel_id, municipality)
        if kept is not None and self._is_fresh(kept):
            self._results.labels("kept").inc()
            return _outcome(kept)
        key = (current_tenant(), asked, is_shadow())
        if key in self._looking:
            self._results.labels("shared").inc()
        looking = self._looking.start(key, lambda: self._looked_up(asked, sought))
        if kept is None or not isinstance(kept.outcome, Parcel):
            return await asyncio.shield(looking)
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await asyncio.shield(looking)
        except (SourceUnavailable, TimeoutError) as error:
            self._results.labels("stale").inc()
            why = error.message if isinstance(error, SourceUnavailable) else "the sources are slow to answer"
            return _stale(kept.outcome, kept.retrieved_at, why)

    async def close(self, grace_seconds: float) -> None:
        """Let the lookups under way end, for a time, then give them up."""
        await self._looking.close(grace_seconds)

    def _is_fresh(self, kept: Kept) -> bool:
        lasts = self._freshness.fresh if isinstance(kept.outcome, Parcel) else MISSING_FRESH
        return kept.sources == self._digest and self._now() - kept.retrieved_at < lasts

    async def _looked_up(self, asked: str, sought: Sought) -> Parcel:
        asking = Asking(self._client, current_tenant(), keep=not is_shadow())
        outcome: Parcel | UnknownAddress
        result = "failed"
        try:
            outcome, result = await self._finder.find(asking, sought), "found"
        except UnknownAddress as error:
            outcome, result = error, "missing"
        except UnknownParcel:
            result = "missing"
            raise
        except AmbiguousAddress:
            result = "ambiguous"
            raise
        finally:
            self._results.labels(result).inc()
        kept = Kept(outcome, self._digest, self._now())
        if not is_shadow():
            try:
                await self._kept.save(asked, kept, self._freshness.keeps)
            except StoreUnavailable as error:
                log.warning("a parcel that was looked up could not be kept: %s", error.message)
        return _outcome(kept)


def checked(sought: Sought) -> Sought:
    """What is sought, where it can be. Raises InvalidRequest naming the field at fault."""
    if not sought.parcel_id and not (sought.address.strip() and len(sought.address) <= LONGEST_ADDRESS):
        raise InvalidRequest(f"an address has 1 to {LONGEST_ADDRESS} characters", field="address")
    for field in ("parcel_id", "municipality"):
        if len(getattr(sought, field)) > LONGEST_NAME:
            raise InvalidRequest(f"{field} has at most {LONGEST_NAME} characters", field=field)
    if sought.parcel_id and not municipality_key(sought.municipality):
        raise InvalidRequest("name the municipality of the parcel too", field="municipality")
    return sought


def _outcome(kept: Kept) -> Parcel:
    if isinstance(kept.outcome, Parcel):
        return kept.outcome
    raise kept.outcome


def _stale(parcel: Parcel, retrieved_at: datetime, why: str) -> Parcel:
    warning = f"the parcel's facts are those of {retrieved_at.date().isoformat()}, for they could not be looked up anew: {why}"
    return replace(parcel, warnings=(*parcel.warnings, warning))
