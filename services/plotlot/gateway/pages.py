"""The web page: ask, read the report, and check the codes behind it. Works without JavaScript."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from plotlot.gateway import static_files
from plotlot.gateway.answers import Answers
from plotlot.gateway.events import last
from plotlot.gateway.inputs import AddressText, NameText, QuestionText
from plotlot.gateway.inquiries import Question
from plotlot.gateway.rendering import Renderer, page_route


def router(answers: Answers, renderer: Renderer) -> APIRouter:
    """The routes of the page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    add_analysis(routes, renderer, answers)
    routes.include_router(static_files.router(renderer.files))
    return routes


def add_analysis(routes: APIRouter, renderer: Renderer, answers: Answers) -> None:
    """The address box, and questions in words."""

    @routes.get("/analyze")
    async def analyze(
        address: AddressText = "", parcel_id: NameText = "", municipality: NameText = ""
    ) -> RedirectResponse:
        report = await last(answers.analyze(Question(address, parcel_id, municipality)))
        return RedirectResponse(f"/analyses/{report['id']}", 303, {"Cache-Control": "no-store"})

    @routes.get("/ask")
    async def ask(question: QuestionText = "", municipality: NameText = "") -> HTMLResponse:
        towns = await answers.town_names()
        answer = await answers.ask(question, municipality) if question.strip() else None
        return renderer.page(
            "ask.html", towns=towns, question=question, municipality=municipality, answer=answer
        )
