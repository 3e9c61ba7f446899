"""POST /v1/parcels: import the parcels of a municipality."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile

from plotlot.gateway.clients import Clients
from plotlot.gateway.inputs import NameText, checked
from plotlot.gateway.routes.documents import pieces


def router(clients: Clients) -> APIRouter:
    """The routes of parcels."""
    routes = APIRouter(tags=["parcels"])

    @routes.post("/v1/parcels")
    async def import_parcels(
        file: UploadFile, municipality: Annotated[NameText, Form(examples=["Larkfield, OH"])]
    ) -> dict[str, Any]:
        """Import parcels from GeoJSON or CSV, all or none; importing the same file twice changes nothing."""
        name = checked(file.filename or "parcels", "file")
        response = await clients.import_parcels(municipality, name, pieces(file))
        return {
            "municipality": municipality,
            "added": response.added,
            "replaced": response.replaced,
            "unchanged": response.unchanged,
            "warnings": list(response.warnings),
        }

    return routes
