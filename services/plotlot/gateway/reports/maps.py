"""The map of a report: lot, envelope, lot lines and streets in longitude and latitude, as its page and REST have them."""

from collections.abc import Iterator, Mapping
from typing import Any

from shapely.geometry import LineString, MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from plotlot.domain.errors import InvalidParcel
from plotlot.domain.outlines import Outline, in_degrees, named_lines, outline_of, streets_of
from plotlot.domain.taken_facts import READER

Json = dict[str, Any]
DIGITS = 8  # of a degree: a millimetre


def map_of(report: Mapping[str, Any]) -> Json:
    """A GeoJSON feature collection (RFC 7946); each feature's ``kind`` is lot, envelope, lot_line or street.

    Without features where the boundary is not known, and without envelope where it was drawn in another outline.
    """
    return {"type": "FeatureCollection", "features": list(features_of(report))}


def features_of(report: Mapping[str, Any]) -> Iterator[Json]:
    """The features, the lot first."""
    parcel = report["parcel"]
    if parcel["geometry"] is None:
        return
    outline = outline_of(parcel["geometry"])
    yield feature("lot", in_degrees(outline.polygon, outline), area_sqft=parcel["lot"]["area_sqft"])
    envelope = report["envelope"]
    if envelope is not None and not is_rectangle(report):
        yield from of_envelope(envelope, outline)
    yield from streets(parcel.get("frontage"), outline)


def of_envelope(envelope: Mapping[str, Any], outline: Outline) -> Iterator[Json]:
    """The envelope, where it is known, and the lot lines with their setbacks."""
    buildable = envelope_shape(envelope)
    if not buildable.is_empty:
        yield feature("envelope", in_degrees(buildable, outline), area_sqft=envelope["area_sqft"])
    for yard in envelope["setbacks"]:
        if yard.get("points"):
            line = in_degrees(LineString(yard["points"]), outline)
            told = {name: yard[name] for name in ("edge", "length_ft", "distance_ft")}
            yield feature("lot_line", line, **told)


def streets(frontage: Mapping[str, Any] | None, outline: Outline) -> Iterator[Json]:
    """The streets that the source says the lot is on."""
    try:
        found = streets_of(frontage, outline)
    except InvalidParcel:  # of a source that was read before streets were checked
        return
    for street in found:
        yield feature("street", in_degrees(street.line, outline), name=street.name)


def envelope_shape(envelope: Mapping[str, Any]) -> MultiPolygon:
    """What may be built on, in feet; empty where no setback is known."""
    return MultiPolygon([orient(Polygon(rings[0], rings[1:])) for rings in envelope["polygons"]])


def is_rectangle(report: Mapping[str, Any]) -> bool:
    """Whether the lot was taken as a rectangle of the sizes that its reader states: where that lies, nobody knows."""
    facts = report.get("facts") or {}
    return any(name in facts and facts[name]["origin"] == READER for name in ("lot_width_ft", "lot_depth_ft"))


def place_words(geometry: Mapping[str, Any]) -> str:
    """Where the middle of a lot is, to about ten metres: ``40.1000° N, 84.2000° W``."""
    middle = shape(dict(geometry)).centroid
    north, east = "N" if middle.y >= 0 else "S", "E" if middle.x >= 0 else "W"
    return f"{abs(middle.y):.4f}° {north}, {abs(middle.x):.4f}° {east}"


def street_names(frontage: Mapping[str, Any] | None) -> list[str]:
    """The streets that the source names for a lot, each once."""
    return list(dict.fromkeys(name for name, _ in named_lines(frontage) if name))


def feature(kind: str, geometry: BaseGeometry, **properties: Any) -> Json:
    """A feature of the map."""
    return {
        "type": "Feature",
        "properties": {"kind": kind, **properties},
        "geometry": {**mapping(geometry), "coordinates": rounded(mapping(geometry)["coordinates"])},
    }


def rounded(node: Any) -> Any:
    """Nested coordinates with as many digits as they mean."""
    if isinstance(node, float | int):
        return round(float(node), DIGITS)
    return [rounded(part) for part in node]
