"""POST /v1/search: the sections of codes that a query is about."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import NameText, QuestionText


class SearchRequest(BaseModel):
    """What to search for, and where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "rear yard", "municipality": "Larkfield, OH"}]},
    )

    query: QuestionText = Field(min_length=1)
    municipality: NameText = ""
    k: int = Field(default=10, ge=1, le=100, description="Results wanted.")
    method: Literal["fused", "bm25", "vector"] = "fused"


def router(answers: Answers) -> APIRouter:
    """The routes of search."""
    routes = APIRouter(tags=["search"])

    @routes.post("/v1/search")
    async def search(request: SearchRequest) -> dict[str, Any]:
        """Hybrid search over sections, with the scores of both rankings."""
        return await answers.search(request.query, request.municipality, request.k, request.method)

    return routes
