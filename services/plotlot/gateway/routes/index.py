"""The generations of the search index: GET and POST /v1/index/generations, and what becomes of one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.domain.errors import UnknownGeneration
from plotlot.gateway.clients import Clients
from plotlot.gateway.generations.checking import RESULTS, SAMPLED, Asked, Checking
from plotlot.gateway.generations.probes import Evidence, Golden
from plotlot.gateway.inputs import NameText, QuestionText, Text
from plotlot.gateway.jobs.building import GENERATION
from plotlot.gateway.jobs.building_events import build_events, generation_json
from plotlot.gateway.jobs.queue import ACCEPTED, Queue, accepted, prefers_job
from plotlot.gateway.web.events import event_response, last, wants_events

MOST_NUMBER = 2**31 - 1
Generation = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Offset = Annotated[int, Field(ge=0, le=10**9)]


class BuildRequest(BaseModel):
    """The municipalities whose documents the generation is to hold; none means all."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"municipalities": ["Larkfield, OH"]}]}
    )

    municipalities: list[NameText] = Field(default_factory=list, max_length=1000)


class EvidenceRequest(BaseModel):
    """Where a code answers: a quote of it, or the span of a text whose SHA-256 is known."""

    model_config = ConfigDict(extra="forbid")

    quote: Text = Field(default="", max_length=10_000)
    start: Offset = 0
    end: Offset = 0
    sha256: str = Field(default="", pattern="^([0-9a-f]{64})?$")


class GoldenRequest(BaseModel):
    """A question about a town, and where its code answers: any of the places does."""

    model_config = ConfigDict(extra="forbid")

    municipality: NameText = Field(min_length=1)
    question: QuestionText = Field(min_length=1)
    evidence: list[EvidenceRequest] = Field(min_length=1, max_length=20)

    def golden(self) -> Golden:
        """The question as it is looked up."""
        found = (Evidence(each.quote, each.start, each.end, each.sha256) for each in self.evidence)
        return Golden(self.municipality, self.question, tuple(found))


class CheckRequest(BaseModel):
    """What a generation is compared with, and by which questions."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        {
                            "municipality": "Larkfield, OH",
                            "question": "how deep is a front yard",
                            "evidence": [{"quote": "Minimum front yard (ft.)"}],
                        }
                    ]
                }
            ]
        },
    )

    against: Number | None = Field(default=None, description="The other generation; else the live one.")
    questions: list[GoldenRequest] = Field(
        default_factory=list,
        max_length=5000,
        description="Questions of which some place in a stored code is the answer; without any, sections are asked for.",
    )
    results: int = Field(
        default=RESULTS, ge=1, le=100, description="First results among which a place counts."
    )
    sampled: int = Field(
        default=SAMPLED, ge=0, le=5000, description="Sections asked for where no question can be."
    )


class NamedTwice(BaseModel):
    """What is done all the same."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})

    anyway: Number | None = Field(
        default=None, description="The generation's number once more, where what speaks against it is known."
    )


def router(clients: Clients, queue: Queue, checking: Checking) -> APIRouter:
    """The routes of the index."""
    routes = APIRouter(tags=["index"])

    @routes.get("/v1/index/generations")
    async def generations() -> dict[str, Any]:
        """Every generation, the oldest first, and how much of what is stored it holds. One is `building`, `ready`, `live`,
        `retired` or `failed`; of one that failed, `reason` says why, and what to do."""
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

    @routes.post("/v1/index/generations/{generation}/check", response_model=None)
    async def check(
        request: Request, generation: Generation, body: CheckRequest | None = None
    ) -> dict[str, Any] | Response:
        """Compare one with the live one, or another: what it holds, what it finds, and whether what was cited can still
        be looked up; with `Accept: text/event-stream`, its progress."""
        given = body or CheckRequest()
        asked = Asked(
            generation,
            given.against,
            tuple(each.golden() for each in given.questions),
            given.results,
            given.sampled,
        )
        events = checking.check(asked)
        return event_response(events) if wants_events(request) else await last(events)

    @routes.get("/v1/index/generations/{generation}/check")
    async def checked(generation: Generation) -> dict[str, Any]:
        """What the last check of a generation found."""
        found = await checking.newest(generation)
        if found is None:
            raise UnknownGeneration(f"generation {generation} was never checked", field="generation")
        return found

    @routes.post("/v1/index/generations/{generation}/use")
    async def use(generation: Generation, body: NamedTwice | None = None) -> dict[str, Any]:
        """Make a ready generation the live one; the one that was live is ready from then on. One that never served has
        to have passed its check."""
        return generation_json(await clients.use_generation(generation, again(body)))

    @routes.post("/v1/index/generations/{generation}/retire")
    async def retire(generation: Generation, body: NamedTwice | None = None) -> dict[str, Any]:
        """Remove what a generation holds; bundles can name it no more, and where one does, it stays."""
        return generation_json(await clients.retire_generation(generation, again(body)))

    return routes


def again(body: NamedTwice | None) -> int:
    """The number that was named once more; 0 where none was."""
    return (body.anyway if body else None) or 0
