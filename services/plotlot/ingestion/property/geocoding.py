"""The US Census Bureau's geocoder: an address as a place, its county, and the town whose code applies there.

Source: "Census Geocoding Services Web Application Programming Interface", US Census Bureau.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from plotlot.domain.errors import AmbiguousAddress, SourceUnavailable
from plotlot.ingestion.property.configuration import Geocoder
from plotlot.ingestion.property.esri import document_in, is_place, text_of
from plotlot.ingestion.property.layers import Asking

LAYERS = "States,Counties,County Subdivisions,Incorporated Places"
LONGEST_ADDRESS = 250
SAME_PLACE_DEGREES = 0.0005  # about fifty metres: two segments of one street end at one corner
ACTIVE = (
    "A"  # FUNCSTAT of a government that is active; of others a subdivision is a figure of statistics only
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is. ``town`` is empty outside of cities and towns, None where it could not be told."""

    matched: str
    x: float
    y: float
    county: str
    state: str
    town: str | None
    retrieved_at: str

    @property
    def municipality(self) -> str:
        """The town with its state; empty where there is none."""
        return f"{self.town}, {self.state}" if self.town and self.state else ""


async def geocoded(asking: Asking, geocoder: Geocoder, address: str) -> Place | None:
    """The place of an address; None where the geocoder knows none. Raises AmbiguousAddress or SourceUnavailable."""
    url = URL(f"{geocoder.url}/geographies/onelineaddress").with_query(
        address=address[:LONGEST_ADDRESS],
        benchmark=geocoder.benchmark,
        vintage=geocoder.vintage,
        layers=LAYERS,
        format="json",
    )
    answer = await asking.get(url, geocoder.name)
    result = document_in(answer.content, geocoder.name).get("result")
    matches = result.get("addressMatches") if isinstance(result, dict) else None
    if not isinstance(matches, list):
        raise SourceUnavailable(f"{geocoder.name} answers without addressMatches")
    retrieved_at = answer.retrieved_at.isoformat(timespec="seconds")
    places = [
        place
        for match in matches
        if isinstance(match, dict) and (place := _place(match, retrieved_at)) is not None
    ]
    return the_one(places, address)


def the_one(places: Sequence[Place], address: str) -> Place | None:
    """The place that all matches mean. Raises AmbiguousAddress where they mean several."""
    if not places:
        return None
    first = places[0]
    apart = any(
        max(abs(each.x - first.x), abs(each.y - first.y)) > SAME_PLACE_DEGREES
        or (each.county, each.town) != (first.county, first.town)
        for each in places
    )
    if apart:
        raise AmbiguousAddress(
            f"{len(places)} places match {address!r}; name the town, the direction or the ZIP code",
            field="address",
            suggestions=list(dict.fromkeys(place.matched for place in places))[:5],
        )
    return first


def _place(match: Mapping[str, Any], retrieved_at: str) -> Place | None:
    """A match as a place; None where it has no coordinates that can be."""
    at = match.get("coordinates")
    try:
        x, y = float(at["x"]), float(at["y"])  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return None
    if not is_place(x, y):
        return None
    geographies = match.get("geographies")
    known = geographies if isinstance(geographies, dict) else {}
    parts = match.get("addressComponents")
    state = _first(known, "States").get("STUSAB") or (parts.get("state") if isinstance(parts, dict) else "")
    return Place(
        matched=text_of(match.get("matchedAddress")),
        x=x,
        y=y,
        county=text_of(_first(known, "Counties").get("GEOID")),
        state=text_of(state).upper(),
        town=_town(known),
        retrieved_at=retrieved_at,
    )


def _town(geographies: Mapping[str, Any]) -> str | None:
    """The city or village, else the town that governs itself; empty where neither is; None where it was not told.

    A layer that failed is in the answer as a status, and stands for no land without a town.
    """
    for layer in ("Incorporated Places", "County Subdivisions"):
        listed = geographies.get(layer)
        if not isinstance(listed, list) or any(
            isinstance(each, dict) and "status" in each for each in listed
        ):
            return None
        for each in listed:
            if isinstance(each, dict) and each.get("FUNCSTAT") == ACTIVE and each.get("BASENAME"):
                return text_of(each["BASENAME"])
    return ""


def _first(geographies: Mapping[str, Any], layer: str) -> Mapping[str, Any]:
    listed = geographies.get(layer)
    found = listed[0] if isinstance(listed, list) and listed else {}
    return found if isinstance(found, dict) else {}
