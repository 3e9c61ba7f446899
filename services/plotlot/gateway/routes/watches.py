"""What became of the sections that an analysis cites, and GET, POST and DELETE /v1/watches: who wants to be told of it."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import caller_of
from plotlot.gateway.inputs import NameText, Text
from plotlot.gateway.watching.asking import Watching
from plotlot.gateway.watching.cited import CitedSections
from plotlot.gateway.watching.watches import Watches
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, page, time_at

Changed = Annotated[bool, Query(description="Only those with something to tell.")]


class WatchRequest(BaseModel):
    """What is watched: the sections that an analysis cites, or a municipality's whole code."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"municipality": "Larkfield, OH"}]}
    )

    analysis: NameText = Field(default="", description="The id of the analysis.")
    municipality: NameText = ""

    @model_validator(mode="after")
    def _is_of_one(self) -> Self:
        if bool(self.analysis.strip()) == bool(self.municipality.strip()):
            raise ValueError("give an analysis or a municipality, and not both")
        return self


def router(answers: Answers, sections: CitedSections, watching: Watching, watches: Watches) -> APIRouter:
    """The routes of watches."""
    routes = APIRouter(tags=["watches"], route_class=ConditionalRoute)

    @routes.get("/v1/analyses/{analysis}/sections")
    async def cited(analysis: Text) -> dict[str, Any]:
        """The sections that an analysis cites, and what became of each since: its quotes stay as they were."""
        report, _ = await answers.report(analysis)
        return {"sections": [one.as_json() for one in await sections.of(report)]}

    @routes.post("/v1/watches", status_code=201)
    async def watch(request: Request, body: WatchRequest) -> dict[str, Any]:
        """Ask to be told when what an analysis cites changes, or anything in a town's code."""
        client = caller_of(request.scope).client
        if body.analysis.strip():
            made = await watching.of_analysis(client, body.analysis)
        else:
            made = await watching.of_town(client, body.municipality)
        return made.as_json()

    @routes.get("/v1/watches")
    async def listed(
        request: Request, changed: Changed = False, limit: Limit = 50, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """Watches, the newest first, each with the sections that changed since."""
        found = await watches.page(changed, time_at(cursor), limit + 1)
        shown = found[:limit]
        last = (shown[-1].created_at.isoformat(), shown[-1].id) if len(found) > limit else None
        return page(request, "watches", [one.as_json() for one in shown], limit, last)

    @routes.delete("/v1/watches/{watch}")
    async def ended(watch: Text) -> dict[str, Any]:
        """End a watch."""
        return (await watches.remove(watch)).as_json()

    return routes
