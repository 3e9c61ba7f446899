"""A county on a replaying server: a geocoder as the Census Bureau's, and layers of parcels and zoning as of ArcGIS."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from replayed_sources import Asked, ReplayingServer, Reply

from plotlot.domain.addresses import parse_address

X, Y = -83.5600, 40.5900
STEP = 0.0004  # degrees from lot to lot, which are 0.0003 wide: about 83 feet, and 109 deep
WKT = {"wkid": 4326, "latestWkid": 4326}
JSON = {"content-type": "application/json"}


def rectangle(west: float, south: float, wide: float = 0.0003, high: float = 0.0003) -> list[list[float]]:
    """A ring as ArcGIS writes outer ones: clockwise, its first point again at its end."""
    east, north = west + wide, south + high
    return [[west, south], [west, north], [east, north], [east, south], [west, south]]


def feature(attributes: Mapping[str, Any], *rings: list[list[float]]) -> dict[str, Any]:
    """A feature of a layer."""
    return {"attributes": dict(attributes), **({"geometry": {"rings": list(rings)}} if rings else {})}


def answer_of(features: list[dict[str, Any]], **also: Any) -> Reply:
    """A layer's answer to a query."""
    names = list(features[0]["attributes"]) if features else []
    document = {
        "objectIdFieldName": "OBJECTID",
        "geometryType": "esriGeometryPolygon",
        "spatialReference": WKT,
        "fields": [{"name": name, "alias": name, "type": "esriFieldTypeString"} for name in names],
        "features": features,
        **also,
    }
    return Reply(body=json.dumps(document).encode(), headers=JSON)


def match_of(address: str, x: float, y: float, **also: Any) -> dict[str, Any]:
    """A match of the geocoder, in the town of the example unless ``also`` says otherwise."""
    return {
        "matchedAddress": address.upper(),
        "coordinates": {"x": x, "y": y},
        "tigerLine": {"tigerLineId": "1", "side": "L"},
        "addressComponents": {"fromAddress": "400", "toAddress": "498", "city": "LARKFIELD", "state": "OH"},
        "geographies": {
            "States": [{"STUSAB": "OH", "BASENAME": "Ohio"}],
            "Counties": [{"GEOID": "39999", "BASENAME": "Lark"}],
            "County Subdivisions": [{"BASENAME": "Lark", "FUNCSTAT": "A"}],
            "Incorporated Places": [{"BASENAME": "Larkfield", "NAME": "Larkfield village", "FUNCSTAT": "A"}],
            **also,
        },
    }


def geocoded(*matches: dict[str, Any]) -> Reply:
    """The geocoder's answer."""
    document = {"result": {"input": {}, "addressMatches": list(matches)}}
    return Reply(body=json.dumps(document).encode(), headers={**JSON, "cache-control": "no-store"})


@dataclass
class County:
    """Lots of Willow Street, of which ``addresses`` are in the district ``district``; each may be changed."""

    server: ReplayingServer
    addresses: list[str] = field(
        default_factory=lambda: [f"{number} WILLOW ST" for number in (400, 402, 404)]
    )
    district: str = "R-1"

    def __post_init__(self) -> None:
        self.server.answers |= {
            "/geocoder/geographies/onelineaddress": self.geocode,
            "/parcels/query": self.parcels,
            "/zoning/query": self.zoning,
        }

    @property
    def configuration(self) -> dict[str, Any]:
        """As an operator would write it."""
        url = self.server.url
        return {
            "geocoder": {"name": "Test geocoder", "url": f"{url}/geocoder"},
            "regions": [
                {
                    "name": "Lark County",
                    "county": "39999",
                    "state": "OH",
                    "unincorporated": "Lark County, OH",
                    "parcels": [
                        {
                            "name": "Lark County Auditor",
                            "url": f"{url}/parcels",
                            "id": "PARCEL",
                            "address": {"line": "SITE_ADDR"},
                            "lot_area": {"field": "ACRES", "unit": "acres"},
                            "shown": {"land_use": "USE"},
                        }
                    ],
                    "zoning": [
                        {
                            "name": "Lark County zoning",
                            "url": f"{url}/zoning",
                            "district": "ZONE",
                            "passes": ["NONE"],
                        }
                    ],
                }
            ],
        }

    def geocode(self, asked: Asked) -> Reply:
        """The places of an address of the county, by its house number; nothing of others."""
        wanted = parse_address(asked.query["address"])
        for at, address in enumerate(self.addresses):
            if parse_address(address).line == wanted.line:
                return geocoded(match_of(f"{address}, LARKFIELD, OH", X + at * STEP, Y))
        return geocoded()

    def parcels(self, asked: Asked) -> Reply:
        """The lots that touch a box, or whose address is like the one asked for."""
        lots = [
            (
                {
                    "PARCEL": f"L-{at}",
                    "SITE_ADDR": address,
                    "ACRES": 0.2084,
                    "USE": "Residence",
                    "OBJECTID": at,
                },
                X + at * STEP,
            )
            for at, address in enumerate(self.addresses)
        ]
        if "geometry" in asked.query:
            box = json.loads(asked.query["geometry"])
            lots = [
                (facts, west) for facts, west in lots if box["xmin"] <= west + 0.0003 and west <= box["xmax"]
            ]
        elif equal := re.fullmatch(r"PARCEL = '([^']*)'", asked.query["where"]):
            lots = [(facts, west) for facts, west in lots if facts["PARCEL"] == equal[1]]
        else:
            pattern = re.search(r"LIKE '([^']*)'", asked.query["where"])
            assert pattern is not None, asked.query
            like = re.compile(pattern[1].replace("%", ".*"))
            lots = [(facts, west) for facts, west in lots if like.fullmatch(facts["SITE_ADDR"])]
        return answer_of([feature(facts, rectangle(west, Y)) for facts, west in lots])

    def zoning(self, asked: Asked) -> Reply:
        """One district over all of it."""
        return answer_of([feature({"ZONE": self.district}, rectangle(X - 0.01, Y - 0.01, 0.05, 0.05))])
