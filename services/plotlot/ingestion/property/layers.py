"""Layers of ArcGIS, asked by place or by words: pages until there is no more, features as values."""

import asyncio
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from yarl import URL

from plotlot.domain.addresses import Address
from plotlot.domain.errors import SourceUnavailable
from plotlot.egress.keeping import Answer
from plotlot.ingestion.property.configuration import ParcelLayer, ZoningLayer
from plotlot.ingestion.property.esri import Feature, page_in

PAGE = 200
MOST_PAGES = 5
FEET_OF_DEGREE = 364_567.0  # of latitude; of longitude, times the cosine
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")  # nothing in it ends a word of SQL
_WORD = re.compile(r"[A-Z0-9]+")


class Asks(Protocol):
    """What asks servers: plotlot.egress.client.EgressClient, or what stands in for it."""

    async def get(self, url: str, *, partition: str = "", keep: bool = True) -> Answer:
        """The answer to GET."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a layer answered, and when it was so."""

    features: tuple[Feature, ...]
    retrieved_at: str


@dataclass(frozen=True, slots=True)
class Asking:
    """How servers are asked for one lookup: by whom, for which tenant, and whether answers may be kept."""

    client: Asks
    partition: str = ""
    keep: bool = True

    async def get(self, url: URL, server: str) -> Answer:
        """The answer. Raises SourceUnavailable where there is none, or one that says no."""
        answer = await self.client.get(str(url), partition=self.partition, keep=self.keep)
        if answer.status != 200:
            raise SourceUnavailable(f"{server} answers {answer.status}")
        return answer


async def features_around(
    asking: Asking, layer: ParcelLayer | ZoningLayer, box: tuple[float, float, float, float]
) -> Features:
    """The features that touch a box of west, south, east and north."""
    envelope = dict(zip(("xmin", "ymin", "xmax", "ymax"), (round(each, 7) for each in box), strict=True))
    where = {
        "geometry": json.dumps(envelope, separators=(",", ":")),
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }
    return await _queried(asking, layer, where)


async def features_with_id(asking: Asking, layer: ParcelLayer, parcel_id: str) -> Features:
    """The features of a parcel; none where its id is no id of the layer. Ids are words in layers that can be asked."""
    wanted = _ID.fullmatch(parcel_id)
    clause = f"{layer.id} = '{parcel_id}'"
    return await _queried(asking, layer, {"where": clause}) if wanted else Features((), "")


async def features_with_address(asking: Asking, layer: ParcelLayer, address: Address) -> Features:
    """The parcels whose address holds the house number and the longest word of the street."""
    clause = address_clause(layer, address)
    return await _queried(asking, layer, {"where": clause}) if clause else Features((), "")


def address_clause(layer: ParcelLayer, address: Address) -> str:
    """The condition in SQL; empty where the layer or the address lacks a part. Of the words only letters and digits go in."""
    number = "".join(_WORD.findall(address.number.upper()))
    word = max(_WORD.findall(address.street.upper()), key=len, default="")
    fields = layer.address
    if not number or not word:
        return ""
    if fields.line:
        return f"UPPER({fields.line}) LIKE '{number} %{word}%'"
    if fields.number and fields.street:
        return f"{fields.number} = '{number}' AND UPPER({fields.street}) LIKE '%{word}%'"
    return ""


def box_around(x: float, y: float, feet: float) -> tuple[float, float, float, float]:
    """West, south, east and north of a box so many feet about a place."""
    high = feet / FEET_OF_DEGREE
    wide = high / max(math.cos(math.radians(y)), 0.05)
    return (x - wide, y - high, x + wide, y + high)


async def _queried(asking: Asking, layer: ParcelLayer | ZoningLayer, where: Mapping[str, str]) -> Features:
    """All pages of an answer. Raises SourceUnavailable where it has more than are read, for a part is no answer."""
    found: list[Feature] = []
    received, spoken = 0, frozenset(layer.shown.values())
    for _ in range(MOST_PAGES):
        url = _query(layer, where, received)
        answer = await asking.get(url, layer.name)
        # A thread's: outlines of whole districts take long to read, and others are answered here meanwhile.
        page = await asyncio.to_thread(page_in, answer.content, layer.name, layer.fields, spoken)
        found += page.features
        received += page.received
        if not page.more or not page.received:
            return Features(tuple(found), answer.retrieved_at.isoformat(timespec="seconds"))
    raise SourceUnavailable(f"{layer.name} has more than {received} features for one address")


def _query(layer: ParcelLayer | ZoningLayer, where: Mapping[str, str], offset: int) -> URL:
    asked = {
        "where": "1=1",
        **where,
        "outFields": ",".join(layer.fields),
        "returnGeometry": "true",
        "geometryPrecision": "7",
        "outSR": "4326",
        "resultRecordCount": str(PAGE),
        "f": "json",
    }
    return URL(f"{layer.url}/query").with_query(
        {**asked, **({"resultOffset": str(offset)} if offset else {})}
    )
