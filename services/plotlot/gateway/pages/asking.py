"""/ask: a question in words, answered in quotes; with a script as its parts are found, without one all at once."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import Response

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import NameText, QuestionText
from plotlot.gateway.web.events import Event, event_response, wants_events
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.origins import from_another_site


def router(answers: Answers, renderer: Renderer) -> APIRouter:
    """The route of the page; its script asks the same address for events."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    async def events(question: str, municipality: str) -> AsyncIterator[Event]:
        """The text of each part, and the reply as the page shows it in the place of the whole answer."""
        async for name, data in answers.ask_events(question, municipality):
            if name == "result":
                yield "reply", {"html": renderer.text("reply.html", answer=data)}
            else:
                yield name, data

    @routes.get("/ask")
    async def ask(request: Request, question: QuestionText = "", municipality: NameText = "") -> Response:
        others = from_another_site(request.headers)  # its links may fill in the question, and people ask it
        if wants_events(request) and not others:
            return event_response(events(question, municipality))
        towns = await answers.town_names()
        answer = await answers.ask(question, municipality) if question.strip() and not others else None
        return renderer.page(
            "ask.html", towns=towns, question=question, municipality=municipality, answer=answer
        )

    return routes
