"""GET /v1/municipalities, their districts, and the standards of a district."""

from typing import Any

from fastapi import APIRouter, Request

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import Text
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import MOST_LISTED, Cursor, Limit, page, place_at


def router(answers: Answers) -> APIRouter:
    """The routes of municipalities. Their names hold commas and spaces: percent-encode them."""
    routes = APIRouter(tags=["municipalities"], route_class=ConditionalRoute)

    @routes.get("/v1/municipalities")
    async def municipalities(
        request: Request, limit: Limit = MOST_LISTED, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """Every municipality with an ingested code, by name, and what is stored of it."""
        place = place_at(cursor, 1)
        towns = [town for town in await answers.municipalities() if place is None or town["name"] > place[0]]
        towns.sort(key=lambda town: str(town["name"]))
        shown = towns[:limit]
        last = (shown[-1]["name"],) if len(towns) > limit else None
        return page(request, "municipalities", shown, limit, last)

    @routes.get("/v1/municipalities/{municipality}/districts")
    async def districts(municipality: Text) -> dict[str, Any]:
        """The districts that the code defines; reads the code where that was not done yet."""
        return await answers.districts(municipality)

    @routes.get("/v1/municipalities/{municipality}/districts/{district:path}/standards")
    async def standards(municipality: Text, district: Text) -> dict[str, Any]:
        """Every standard of a district, the least conditioned of each field first, with its quote."""
        return await answers.standards(municipality, district)

    return routes
