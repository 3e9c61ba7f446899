"""GET /v1/municipalities, their districts, and the standards of a district."""

from typing import Any

from fastapi import APIRouter

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import Text


def router(answers: Answers) -> APIRouter:
    """The routes of municipalities. Their names hold commas and spaces: percent-encode them."""
    routes = APIRouter(tags=["municipalities"])

    @routes.get("/v1/municipalities")
    async def municipalities() -> dict[str, Any]:
        """Every municipality with an ingested code, and what is stored of it."""
        return {"municipalities": await answers.municipalities()}

    @routes.get("/v1/municipalities/{municipality}/districts")
    async def districts(municipality: Text) -> dict[str, Any]:
        """The districts that the code defines; reads the code where that was not done yet."""
        return await answers.districts(municipality)

    @routes.get("/v1/municipalities/{municipality}/districts/{district:path}/standards")
    async def standards(municipality: Text, district: Text) -> dict[str, Any]:
        """Every standard of a district, the least conditioned of each field first, with its quote."""
        return await answers.standards(municipality, district)

    return routes
