"""GET /v1/municipalities, their districts, and the standards of a district."""

from typing import Any

from fastapi import APIRouter, Request

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import Text
from plotlot.gateway.towns import Towns
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import MOST_LISTED, Cursor, Limit, page, place_at


def router(answers: Answers, towns: Towns) -> APIRouter:
    """The routes of municipalities. Their names hold commas and spaces: percent-encode them."""
    routes = APIRouter(tags=["municipalities"], route_class=ConditionalRoute)

    @routes.get("/v1/municipalities")
    async def municipalities(
        request: Request, limit: Limit = MOST_LISTED, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """Municipalities with an ingested code, by name: what is stored of each, how much of its code was read and how
        fresh that is, and what people said of its values."""
        place = place_at(cursor, 1)
        shown, more = await towns.page(place[0] if place else "", limit)
        return page(request, "municipalities", shown, limit, (shown[-1]["name"],) if more else None)

    @routes.get("/v1/municipalities/{municipality}")
    async def one(municipality: Text) -> dict[str, Any]:
        """The same of one municipality."""
        return await towns.one(municipality)

    @routes.get("/v1/municipalities/{municipality}/districts")
    async def districts(municipality: Text) -> dict[str, Any]:
        """The districts that the code defines; reads the code where that was not done yet."""
        return await answers.districts(municipality)

    @routes.get("/v1/municipalities/{municipality}/districts/{district:path}/standards")
    async def standards(municipality: Text, district: Text) -> dict[str, Any]:
        """Every standard of a district, the least conditioned of each field first, with its quote."""
        return await answers.standards(municipality, district)

    return routes
