"""The zoning district of a lot: the one that covers it, and none where two share it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import make_valid

from plotlot.domain.errors import SourceUnavailable
from plotlot.domain.parcels import FactSource
from plotlot.ingestion.property.configuration import Region, ZoningLayer
from plotlot.ingestion.property.esri import Feature
from plotlot.ingestion.property.layers import Asking, features_around

WHOLE = (
    0.95  # of the lot, that one district has to cover: layers of parcels and of zoning never meet to the foot
)
SLIVER = 0.02


@dataclass(frozen=True, slots=True)
class Zoned:
    """A district, empty where it is not known, with what else its layer says, and what a reader should know."""

    district: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    source: FactSource | None = None
    warnings: tuple[str, ...] = ()


async def zoned(asking: Asking, region: Region, lot: dict[str, Any] | None) -> Zoned:
    """The district of a lot, by the first layer that has one there.

    A layer that does not answer ends the search: the next one may say what holds only where the first says nothing.
    """
    if lot is None or not region.zoning:
        return Zoned()
    outline = shape(lot)
    for layer in region.zoning:
        try:
            found = await features_around(asking, layer, outline.bounds)
        except SourceUnavailable as error:
            return Zoned(warnings=(f"the zoning district could not be looked up: {error.message}",))
        shares = await asyncio.to_thread(shares_of, found.features, layer, outline)
        if sum(shares.values()) > SLIVER:
            return _decided(shares, found.features, layer, found.retrieved_at)
    return Zoned()


def shares_of(features: Sequence[Feature], layer: ZoningLayer, outline: BaseGeometry) -> dict[str, float]:
    """How much of a lot each district covers, 0 to 1; what says to ask the next layer is left out."""
    passes = {each.lower() for each in layer.passes}
    shares: dict[str, float] = {}
    for feature in features:
        district = feature.attributes[layer.district]
        if not district or district.lower() in passes or feature.geometry is None:
            continue
        covers = make_valid(shape(feature.geometry)).intersection(outline).area / outline.area
        shares[district] = min(shares.get(district, 0.0) + covers, 1.0)
    return shares


def _decided(
    shares: Mapping[str, float], features: Sequence[Feature], layer: ZoningLayer, retrieved_at: str
) -> Zoned:
    ranked = sorted(shares.items(), key=lambda each: (-each[1], each[0]))
    (district, most), others = ranked[0], sum(share for _, share in ranked[1:])
    if most < WHOLE * (most + others) or most < 0.5:
        listed = ", ".join(f"{name} ({share:.0%})" for name, share in ranked if share > SLIVER)
        told = f"the lot lies in more than one zoning district, or only partly in one: {listed}"
        return Zoned(
            source=FactSource(layer.name, (), retrieved_at, layer.url),
            warnings=(f"{told}; ask the planning department which applies",),
        )
    feature = next(each for each in features if each.attributes[layer.district] == district)
    said = {name: feature.attributes[field] for name, field in layer.shown.items()}
    properties = {name: value for name, value in said.items() if value}
    source = FactSource(layer.name, ("district", *properties), retrieved_at, layer.url)
    return Zoned(district, properties, source)
