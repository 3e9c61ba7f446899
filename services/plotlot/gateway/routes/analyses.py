"""POST /v1/analyses and GET /v1/analyses/{id}."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.caching.answers import AnswerCache, compact, normal, status_of
from plotlot.gateway.inputs import AddressText, NameText, Text
from plotlot.gateway.inquiries import Question
from plotlot.gateway.reports.facts_request import FactsRequest
from plotlot.gateway.web.events import event_response, last, wants_events
from plotlot.http.conditional import ConditionalRoute
from plotlot.rpc.context import is_shadow


class AnalysisRequest(BaseModel):
    """An address, or a parcel's id; and facts that are to take the place of what the source says of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"address": "100 S Main Street", "municipality": "Larkfield, OH"},
                {
                    "address": "100 S Main Street",
                    "municipality": "Larkfield, OH",
                    "facts": {"lot_area_sqft": 40000, "lot_kind": "corner"},
                },
            ]
        },
    )

    address: AddressText = ""
    parcel_id: NameText = ""
    municipality: NameText = ""
    facts: FactsRequest = Field(default_factory=FactsRequest)
    rerun_of: NameText = Field(default="", description="The analysis of this parcel that is asked again.")

    @property
    def question(self) -> Question:
        """The question. Raises InvalidRequest."""
        return Question(
            self.address, self.parcel_id, self.municipality, self.facts.stated, self.rerun_of.strip()
        )


def router(answers: Answers, cache: AnswerCache) -> APIRouter:
    """The routes of analyses."""
    routes = APIRouter(tags=["analyses"], route_class=ConditionalRoute)

    @routes.post("/v1/analyses", status_code=201, response_model=None)
    async def analyze(request: Request, body: AnalysisRequest) -> Response:
        """What may be built on a lot; with `Accept: text/event-stream`, the stages as they end.

        While nothing that it rests on changes, the same question gets the same analysis.
        """
        question = body.question
        if wants_events(request):
            await cache.state_of(question.municipality)
            return event_response(answers.analyze(question))

        async def make() -> bytes:
            report = await last(answers.analyze(question))
            return f"{report['id']}\n{compact(report)}".encode()

        kept, result = await cache.answer("analyze", asked_of(question), make, question.municipality)
        identifier, _, content = kept.partition(b"\n")
        if is_shadow():
            return Response(content, 200, media_type="application/json")  # nothing was created
        headers = {"Location": f"/v1/analyses/{identifier.decode()}", "Cache-Status": status_of(result)}
        return Response(content, 201, headers, media_type="application/json")

    @routes.get("/v1/analyses/{analysis}")
    async def get(analysis: Text) -> dict[str, Any]:
        """An analysis as it was answered; it never changes."""
        report, _ = await answers.report(analysis)
        return report

    @routes.get("/v1/analyses/{analysis}/drawing.svg")
    async def drawing(analysis: Text) -> Response:
        """The lot and its envelope, drawn to scale."""
        _, svg = await answers.report(analysis)
        return Response(svg, media_type="image/svg+xml")

    return routes


def asked_of(question: Question) -> tuple[str, ...]:
    """A question in its normal form: addresses and municipalities are found however they are cased."""
    return (
        normal(question.address).casefold(),
        normal(question.parcel_id),
        normal(question.municipality).casefold(),
        compact(question.facts.given) if question.facts.given else "",
        question.rerun_of,
    )
