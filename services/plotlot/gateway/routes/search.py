"""POST /v1/search: the sections of codes that a query is about."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.gateway.clients import Clients
from plotlot.gateway.inputs import NameText, QuestionText
from plotlot.gateway.search_results import result_json


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


def router(clients: Clients) -> APIRouter:
    """The routes of search."""
    routes = APIRouter(tags=["search"])

    @routes.post("/v1/search")
    async def search(request: SearchRequest) -> dict[str, Any]:
        """Hybrid search over sections, with the scores of both rankings."""
        method = retrieval_pb2.Method.Value(f"METHOD_{request.method.upper()}")
        results = await clients.search(request.query, request.municipality, request.k, method)
        return {"results": [result_json(result) for result in results]}

    return routes
