"""POST /v1/ask: a question in words, answered in quotes."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.caching.answers import AnswerCache, cached_json, compact, normal
from plotlot.gateway.inputs import NameText, QuestionText
from plotlot.gateway.web.events import event_response, wants_events


class AskRequest(BaseModel):
    """A question, and the municipality it is about."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "question": "How tall may a house in the R-1 district be?",
                    "municipality": "Larkfield, OH",
                }
            ]
        },
    )

    question: QuestionText = Field(min_length=1)
    municipality: NameText = ""


def router(answers: Answers, cache: AnswerCache) -> APIRouter:
    """The routes of questions."""
    routes = APIRouter(tags=["ask"])

    @routes.post("/v1/ask", response_model=None)
    async def ask(request: Request, body: AskRequest) -> Response:
        """Answer from the code, in quotes that stand in it character for character, or refuse.

        With `Accept: text/event-stream`, the text of each part once its quotes are seen to stand, as `text`, and
        the whole answer as `result`.
        """
        question, municipality = normal(body.question), normal(body.municipality)
        if wants_events(request):
            await cache.state_of(municipality)
            return event_response(answers.ask_events(question, municipality))

        async def make() -> bytes:
            return compact(await answers.ask(question, municipality)).encode()

        return cached_json(*await cache.answer("ask", (question, municipality), make, municipality))

    return routes
