"""The generations of the search index: GET and POST /v1/index/generations, and what becomes of one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.building_events import build_events, generation_json
from plotlot.gateway.clients import Clients
from plotlot.gateway.events import event_response, last, wants_events
from plotlot.gateway.inputs import NameText
from plotlot.gateway.jobs.building import GENERATION
from plotlot.gateway.jobs.queue import ACCEPTED, Queue, accepted, prefers_job

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class BuildRequest(BaseModel):
    """The municipalities whose documents the generation is to hold; none means all."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"municipalities": ["Larkfield, OH"]}]}
    )

    municipalities: list[NameText] = Field(default_factory=list, max_length=1000)


def router(clients: Clients, queue: Queue) -> APIRouter:
    """The routes of the index."""
    routes = APIRouter(tags=["index"])

    @routes.get("/v1/index/generations")
    async def generations() -> dict[str, Any]:
        """Every generation, the oldest first, and how much of what is stored it holds."""
        return {"generations": [generation_json(one) for one in await clients.generations()]}

    @routes.post("/v1/index/generations", status_code=201, response_model=None, responses=ACCEPTED)
    async def build(request: Request, body: BuildRequest) -> dict[str, Any] | Response:
        """Build one beside the live one; with `Accept: text/event-stream`, its progress by document, and with
        `Prefer: respond-async` as a job."""
        if prefers_job(request):
            asked = {"municipalities": body.municipalities}
            return accepted(await queue.add(request, GENERATION, asked))
        events = build_events(clients, body.municipalities)
        return event_response(events) if wants_events(request) else await last(events)

    @routes.post("/v1/index/generations/{generation}/use")
    async def use(generation: Number) -> dict[str, Any]:
        """Make a ready generation the live one; the one that was live is ready from then on."""
        return generation_json(await clients.use_generation(generation))

    @routes.post("/v1/index/generations/{generation}/retire")
    async def retire(generation: Number) -> dict[str, Any]:
        """Remove what a generation holds; bundles can name it no more."""
        return generation_json(await clients.retire_generation(generation))

    return routes
