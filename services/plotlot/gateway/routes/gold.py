"""POST and GET /v1/gold: questions whose answers are known; GET /v1/shadow: what is asked of a candidate now."""

from typing import Any

from fastapi import APIRouter, Request

from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.delivery.gold_cases import cases_in
from plotlot.gateway.delivery.gold_store import GoldCases
from plotlot.gateway.inputs import content_of

MOST_BYTES = 10_000_000
BODY = {
    "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}


def router(delivery: Delivery, gold: GoldCases) -> APIRouter:
    """The routes of gold cases and of the shadow."""
    routes = APIRouter(tags=["releases"])

    @routes.post("/v1/gold", openapi_extra=BODY)
    async def add(request: Request) -> dict[str, int]:
        """Add gold cases, as a JSON list or as JSON lines, all or none; the same ones again change nothing."""
        cases = cases_in(await content_of(request, MOST_BYTES, "the gold cases"))
        return {"given": len(cases), "added": await gold.add(cases)}

    @routes.get("/v1/gold")
    async def cases() -> dict[str, Any]:
        """Every gold case with its id, and how many there are."""
        found = await gold.all()
        return {
            "count": len(found),
            "cases": [{"id": case.id, **case.model_dump(exclude_defaults=True)} for case in found],
        }

    @routes.get("/v1/shadow")
    async def shadow() -> dict[str, Any]:
        """Whether this gateway asks a candidate what its users ask, why not, and what was sent and dropped."""
        return delivery.state()

    return routes
