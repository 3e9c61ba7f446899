"""Parcels from the GeoJSON and CSV files that counties publish; all of a file or none of it."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping

from plotlot.domain.characters import seen
from plotlot.domain.errors import InvalidParcel
from plotlot.domain.lots import LARGEST_FT, SMALLEST_FT
from plotlot.domain.outlines import check_geometry, outline_of, streets_of
from plotlot.domain.parcels import FACTS, Parcel

ACRE_SQFT = 43_560
_IDS = (
    "parcelid", "parcelnumber", "parcelno", "parcelnum", "parcel", "apn", "ain", "pin", "folio",
    "folionumber", "parid", "pid", "taxid", "taxparcelid", "taxmapkey", "tmk", "cottmk", "strap",
    "gispin", "accountnumber", "account", "propertyid", "propid", "id", "objectid", "fid",
)  # fmt: skip
_ADDRESSES = (
    "address", "siteaddress", "siteaddr", "situsaddress", "situsaddr", "situs", "propertyaddress",
    "propaddress", "propaddr", "fulladdress", "fulladdr", "streetaddress", "truesiteaddr",
    "siteaddrstr", "physicaladdress", "locationaddress", "location", "addr",
)  # fmt: skip
_DISTRICTS = (
    "zoning", "zoningdistrict", "zoningcode", "zonecode", "zonedist", "zonedistrict", "zone",
    "zoneclass", "zoningclass", "zoningdesignation", "primaryzone", "zonetype", "district", "zn",
)  # fmt: skip
_NUMBER_PARTS = ("houseno", "housenumber", "streetnumber", "stnum", "situsstreetnumber", "addrnum")
_STREET_PARTS = (
    ("streetdirection", "situsstreetdirection", "stdir", "predir"),
    ("streetnm", "streetname", "situsstreetname", "stname", "street"),
    ("streettype", "situsstreettype", "sttype", "suffix"),
)
_GEOMETRIES = ("wkt", "geometry", "geom", "thegeom", "shape", "polygon", "geojson", "boundary")
_FACT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sewer": ("sewer", "sewerservice", "publicsewer"),
    "water": ("water", "waterservice", "publicwater"),
    "overlay": ("overlay", "overlaydistrict", "zoningoverlay"),
    "front_bearing": ("frontbearing",),
    "street_side_bearing": ("streetsidebearing",),
    "lot_area_sqft": ("lotareasqft", "lotsqft", "areasqft", "landsqft", "gissquarefoot", "lotsize"),
    "lot_width_ft": ("lotwidthft", "lotwidth", "width", "frontageft"),
    "lot_depth_ft": ("lotdepthft", "lotdepth", "depth"),
}
_AREAS = ("lotarea", "area", "landarea", "squarefeet", "sqft")
_ACRES = ("acres", "acreage", "lotacres", "gisacres", "calcacres", "deedacres")
_PRIVATE = re.compile(r"^(?:true)?(?:own|mail|taxpayer|grantor|grantee|deedname)")
_GEOGRAPHIC = re.compile(r"CRS:?84|(?:EPSG|epsg)\D*(?:\d+(?:\.\d+)*)?\D*\b(?:4326|4269|4979)$")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row or feature before it is a parcel; ``place`` names it in messages."""

    place: str
    values: Mapping[str, Any]
    geometry: Mapping[str, Any] | None
    feature_id: str = ""


def read_parcels(name: str, content: bytes, municipality: str) -> tuple[list[Parcel], list[str]]:
    """The parcels of a file, with what a reader should know of them.

    Raises InvalidParcel, naming the row or feature and the field, where anything cannot be used.
    """
    text = _decode(name, content)
    rows = _features(name, text) if text.lstrip()[:1] in ("{", "[") else _records(name, text)
    parcels: dict[str, Parcel] = {}
    warnings: list[str] = []
    for row in rows:
        parcel = _parcel(row, municipality, warnings)
        before = parcels.setdefault(parcel.id, parcel)
        if before is not parcel and before.geometry != parcel.geometry:
            raise InvalidParcel(
                f"{name}, {row.place}: the id {parcel.id!r} stands on an earlier parcel with another "
                "boundary; ids must tell parcels apart",
                field="id",
            )
        if before is not parcel:
            warnings.append(f"{row.place}: repeats parcel {parcel.id} and is left out")
    if not parcels:
        raise InvalidParcel(f"{name} holds no parcels", field="file")
    return list(parcels.values()), [*warnings, *_counts(parcels.values())]


