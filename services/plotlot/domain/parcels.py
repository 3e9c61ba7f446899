"""Parcels as their source gives them: geometry in longitude and latitude, words as written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GeoJson = Mapping[str, Any]
IMPORTED = "imported parcels"  # the provider of what an operator imported


@dataclass(frozen=True, slots=True)
class FactSource:
    """Who says some facts of a parcel, and when they said it.

    ``facts`` are id, address, coordinates, municipality, district, geometry, or names of properties. ``url`` is where, without
    what was asked; of imported parcels, the file's name. ``retrieved_at`` is ISO 8601, empty where it is not known.
    """

    provider: str
    facts: tuple[str, ...]
    retrieved_at: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A lot with the facts its source states.

    ``geometry`` is a GeoJSON Polygon or MultiPolygon in WGS 84, or None where the source gives
    only measures. ``frontage`` is GeoJSON of the lines of the streets the lot fronts; a feature's
    ``name`` tells which street it is. ``properties`` holds facts by the names below. ``sources`` say who stated what,
    ``warnings`` what a reader should know of how it was found.
    """

    id: str
    municipality: str
    address: str = ""
    district: str = ""
    geometry: GeoJson | None = None
    frontage: GeoJson | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[FactSource, ...] = ()
    warnings: tuple[str, ...] = ()


FACTS: Mapping[str, str] = {
    "sewer": "public or none",
    "water": "public or none",
    "overlay": "the overlay district that covers the lot",
    "front_bearing": "compass bearing in degrees that the front lot line faces",
    "street_side_bearing": "compass bearing in degrees that the street side line of a corner faces",
    "lot_area_sqft": "area in square feet as the source states it",
    "lot_width_ft": "width in feet as the source states it",
    "lot_depth_ft": "depth in feet as the source states it",
}
"""The names of properties that PlotLot reads; others are kept and shown, never interpreted."""
