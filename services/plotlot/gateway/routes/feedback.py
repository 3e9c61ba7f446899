"""POST and GET /v1/feedback: a value that is wrong, or missing."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import caller_of
from plotlot.gateway.feedback.request import FeedbackRequest
from plotlot.gateway.feedback.store import FeedbackStore, feedback_json
from plotlot.gateway.ids import new_id
from plotlot.gateway.inputs import NameText
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, page, time_at
from plotlot.rpc.context import current_tenant

Municipality = Annotated[NameText, Query(description="Only remarks on this municipality.")]


def router(feedback: FeedbackStore, answers: Answers, bundle: str) -> APIRouter:
    """The routes of feedback."""
    routes = APIRouter(tags=["feedback"], route_class=ConditionalRoute)

    @routes.post("/v1/feedback", status_code=201)
    async def add(request: Request, response: Response, body: FeedbackRequest) -> dict[str, str]:
        """Say that a value is wrong or missing: it is kept with the bundle that answered and what it showed."""
        report: dict[str, Any] = {}
        if body.analysis.strip():
            report, _ = await answers.report(body.analysis)
        identifier = new_id("fb")
        await feedback.add(caller_of(request.scope), body.remark(identifier, report, bundle))
        return {"id": identifier}

    @routes.get("/v1/feedback")
    async def remarks(
        request: Request, municipality: Municipality = "", limit: Limit = 50, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """Remarks, the newest first, each with the gold case that it proposes."""
        found = await feedback.page(current_tenant(), municipality, time_at(cursor), limit + 1)
        shown = found[:limit]
        last = (shown[-1].created_at.isoformat(), shown[-1].id) if len(found) > limit else None
        return page(request, "feedback", [feedback_json(remark) for remark in shown], limit, last)

    return routes