def _counts(parcels: Any) -> list[str]:
    missing = {
        "address: found by id only": [p.id for p in parcels if not p.address],
        "zoning district: no standards apply": [p.id for p in parcels if not p.district],
    }
    return [
        f"{len(ids)} parcel{'s' if len(ids) > 1 else ''} without {what} "
        f"({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})"
        for what, ids in missing.items()
        if ids
    ]


def _decode(name: str, content: bytes) -> str:
    if not content.strip():
        raise InvalidParcel(f"{name} is empty", field="file")
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidParcel(
            f"{name} is binary, not GeoJSON or CSV; export a shapefile or a database as GeoJSON",
            field="file",
        )
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    for encoding in (*encodings, "utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidParcel(f"{name} is not text in UTF-8; save it as UTF-8", field="file")


def _features(name: str, text: str) -> Iterator[_Row]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidParcel(f"{name} is not valid JSON: {error}", field="file") from None
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "Feature":
        data = {"features": [data], "crs": data.get("crs")}
    elif kind != "FeatureCollection" or not isinstance(data.get("features"), list):
        raise InvalidParcel(
            f"{name} is not a GeoJSON FeatureCollection; ask a map server for f=geojson, "
            "or export as GeoJSON",
            field="file",
        )
    _check_crs(name, data.get("crs"))
    for number, feature in enumerate(data["features"], 1):
        if not isinstance(feature, dict):
            raise InvalidParcel(f"{name}, feature {number} is not an object", field="features")
        properties = feature.get("properties")
        values = dict(properties) if isinstance(properties, dict) else {}
        if "frontage" in feature:
            values.setdefault("frontage", feature["frontage"])
        place, geometry = f"{name}, feature {number}", feature.get("geometry")
        if geometry is not None and not isinstance(geometry, dict):
            raise InvalidParcel(f"{place}, geometry: not an object of GeoJSON", field="geometry")
        yield _Row(place, values, geometry, _words(feature.get("id")))


def _check_crs(name: str, crs: Any) -> None:
    """Refuse a file that names another coordinate system than longitude and latitude."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = str(properties.get("name", "")) if isinstance(properties, dict) else str(crs)
    if not _GEOGRAPHIC.search(named):
        raise InvalidParcel(
            f"{name} is in {named or 'an unnamed coordinate system'}; reproject it to WGS 84 "
            "longitude and latitude (EPSG:4326)",
            field="crs",
        )


def _records(name: str, text: str) -> Iterator[_Row]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = reader.fieldnames or ()
        if len(columns) < 2:
            raise InvalidParcel(
                f"{name} is neither GeoJSON nor CSV with a header line of columns", field="file"
            )
        for record in reader:
            place = f"{name}, row {reader.line_num}"
            if None in record or None in record.values():
                raise InvalidParcel(f"{place} has another number of fields than the header", field="row")
            values = {key: value for key, value in record.items() if value.strip()}
            if values:
                yield _Row(place, values, _text_geometry(place, values))
    except csv.Error as error:
        raise InvalidParcel(f"{name}, row {reader.line_num}: {error}", field="row") from None


def _text_geometry(place: str, values: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The boundary in a column of WKT or GeoJSON, if there is one."""
    column = _column(values, _GEOMETRIES)
    if column is None:
        return None
    text = values[column].strip()
    srid, _, rest = text.partition(";")
    if srid.upper().startswith("SRID="):
        if srid[5:] not in ("4326", "4269"):
            raise InvalidParcel(
                f"{place}, {column}: {srid} is not WGS 84; reproject it to EPSG:4326", field=column
            )
        text = rest
    try:
        found = json.loads(text) if text.startswith("{") else mapping(shapely.from_wkt(text))
    except (ValueError, RecursionError, shapely.errors.ShapelyError):
        raise InvalidParcel(
            f"{place}, {column}: neither WKT nor GeoJSON; write POLYGON ((longitude latitude, ...))",
            field=column,
        ) from None
    return {str(key): value for key, value in found.items()}


def _parcel(row: _Row, municipality: str, warnings: list[str]) -> Parcel:
    """One parcel; whatever is wrong with it is said with its row and its field."""
    number = _id(row)
    where = f"{row.place} (parcel {number})"
    facts = _facts(row, where)
    frontage = _frontage(row, where)
    if row.geometry is None and not facts.keys() & {"lot_area_sqft", "lot_width_ft"}:
        raise InvalidParcel(
            f"{where}: no boundary and no lot width, depth or area; give one of them",
            field="geometry",
        )
    parcel = Parcel(
        id=number,
        municipality=municipality,
        address=_address(row.values),
        district=_value(row.values, _DISTRICTS),
        geometry=row.geometry and {k: row.geometry[k] for k in ("type", "coordinates") if k in row.geometry},
        frontage=frontage,
        properties={**_others(row.values), **facts},
    )
    if parcel.geometry is not None:
        try:
            check_geometry(parcel.geometry)
            outline = outline_of(parcel.geometry)
            streets_of(frontage, outline)
        except InvalidParcel as error:
            raise InvalidParcel(f"{where}, {error.field}: {error.message}", field=error.field) from None
        warnings += [f"{row.place} (parcel {number}): {each}" for each in outline.warnings]
    return parcel


def _id(row: _Row) -> str:
    names = _IDS if not row.feature_id else _IDS[: _IDS.index("id")]
    found = _value(row.values, names) or row.feature_id or _value(row.values, _IDS)
    if not found:
        raise InvalidParcel(
            f"{row.place} has no parcel id; name its column parcel_id, apn, pin or folio",
            field="id",
        )
    return found


def _address(values: Mapping[str, Any]) -> str:
    """The address column, or house number and street from columns of their own."""
    whole = _value(values, _ADDRESSES)
    if whole:
        return whole
    number = _value(values, _NUMBER_PARTS)
    street = [_value(values, names) for names in _STREET_PARTS]
    return " ".join(filter(None, (number, *street))) if street[1] else ""


def _facts(row: _Row, where: str) -> dict[str, str]:
    """The properties that PlotLot reads, by their own names; measures must be positive numbers."""
    facts = {name: _value(row.values, columns) for name, columns in _FACT_COLUMNS.items()}
    if not facts["lot_area_sqft"] and row.geometry is None:
        facts["lot_area_sqft"] = _value(row.values, _AREAS)
    acres = _column(row.values, _ACRES)
    if not facts["lot_area_sqft"] and acres:
        size = _measure(row.values[acres], where, acres)
        facts["lot_area_sqft"] = f"{size * ACRE_SQFT:.0f}" if size else ""
    for name in ("lot_area_sqft", "lot_width_ft", "lot_depth_ft"):
        if facts[name]:
            size = _measure(facts[name], where, name)
            facts[name] = f"{size:g}" if size and size < 1e5 else f"{size:.0f}" if size else ""
    return {name: value for name, value in facts.items() if value}


def _measure(value: Any, where: str, field: str) -> float:
    try:
        size = float(str(value).replace(",", ""))
    except ValueError:
        size = math.nan
    if not math.isfinite(size) or size < 0:
        raise InvalidParcel(f"{where}, {field}: {value!r} is not a positive number", field=field)
    least, most = (SMALLEST_FT, LARGEST_FT) if field.endswith("_ft") else (0.0, LARGEST_FT**2)
    if size > most or 0 < size < least:
        raise InvalidParcel(f"{where}, {field}: {value!r} is the size of no lot; give feet", field=field)
    return size


def _frontage(row: _Row, where: str) -> Mapping[str, Any] | None:
    """The street lines of a feature: GeoJSON, or its text in a column of that name."""
    column = _column(row.values, ("frontage", "frontages", "streets", "streetlines"))
    value = row.values[column] if column else None
    if isinstance(value, str) and value.strip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise InvalidParcel(f"{where}, {column}: not GeoJSON", field="frontage") from None
    return value if isinstance(value, Mapping) else None


def _others(values: Mapping[str, Any]) -> dict[str, str]:
    """The rest as words, without geometry and without the names of people."""
    used = {*_GEOMETRIES, "frontage", *FACTS}
    return {
        str(key): text
        for key, value in values.items()
        if _plain(key) not in used
        and key not in FACTS
        and not _PRIVATE.match(_plain(key))
        and isinstance(value, str | int | float | bool)
        and (text := _words(value))
    }


def _value(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first column of these names that says something."""
    by_plain = {_plain(key): value for key, value in values.items()}
    for name in names:
        if text := _words(by_plain.get(name)):
            return text
    return ""


def _column(values: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    by_plain = {_plain(key): key for key, value in values.items() if value not in (None, "")}
    return next((by_plain[name] for name in names if name in by_plain), None)


def _plain(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _words(value: Any) -> str:
    """A value as one line of visible characters; numbers without a needless fraction."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(seen(str(value)).split())
