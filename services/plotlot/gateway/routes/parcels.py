"""GET /v1/addresses and POST /v1/parcels: look for parcels, and import those of a municipality."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, UploadFile

from plotlot.gateway.answers import Answers
from plotlot.gateway.clients import Clients
from plotlot.gateway.inputs import AddressText, NameText, checked
from plotlot.gateway.routes.documents import pieces
from plotlot.http.conditional import ConditionalRoute

MOST_SUGGESTED = 20
Typed = Annotated[AddressText, Query(min_length=1, description="What was typed of an address so far.")]
Municipality = Annotated[NameText, Query(description="Only parcels of this municipality.")]
Suggested = Annotated[int, Query(ge=1, le=MOST_SUGGESTED, description="At most so many.")]


def router(clients: Clients, answers: Answers) -> APIRouter:
    """The routes of parcels."""
    routes = APIRouter(tags=["parcels"], route_class=ConditionalRoute)

    @routes.get("/v1/addresses")
    async def addresses(q: Typed, municipality: Municipality = "", limit: Suggested = 8) -> dict[str, Any]:
        """The parcels that an address still being typed may mean: those that go on as it was typed, else those with its
        number and words that begin so, else those that are near."""
        return {"addresses": await answers.addresses(q, municipality, limit)}

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
