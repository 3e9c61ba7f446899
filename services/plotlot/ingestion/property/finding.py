"""A parcel by its address: where that is, whose parcel lies there with that address, and which district covers it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry import Point, shape

from plotlot.domain.addresses import (
    Address,
    address_key,
    match_address,
    parse_address,
    rank_suggestions,
    with_town,
)
from plotlot.domain.errors import (
    AmbiguousAddress,
    InvalidParcel,
    SourceUnavailable,
    UnknownAddress,
    UnknownParcel,
)
from plotlot.domain.lots import LARGEST_FT, SMALLEST_FT
from plotlot.domain.municipalities import municipality_key, municipality_name
from plotlot.domain.outlines import outline_of
from plotlot.domain.parcels import FactSource, Parcel
from plotlot.ingestion.property.configuration import (
    AreaMeasure,
    LengthMeasure,
    ParcelLayer,
    PropertySources,
    Region,
)
from plotlot.ingestion.property.esri import Feature
from plotlot.ingestion.property.geocoding import Place, geocoded
from plotlot.ingestion.property.layers import (
    Asking,
    Features,
    box_around,
    features_around,
    features_with_address,
    features_with_id,
)
from plotlot.ingestion.property.zoning import zoned

# The geocoder sets a house between the numbers at the ends of its block, and that beside the middle of the street.
AROUND_FT = 300.0
SUGGESTIONS = 5
_RANGE = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Found:
    """A feature that is the parcel, the layer that has it, and what a reader should know of how it was found."""

    feature: Feature
    layer: ParcelLayer
    region: Region
    retrieved_at: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked up: an address, in a municipality where one is named, or a parcel's id in one."""

    address: str
    municipality: str
    parcel_id: str = ""

    @property
    def key(self) -> str:
        """What all ways to ask for it share."""
        what = f"parcel\n{self.parcel_id}" if self.parcel_id else address_key(self.address)
        return "\n".join(filter(None, (what, municipality_key(self.municipality))))


class Finder:
    """Asks the sources of a configuration."""

    def __init__(self, sources: PropertySources) -> None:
        self._sources = sources

    async def find(self, asking: Asking, sought: Sought) -> Parcel:
        """The one parcel. Raises UnknownAddress, UnknownParcel, AmbiguousAddress or SourceUnavailable."""
        if sought.parcel_id:
            return await self._with_id(asking, sought)
        whole = with_town(sought.address, sought.municipality)
        wanted = parse_address(whole)
        place, problems = await self._place(asking, whole)
        regions = self._regions(place, wanted)
        check_town(place, regions, sought)
        found = await self._parcel(asking, regions, place, wanted, problems)
        return await self._described(asking, found, place, wanted, sought.municipality)

    async def _with_id(self, asking: Asking, sought: Sought) -> Parcel:
        """The parcel with an id, and the place of the address that its layer gives it."""
        problems: list[SourceUnavailable] = []
        state = parse_address(f"1 Main St, {sought.municipality}").state
        regions = [each for each in self._sources.regions if state in ("", each.state.lower())]
        layers = [(each, layer) for each in regions for layer in each.parcels]
        for region, layer in layers:
            try:
                named = await features_with_id(asking, layer, sought.parcel_id)
            except SourceUnavailable as error:
                problems.append(error)
                continue
            feature = next(
                (each for each in named.features if parcel_id(each, layer) == sought.parcel_id), None
            )
            if feature is None:
                continue
            whole = with_town(address_in(feature, layer), sought.municipality)
            place = (await self._place(asking, whole))[0] if parse_address(whole).number else None
            check_town(place, [region], sought)
            found = Found(feature, layer, region, named.retrieved_at)
            return await self._described(asking, found, place, parse_address(whole), sought.municipality)
        if problems:
            raise unavailable(problems)
        raise UnknownParcel(
            f"no source has a parcel {sought.parcel_id!r} in {sought.municipality}", field="parcel_id"
        )

    async def _place(self, asking: Asking, address: str) -> tuple[Place | None, list[SourceUnavailable]]:
        """Where an address is, None where the geocoder has none; and that it could not be asked."""
        if self._sources.geocoder is None:
            return None, []
        try:
            return await geocoded(asking, self._sources.geocoder, address), []
        except SourceUnavailable as error:
            return None, [error]

    def _regions(self, place: Place | None, wanted: Address) -> list[Region]:
        """The regions that may have it. Raises UnknownAddress where none does."""
        if place is not None and place.county:
            found = [region for region in self._sources.regions if region.county == place.county]
            if not found:
                known = ", ".join(region.name for region in self._sources.regions)
                raise UnknownAddress(
                    f"{place.matched} is in none of the counties that are looked up ({known})",
                    field="address",
                )
            return found
        return [region for region in self._sources.regions if wanted.state in ("", region.state.lower())]

    async def _parcel(
        self,
        asking: Asking,
        regions: Sequence[Region],
        place: Place | None,
        wanted: Address,
        problems: list[SourceUnavailable],
    ) -> Found:
        """The parcel by the first layer that has it. Raises UnknownAddress only where all of them said that they do not."""
        near: list[str] = []
        for region in regions:
            for layer in region.parcels:
                try:
                    found = await parcel_in(asking, region, layer, place, wanted, near)
                except SourceUnavailable as error:
                    problems.append(error)
                    continue
                if found is not None:
                    return found
        if problems:
            raise unavailable(problems)
        raise UnknownAddress(
            f"no parcel is at {wanted.key!r} in the sources that are set up",
            field="address",
            suggestions=rank_suggestions(wanted.line, near, SUGGESTIONS),
        )

    async def _described(
        self, asking: Asking, found: Found, place: Place | None, wanted: Address, municipality: str
    ) -> Parcel:
        """The parcel with all that is known of it, and who said what."""
        town = town_of(place, found.region, wanted, municipality)
        boundary, warning = usable_boundary(found.feature)
        properties = properties_of(found)
        zone = await zoned(asking, found.region, boundary)
        told = ("id", "address", *(("geometry",) if boundary else ()), *properties)
        sources = [FactSource(found.layer.name, told, found.retrieved_at, found.layer.url)]
        if place is not None and self._sources.geocoder is not None:
            facts = ("coordinates", "municipality") if place.town is not None else ("coordinates",)
            geocoder = self._sources.geocoder
            sources.insert(0, FactSource(geocoder.name, facts, place.retrieved_at, geocoder.url))
        return Parcel(
            id=parcel_id(found.feature, found.layer),
            municipality=town,
            address=address_in(found.feature, found.layer),
            district=zone.district,
            geometry=boundary,
            properties={**zone.properties, **properties},
            sources=(*sources, *((zone.source,) if zone.source else ())),
            warnings=(*found.warnings, *warning, *zone.warnings),
        )


