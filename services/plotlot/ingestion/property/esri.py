"""Answers of ArcGIS layers as values: features by the names asked for, boundaries as GeoJSON in longitude and latitude.

Source of the shapes: "Query (Feature Service/Layer)" and "Geometry objects" of the ArcGIS REST API.
"""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pyproj
from shapely.geometry import Polygon, mapping
from shapely.geometry.polygon import orient
from shapely.validation import make_valid

from plotlot.domain.errors import SourceUnavailable
from plotlot.domain.outlines import polygons_of

GEOGRAPHIC = frozenset({4326, 4269})  # WGS 84 and NAD 83 differ by less than parcels are surveyed to
ABSENT = frozenset({"", "null", "<null>", "none", "n/a", "na", "-", "-9999", "nan"})
EXACT = 2**53  # whole numbers below it have a float of their own
_RETRIED_CODES = frozenset({429, 498, 499, 500, 502, 503, 504})

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature: its attributes by the names that were asked for, and its boundary where it has one that can be used."""

    attributes: Mapping[str, str]
    geometry: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some features of an answer; ``more`` where the layer holds back others, ``received`` how many it sent."""

    features: tuple[Feature, ...]
    more: bool
    received: int


def page_in(content: bytes, server: str, wanted: Sequence[str], spoken: Collection[str] = ()) -> Page:
    """The features of an answer; codes of the ``spoken`` fields as the layer says what they mean.

    Raises SourceUnavailable for what is an error, whatever its status, or no answer at all.
    """
    document = document_in(content, server)
    features = document.get("features")
    if not isinstance(features, list):
        raise SourceUnavailable(f"{server} answers without features")
    names = names_in(document, features, server, wanted)
    meanings = _coded_values(document)
    wkid = _wkid(document.get("spatialReference"))
    found = tuple(
        Feature(
            {
                name: text_of(_value(each["attributes"], field, meanings if name in spoken else {}))
                for name, field in names.items()
            },
            boundary_of(each.get("geometry"), wkid, server),
        )
        for each in features
        if isinstance(each, dict) and isinstance(each.get("attributes"), dict)
    )
    return Page(found, bool(document.get("exceededTransferLimit")), len(features))


def document_in(content: bytes, server: str) -> dict[str, Any]:
    """The JSON object of an answer. Raises SourceUnavailable for HTML, other text, and errors that ArcGIS sends as 200."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        start = content[:200].lstrip().lower()
        kind = "a web page" if start.startswith((b"<!doctype", b"<html", b"<")) else "no JSON"
        raise SourceUnavailable(f"{server} answers {kind} where JSON was asked for") from None
    if not isinstance(document, dict):
        raise SourceUnavailable(f"{server} answers no JSON object")
    error = document.get("error")
    if error:
        told = error if isinstance(error, dict) else {"message": error}
        words = text_of(told.get("message"))[:200] or "without words"
        code = told.get("code")
        raise SourceUnavailable(
            f"{server} answers an error: {words}" + (f" ({code})" if code else ""),
            retry_after_seconds=30.0 if code in _RETRIED_CODES else 0.0,
        )
    return document


def names_in(
    document: Mapping[str, Any], features: Sequence[Any], server: str, wanted: Sequence[str]
) -> dict[str, str]:
    """The field of the answer that each wanted one is: by name, whatever its case or table, else by alias."""
    listed = [each for each in _list(document.get("fields")) if isinstance(each, dict) and each.get("name")]
    present = {str(each["name"]) for each in listed}
    present.update(str(name) for each in features[:1] for name in _dict(_dict(each).get("attributes")))
    if not present:
        return {name: name for name in wanted}
    by_name = {name.lower(): name for name in present} | {
        name.lower().rpartition(".")[2]: name for name in present
    }
    by_alias = {str(each.get("alias", "")).lower(): str(each["name"]) for each in listed}
    found = {}
    for name in wanted:
        key = name.lower()
        field = (
            name
            if name in present
            else by_name.get(key) or by_name.get(key.rpartition(".")[2]) or by_alias.get(key)
        )
        if field is None:
            listed_names = ", ".join(text_of(each)[:40] for each in sorted(present)[:20])
            raise SourceUnavailable(
                f"{server} has no field {name}; it has {listed_names}: mend PLOTLOT_PROPERTY_SOURCES"
            )
        found[name] = field
    return found


def boundary_of(geometry: Any, wkid: int, server: str) -> dict[str, Any] | None:
    """A boundary as GeoJSON, WGS 84; None where there is none that can be used. A layer's own system is reprojected."""
    if not isinstance(geometry, dict) or not geometry.get("rings"):
        return None
    wkid = _wkid(geometry.get("spatialReference")) or wkid
    rings = [ring for each in _list(geometry["rings"]) if len(ring := _ring(each)) >= 4]
    if not rings:
        return None
    if wkid not in GEOGRAPHIC and wkid:
        rings = [_reprojected(ring, wkid, server) for ring in rings]
    if not all(is_place(x, y) for ring in rings for x, y in ring):
        return None
    polygons = polygons_in(rings)
    if not polygons:
        return None
    if len(polygons) == 1:
        return _geojson(polygons[0])
    return {"type": "MultiPolygon", "coordinates": [_geojson(each)["coordinates"] for each in polygons]}


