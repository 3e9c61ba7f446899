"""GET /v1/municipalities, their districts, and the standards of a district."""

from typing import Any

from fastapi import APIRouter

from plotlot.domain.standards import standard_json
from plotlot.gateway.clients import Clients
from plotlot.gateway.inputs import Text


def router(clients: Clients, bundle: str) -> APIRouter:
    """The routes of municipalities. Their names hold commas and spaces: percent-encode them."""
    routes = APIRouter(tags=["municipalities"])

    @routes.get("/v1/municipalities")
    async def municipalities() -> dict[str, Any]:
        """Every municipality with an ingested code, and what is stored of it."""
        return {
            "municipalities": [
                {
                    "name": town.name,
                    "documents": town.documents,
                    "sections": town.sections,
                    "chunks": town.chunks,
                    "parcels": town.parcels,
                    "effective_date": town.effective_date or None,
                    "retrieved_at": town.retrieved_at or None,
                }
                for town in await clients.municipalities()
            ]
        }

    @routes.get("/v1/municipalities/{municipality}/districts")
    async def districts(municipality: Text) -> dict[str, Any]:
        """The districts that the code defines; reads the code where that was not done yet."""
        found = await clients.districts(municipality)
        return {
            "municipality": municipality,
            "bundle": bundle,
            "districts": [
                {"code": district.code, "name": district.name, "standards": district.standards}
                for district in found
            ],
        }

    @routes.get("/v1/municipalities/{municipality}/districts/{district:path}/standards")
    async def standards(municipality: Text, district: Text) -> dict[str, Any]:
        """Every standard of a district, the least conditioned of each field first, with its quote."""
        found = await clients.standards(municipality, district)
        return {
            "municipality": municipality,
            "district": found.code,
            "district_name": found.name,
            "bundle": bundle,
            "standards": [standard_json(standard) for standard in found.standards],
        }

    return routes
