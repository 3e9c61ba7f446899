"""POST and GET /v1/feedback: a value that is wrong, or missing."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from plotlot.domain.standards import FIELD_UNITS
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import caller_of
from plotlot.gateway.feedback import FeedbackStore, evidence_of, feedback_json
from plotlot.gateway.ids import new_id
from plotlot.gateway.inputs import NameText, QuestionText
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, page, time_at
from plotlot.rpc.context import current_tenant

Municipality = Annotated[NameText, Query(description="Only remarks on this municipality.")]


class FeedbackRequest(BaseModel):
    """What is wrong, where. With the id of an analysis, what was shown there is kept as the evidence."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {
                    "kind": "wrong_number",
                    "municipality": "Larkfield, OH",
                    "district": "R-1",
                    "field": "front_setback",
                    "expected": 25,
                    "comment": "Table 4 says 25 feet.",
                }
            ]
        },
    )

    kind: Literal["wrong_number", "wrong_section", "missing", "other"]
    analysis: NameText = Field(default="", description="The id of the analysis that showed it.")
    municipality: NameText = ""
    district: NameText = ""
    field: NameText = Field(default="", description="The standard, e.g. front_setback; empty for the answer.")
    expected: float | None = Field(default=None, ge=0, description="The right value, in the field's unit.")
    comment: QuestionText = ""
    shown: NameText = Field(
        default="", description="The value or section as it was shown, without an analysis."
    )

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.field and self.field not in FIELD_UNITS:
            raise ValueError(f"there is no field {self.field!r}; the fields are {', '.join(FIELD_UNITS)}")
        if not self.analysis.strip() and not self.municipality.strip():
            raise ValueError("name the analysis, or the municipality that it is about")
        return self


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
        await feedback.add(
            caller_of(request.scope),
            {
                "id": identifier,
                "kind": body.kind,
                "analysis_id": report.get("id"),
                "municipality": report.get("municipality", body.municipality.strip()),
                "district": body.district.strip() or report.get("district", ""),
                "field": body.field,
                "expected": body.expected,
                "comment": body.comment.strip(),
                "bundle": report.get("bundle", bundle),
                "evidence": evidence_of(report, body.field) if report else {"shown": body.shown},
            },
        )
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