def polygons_in(rings: Iterable[Ring]) -> list[Polygon]:
    """Rings as polygons: ArcGIS turns outer rings clockwise and holes the other way, in no order.

    Where a layer turns them all one way, the largest is an outer ring, and a ring inside of one a hole.
    """
    shapes = [(Polygon(ring), _turns_clockwise(ring)) for ring in rings]
    shapes = [(shape, clockwise) for shape, clockwise in shapes if shape.area > 0]
    mixed = len({clockwise for _, clockwise in shapes}) == 2
    outer: list[tuple[Polygon, list[Ring]]] = []
    for shape, clockwise in sorted(shapes, key=lambda each: -each[0].area):
        around = next((one for one in outer if one[0].contains(shape.representative_point())), None)
        if around is not None and not (clockwise and mixed):
            around[1].append([(x, y) for x, y in shape.exterior.coords])
        else:
            outer.append((shape, []))
    made = (Polygon(shape.exterior.coords, holes) for shape, holes in outer)
    return [
        orient(part)
        for each in made
        for part in (polygons_of(make_valid(each)) if not each.is_valid else [each])
    ]


def is_place(x: float, y: float) -> bool:
    """Whether it can be where a lot is: not beyond the earth, and not at 0, 0, where places go that are not known."""
    return -180 <= x <= 180 and -85 <= y <= 85 and not (abs(x) < 0.01 and abs(y) < 0.01)


def _ring(points: Any) -> list[tuple[float, float]]:
    """A closed ring of finite pairs; empty where it is none."""
    try:
        ring = [(float(point[0]), float(point[1])) for point in points]
    except (TypeError, ValueError, IndexError):
        return []
    if not ring or not all(math.isfinite(x) and math.isfinite(y) for x, y in ring):
        return []
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _turns_clockwise(ring: Ring) -> bool:
    return sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(ring)) > 0


def _reprojected(ring: Ring, wkid: int, server: str) -> list[tuple[float, float]]:
    xs, ys = _transformer(wkid, server).transform([x for x, _ in ring], [y for _, y in ring])
    return list(zip(xs, ys, strict=True))


@lru_cache(maxsize=16)
def _transformer(wkid: int, server: str) -> pyproj.Transformer:
    for authority in ("EPSG", "ESRI"):
        try:
            return pyproj.Transformer.from_crs(f"{authority}:{wkid}", "EPSG:4326", always_xy=True)
        except pyproj.exceptions.CRSError:
            continue
    raise SourceUnavailable(f"{server} answers in coordinates that are not known (wkid {wkid})")


def _wkid(reference: Any) -> int:
    """The coordinate system, by the number that newer servers give where there are two; 0 where none is named."""
    if not isinstance(reference, dict):
        return 0
    number = reference.get("latestWkid") or reference.get("wkid") or 0
    return int(number) if isinstance(number, int | float) else 0


def _geojson(polygon: Polygon) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(mapping(polygon)))
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _coded_values(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What the codes of a field mean, by field and code, where the layer says."""
    found: dict[str, dict[str, str]] = {}
    for each in _list(document.get("fields")):
        domain = each.get("domain") if isinstance(each, dict) else None
        coded = domain.get("codedValues") if isinstance(domain, dict) else None
        if isinstance(coded, list):
            found[str(each.get("name"))] = {
                str(value.get("code")): str(value.get("name")) for value in coded if isinstance(value, dict)
            }
    return found


def _value(attributes: Mapping[str, Any], field: str, meanings: Mapping[str, Mapping[str, str]]) -> Any:
    value = attributes.get(field)
    return meanings.get(field, {}).get(str(value), value)


def text_of(value: Any) -> str:
    """A value as one line; empty for all the ways to say that there is none. Whole numbers have no fraction."""
    if value is None or isinstance(value, dict | list | bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= EXACT:
            return ""  # an id that its server rounded is another parcel's
        value = int(value)
    text = " ".join("".join(each if each.isprintable() else " " for each in str(value)).split())
    return "" if text.lower() in ABSENT else text[:500]
