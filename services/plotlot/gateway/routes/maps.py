"""GET /v1/analyses/{analysis}/map.geojson: where a lot is."""

import json

from fastapi import APIRouter
from fastapi.responses import Response

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import Text
from plotlot.gateway.reports.maps import map_of
from plotlot.http.conditional import ConditionalRoute

GEOJSON = "application/geo+json"


def router(answers: Answers) -> APIRouter:
    """The route of maps."""
    routes = APIRouter(tags=["analyses"], route_class=ConditionalRoute)

    @routes.get(
        "/v1/analyses/{analysis}/map.geojson",
        response_class=Response,
        responses={200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    )
    async def map_geojson(analysis: Text) -> Response:
        """The lot, its envelope, its lot lines with their setbacks and the streets it is on, as GeoJSON in longitude and
        latitude; without features where the boundary is not known."""
        report, _ = await answers.report(analysis)
        return Response(json.dumps(map_of(report)), media_type=GEOJSON)

    return routes