async def parcel_in(
    asking: Asking, region: Region, layer: ParcelLayer, place: Place | None, wanted: Address, near: list[str]
) -> Found | None:
    """The parcel of a layer: by its address among those around the place, else among all, else by the place alone.

    ``near`` is given the addresses that were seen. Raises AmbiguousAddress or SourceUnavailable.
    """
    around = Features((), "")
    if place is not None:
        around = await features_around(asking, layer, box_around(place.x, place.y, AROUND_FT))
    if (meant := meant_by(wanted, around.features, layer)) is not None:
        return Found(meant, layer, region, around.retrieved_at)
    named = await features_with_address(asking, layer, wanted)
    if (meant := meant_by(wanted, named.features, layer)) is not None:
        return Found(meant, layer, region, named.retrieved_at)
    seen = [address_in(each, layer) for each in (*around.features, *named.features)]
    near += [address for address in seen if address]
    if place is None:
        return None
    under = [each for each in around.features if _is_under(place, each) and parcel_id(each, layer)]
    if len(under) != 1 or address_in(under[0], layer):
        return None  # what has another address is another parcel, however near
    warning = f"{layer.name} gives the parcel no address: it is the one at the place that the geocoder tells"
    return Found(under[0], layer, region, around.retrieved_at, (warning,))


def meant_by(wanted: Address, features: Sequence[Feature], layer: ParcelLayer) -> Feature | None:
    """The parcel with an address, or within whose range of numbers it is. Raises AmbiguousAddress where several are."""
    candidates: dict[str, Feature] = {}
    for each in features:
        number = parcel_id(each, layer)
        if number and (number not in candidates or candidates[number].geometry is None):
            candidates[number] = each  # of a parcel in several features, the first with a boundary
    listed = list(candidates.values())
    lines = [_line_for(wanted, parse_address(address_in(each, layer))) for each in listed]
    match = match_address(wanted.line, lines)
    if match.exact is not None:
        return listed[match.exact]
    if not match.ambiguous:
        return None
    names = [
        f"{address_in(listed[at], layer)} (parcel {parcel_id(listed[at], layer)})" for at in match.ambiguous
    ]
    raise AmbiguousAddress(
        f"{len(names)} parcels of {layer.name} match {wanted.line!r}; name the unit or the direction",
        field="address",
        suggestions=names[:SUGGESTIONS],
    )


