"""Refreshes of codes, the towns that they are of, and what publishers list: /v1/refreshes and /v1/coverage."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.inputs import NameText, Text
from plotlot.gateway.jobs.results import EVENTS
from plotlot.gateway.refreshing.following import followed
from plotlot.gateway.refreshing.refresh_client import RefreshClient, Wanted
from plotlot.gateway.routes.jobs import LastEventId, seen, stream_of, streamed
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, page, place_at, time_at

State = Annotated[str, Field(pattern="^([A-Za-z]{2})?$", description="Two letters.")]
Stages = Annotated[
    list[NameText],
    Query(default_factory=list, max_length=12, description="Only towns at this stage; again for each."),
]
OfState = Annotated[str, Query(pattern="^([A-Za-z]{2})?$", description="Only towns of this state.")]
BEGUN: dict[int | str, dict[str, Any]] = {202: {"description": "The refresh, which stands at `Location`."}}


class RefreshRequest(BaseModel):
    """Which towns are to be refreshed: one of `state`, `towns` and `failed`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"state": "FL", "county": "Broward"}, {"towns": ["Miami Beach, FL"]}]
        },
    )

    state: State = ""
    county: NameText = Field(default="", description="One county of the state.")
    towns: list[NameText] = Field(default_factory=list, max_length=1000, description="Towns by name.")
    failed: bool = Field(
        default=False, description="Towns whose last refresh failed, was held back or was cancelled."
    )
    accept: bool = Field(default=False, description="Take codes also where they look wrong.")


class DiscoveryRequest(BaseModel):
    """Where towns are looked for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "FL", "county": "Miami-Dade"}]}
    )

    state: Annotated[str, Field(pattern="^[A-Za-z]{2}$", description="Two letters.")]
    county: NameText = Field(default="", description="One county of it that PlotLot knows.")
    anew: bool = Field(default=False, description="Ask publishers again, however lately they were asked.")


def router(refreshes: RefreshClient) -> APIRouter:
    """The routes of refreshes and coverage."""
    routes = APIRouter(tags=["coverage"], route_class=ConditionalRoute)

    @routes.post("/v1/refreshes", status_code=202, response_model=None, responses=BEGUN)
    async def start(body: RefreshRequest) -> Response:
        """Begin to bring towns' codes up to date. Where the same towns are being refreshed, the answer is that refresh,
        and `new` is false."""
        wanted = Wanted(body.state, body.county, body.towns, body.failed, body.accept)
        begun = await refreshes.start(wanted)
        return JSONResponse(begun, 202, {"Location": f"/v1/refreshes/{begun['id']}"})

    @routes.get("/v1/refreshes")
    async def listed(request: Request, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
        """Refreshes, the newest first."""
        place = time_at(cursor)
        before = (place[0].isoformat(), place[1]) if place else None
        found = await refreshes.page(limit + 1, before)
        shown = found[:limit]
        last = (shown[-1]["begun_at"], shown[-1]["id"]) if len(found) > limit else None
        return page(request, "refreshes", shown, limit, last)

    @routes.get("/v1/refreshes/{refresh}")
    async def one(refresh: Text) -> dict[str, Any]:
        """How far a refresh is: its towns by stage, and how many processes work on refreshes."""
        return await refreshes.one(refresh)

    @routes.get("/v1/refreshes/{refresh}/towns")
    async def towns(
        request: Request, refresh: Text, stage: Stages, limit: Limit = 50, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """The towns of a refresh by name, each with its stage, what was counted of it, and why it was not taken."""
        return await towns_page(request, refresh, stage, "", limit, cursor)

    @routes.get("/v1/refreshes/{refresh}/events", responses=stream_of(EVENTS))
    async def events(refresh: Text, last_event_id: LastEventId = None) -> StreamingResponse:
        """Each town as it changes; the last event, `refresh`, tells how it ended."""
        after = seen(last_event_id)
        await refreshes.one(refresh)
        return streamed(followed(refreshes, refresh, after), EVENTS)

    @routes.delete("/v1/refreshes/{refresh}")
    async def cancel(refresh: Text) -> dict[str, Any]:
        """End a refresh. Towns that it did not come to stay as they were; one that is over stays as it is."""
        return await refreshes.cancel(refresh)

    @routes.get("/v1/coverage")
    async def coverage(
        request: Request,
        stage: Stages,
        state: OfState = "",
        limit: Limit = 50,
        cursor: Cursor = "",
    ) -> dict[str, Any]:
        """Every town that a publisher listed or that was refreshed, by name, as its last refresh left it. Nobody is
        asked."""
        return await towns_page(request, "", stage, state, limit, cursor)

    @routes.post("/v1/coverage:discover")
    async def discover(body: DiscoveryRequest) -> dict[str, Any]:
        """The towns of a state whose codes are published, with what is offered of each. Publishers are asked where what
        they listed is old; while one is away, what it listed last serves, and `problem` says so."""
        return await refreshes.discover(body.state, body.county, body.anew)

    async def towns_page(
        request: Request, refresh: str, stages: list[str], state: str, limit: int, cursor: str
    ) -> dict[str, Any]:
        place = place_at(cursor, 1)
        found = await refreshes.towns(refresh, place[0] if place else "", limit + 1, stages, state)
        shown = found[:limit]
        last = (shown[-1]["municipality"],) if len(found) > limit else None
        return page(request, "towns", shown, limit, last)

    return routes
