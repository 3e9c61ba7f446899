"""GET /v1/releases, what is known of one, POST /v1/releases/{release}/steer, and GET /v1/bundles/{bundle}."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from plotlot.domain.verdicts import Action
from plotlot.gateway.inputs import NameText, QuestionText, Text
from plotlot.gateway.releases.judge_client import JudgeClient

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


class SteerRequest(BaseModel):
    """A person's decision over the judge's, and the reason, which is kept with the release."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"action": "abort", "by": "jo", "why": "the county changed its parcel numbers"}]
        },
    )

    action: Action
    by: NameText = Field(min_length=1, pattern=r"\S")
    why: QuestionText = Field(min_length=1, pattern=r"\S")


def router(judge: JudgeClient) -> APIRouter:
    """The routes of releases and bundles."""
    routes = APIRouter(tags=["releases"])

    @routes.get("/v1/releases")
    async def releases(limit: Limit = 20) -> dict[str, Any]:
        """Releases, the newest first: stage, weight, and the last verdict with its reason."""
        return {"releases": await judge.releases(limit)}

    @routes.get("/v1/releases/{release}")
    async def release(release: Text) -> dict[str, Any]:
        """One release: its evidence for each guardrail, how that grew, and its verdicts."""
        return await judge.release(release)

    @routes.get("/v1/releases/{release}/pairs")
    async def pairs(release: Text, limit: Limit = 50) -> dict[str, Any]:
        """Answers of both bundles that differ, those that count most against the candidate first."""
        return {"pairs": await judge.pairs(release, limit)}

    @routes.get("/v1/releases/{release}/harmed")
    async def harmed(release: Text, limit: Limit = 50) -> dict[str, Any]:
        """Requests of users that the candidate failed or kept waiting."""
        return {"harmed": await judge.harmed(release, limit)}

    @routes.post("/v1/releases/{release}/steer")
    async def steer(release: Text, body: SteerRequest) -> dict[str, Any]:
        """Promote or abort a release, or stop or start its shadow, over the judge's verdict."""
        return await judge.steer(release, body.action, body.by, body.why)

    @routes.get("/v1/bundles/{bundle}")
    async def bundle(bundle: Text) -> dict[str, Any]:
        """A bundle's manifest."""
        return await judge.bundle(bundle)

    return routes