def _line_for(wanted: Address, found: Address) -> str:
    """The line of an address that was found, under the wanted house number where its range has that one."""
    span = _RANGE.fullmatch(found.number)
    if span and wanted.number.isdigit():
        low, high, number = int(span[1]), int(span[2]), int(wanted.number)
        if low <= number <= high and (number - low) % 2 == 0:
            return replace(found, number=wanted.number).line
    return found.line


def address_in(feature: Feature, layer: ParcelLayer) -> str:
    """The address as a layer has it, in one line."""
    fields = layer.address
    street = " ".join(
        filter(None, (feature.attributes[each] for each in fields.parts if each != fields.unit))
    )
    unit = feature.attributes[fields.unit] if fields.unit else ""
    return f"{street} unit {unit}" if street and unit else street


def parcel_id(feature: Feature, layer: ParcelLayer) -> str:
    """The id as a layer has it, with the noughts that a number has lost."""
    found = feature.attributes[layer.id]
    return found.zfill(layer.id_digits) if found.isdigit() else found


def properties_of(found: Found) -> dict[str, str]:
    """Measures in feet and square feet, and what else is shown; a nought says that it was not measured."""
    layer, attributes = found.layer, found.feature.attributes
    measures = {
        "lot_area_sqft": _measure(attributes, layer.lot_area, 1.0, LARGEST_FT**2),
        "lot_width_ft": _measure(attributes, layer.lot_width, SMALLEST_FT, LARGEST_FT),
        "lot_depth_ft": _measure(attributes, layer.lot_depth, SMALLEST_FT, LARGEST_FT),
    }
    shown = {name: attributes[field] for name, field in layer.shown.items()}
    return {name: value for name, value in {**shown, **measures}.items() if value and value != "0"}


def _measure(attributes: Any, measure: AreaMeasure | LengthMeasure | None, least: float, most: float) -> str:
    """A measure in PlotLot's unit; empty where there is none, or none that a lot has."""
    if measure is None:
        return ""
    try:
        size = float(attributes[measure.field].replace(",", "")) * measure.factor
    except ValueError:
        return ""
    return f"{size:.10g}" if least <= size <= most else ""


def usable_boundary(feature: Feature) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The boundary where a lot can have it, else none and why."""
    if feature.geometry is None:
        return None, ("the source gives no boundary of the parcel that can be used",)
    try:
        outline_of(feature.geometry)
    except InvalidParcel as error:
        return None, (f"the source's boundary of the parcel cannot be used: {error.message}",)
    return feature.geometry, ()


def check_town(place: Place | None, regions: Sequence[Region], sought: Sought) -> None:
    """Raises UnknownAddress where the place is in another municipality than the one that was named."""
    told = told_town(place, regions[0]) if regions else ""
    if sought.municipality and told and not _same_town(told, sought.municipality):
        raise UnknownAddress(
            f"{sought.address or sought.parcel_id!r} is in {told}, not in {sought.municipality}",
            field="municipality",
            suggestions=[told],
        )


def told_town(place: Place | None, region: Region) -> str:
    """The municipality whose code applies at a place; empty where the geocoder did not tell."""
    if place is None or place.town is None:
        return ""
    return place.municipality or region.unincorporated


def _same_town(told: str, named: str) -> bool:
    """Whether a name means a municipality: with its state, or without."""
    return municipality_key(named) in (municipality_key(told), municipality_key(told.rpartition(",")[0]))


def town_of(place: Place | None, region: Region, wanted: Address, municipality: str) -> str:
    """The municipality whose code applies. Raises SourceUnavailable where nobody could tell."""
    told = told_town(place, region)
    if municipality and municipality_key(municipality) != municipality_key(told):
        return municipality_name(municipality)
    if told:
        return told
    if place is None and wanted.town:
        return f"{wanted.town.title()}, {region.state}"
    raise SourceUnavailable(
        "the sources do not tell which municipality the parcel is in; name the municipality"
    )


def unavailable(problems: Sequence[SourceUnavailable]) -> SourceUnavailable:
    """The error of a lookup that some sources did not answer."""
    words = "; ".join(dict.fromkeys(problem.message for problem in problems))
    waits = [problem.retry_after_seconds for problem in problems if problem.retry_after_seconds]
    kind = type(problems[0]) if len({type(problem) for problem in problems}) == 1 else SourceUnavailable
    return kind(f"the parcel could not be looked up: {words}", retry_after_seconds=min(waits, default=0.0))


def _is_under(place: Place, feature: Feature) -> bool:
    return feature.geometry is not None and shape(feature.geometry).covers(Point(place.x, place.y))
