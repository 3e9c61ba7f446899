"""POST /v1/ask: a question in words, answered in quotes."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import NameText, QuestionText


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


def router(answers: Answers) -> APIRouter:
    """The routes of questions."""
    routes = APIRouter(tags=["ask"])

    @routes.post("/v1/ask")
    async def ask(request: AskRequest) -> dict[str, Any]:
        """Answer from the code, in quotes that stand in it character for character, or refuse."""
        return await answers.ask(request.question, request.municipality)

    return routes
