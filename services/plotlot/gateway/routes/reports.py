"""What an analysis is besides JSON: a PDF, what changed since, and links for readers without an account."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import Text
from plotlot.gateway.sharing.sharing import LONGEST_DAYS, Sharing
from plotlot.gateway.web.report_documents import Documents, attachment
from plotlot.http.conditional import ConditionalRoute

Json = dict[str, Any]
PDF = "application/pdf"


class ShareRequest(BaseModel):
    """For how long a link shows what is shared."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [{"expires_in_days": 30}]}
    )

    expires_in_days: float | None = Field(
        default=None, gt=0, le=LONGEST_DAYS, description="Without it, until the link is taken back."
    )


def router(answers: Answers, sharing: Sharing, documents: Documents) -> APIRouter:
    """The routes of reports."""
    routes = APIRouter(tags=["analyses"], route_class=ConditionalRoute)

    @routes.get("/v1/analyses/{analysis}/changes")
    async def changes(analysis: Text) -> Json:
        """What asking again today would change: units, facts, documents, and standards side by side."""
        return await answers.changes(analysis)

    @routes.get(
        "/v1/analyses/{analysis}/report.pdf",
        response_class=Response,
        responses={200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    async def pdf(analysis: Text) -> Response:
        """The report as a PDF."""
        report, drawing = await answers.report(analysis)
        return attachment(await documents.pdf(report, drawing), f"plotlot-{report['id']}.pdf", PDF)

    @routes.post("/v1/analyses/{analysis}/shares", status_code=201)
    async def share(request: Request, response: Response, analysis: Text, body: ShareRequest) -> Json:
        """Make a link that shows this analysis to whoever has it; its `url` is told this once."""
        response.headers["Cache-Control"] = "no-store"
        return await sharing.share(request, analysis, body.expires_in_days)

    @routes.get("/v1/analyses/{analysis}/shares")
    async def shares(analysis: Text) -> Json:
        """The links to an analysis, the newest first."""
        return {"shares": await sharing.links(analysis)}

    @routes.delete("/v1/analyses/{analysis}/shares/{share}")
    async def revoke(analysis: Text, share: Text) -> Json:
        """Take a link back: it shows nothing any more."""
        return await sharing.revoke(analysis, share)

    return routes
