"""POST /v1/search: the sections of codes that a query is about."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.caching.answers import AnswerCache, cached_json, compact, normal
from plotlot.gateway.inputs import NameText, QuestionText
from plotlot.gateway.searching.refinements import Refinements

MOST_UNSAID = 10  # results, where nobody says how many
Wanted = Annotated[int | None, Field(ge=1, le=100)]


class SearchRequest(BaseModel):
    """What to search for, and where."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "rear yard", "municipality": "Larkfield, OH"}]},
    )

    query: QuestionText = Field(min_length=1)
    municipality: NameText = ""
    limit: Wanted = Field(default=None, description="Results wanted, 10 without it.")
    k: Wanted = Field(
        default=None, description="What `limit` was called.", json_schema_extra={"deprecated": True}
    )
    method: Literal["fused", "bm25", "vector"] = "fused"
    effective_by: date | None = Field(default=None, description="Only documents in force by this day.")
    effective_since: date | None = Field(
        default=None, description="Only documents that took effect on this day or later."
    )
    district: NameText = Field(
        default="", description="Only sections that name this district of the municipality."
    )
    neighbours: int = Field(default=0, ge=0, le=5, description="Chunks wanted on each side of a result.")
    within_section: bool = Field(default=False, description="Neighbours of the result's section only.")

    @property
    def most(self) -> int:
        """How many results are wanted."""
        return self.limit or self.k or MOST_UNSAID

    def refinements(self) -> Refinements:
        """What is asked besides the words."""
        return Refinements(
            self.effective_by,
            self.effective_since,
            self.district.strip(),
            self.neighbours,
            self.within_section,
        )


def router(answers: Answers, cache: AnswerCache) -> APIRouter:
    """The routes of search."""
    routes = APIRouter(tags=["search"])

    @routes.post("/v1/search", response_model=None)
    async def search(body: SearchRequest) -> Response:
        """Hybrid search over sections, with the scores of both rankings."""
        query, municipality, refinements = normal(body.query), normal(body.municipality), body.refinements()

        async def make() -> bytes:
            found = await answers.search(query, municipality, body.most, body.method, refinements)
            return compact(found).encode()

        asked = (query, municipality, str(body.most), body.method, compact(refinements.asked()))
        return cached_json(*await cache.answer("search", asked, make, municipality))

    return routes
