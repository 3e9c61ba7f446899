"""POST /v1/analyses and GET /v1/analyses/{id}."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from plotlot.gateway.answers import Answers
from plotlot.gateway.events import event_response, last, wants_events
from plotlot.gateway.inputs import AddressText, NameText, Text
from plotlot.gateway.inquiries import Question
from plotlot.rpc.context import is_shadow


class AnalysisRequest(BaseModel):
    """An address, or a parcel's id."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"address": "100 S Main Street", "municipality": "Larkfield, OH"}]},
    )

    address: AddressText = ""
    parcel_id: NameText = ""
    municipality: NameText = ""


def router(answers: Answers) -> APIRouter:
    """The routes of analyses."""
    routes = APIRouter(tags=["analyses"])

    @routes.post("/v1/analyses", status_code=201, response_model=None)
    async def analyze(
        request: Request, response: Response, body: AnalysisRequest
    ) -> dict[str, Any] | Response:
        """What may be built on a lot; with `Accept: text/event-stream`, the stages as they end."""
        events = answers.analyze(Question(body.address, body.parcel_id, body.municipality))
        if wants_events(request):
            return event_response(events)
        report = await last(events)
        if is_shadow():
            response.status_code = 200  # nothing was created
        else:
            response.headers["Location"] = f"/v1/analyses/{report['id']}"
        return report

    @routes.get("/v1/analyses/{analysis}")
    async def get(analysis: Text) -> dict[str, Any]:
        """An analysis as it was answered."""
        report, _ = await answers.report(analysis)
        return report

    @routes.get("/v1/analyses/{analysis}/drawing.svg")
    async def drawing(analysis: Text) -> Response:
        """The lot and its envelope, drawn to scale."""
        _, svg = await answers.report(analysis)
        return Response(svg, media_type="image/svg+xml")

    return routes
