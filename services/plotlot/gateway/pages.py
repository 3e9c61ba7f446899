"""The web page: ask, read the report, and check the codes behind it. Works without JavaScript."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from plotlot.gateway import static_files
from plotlot.gateway.answers import Answers
from plotlot.gateway.events import last
from plotlot.gateway.inputs import AddressText, NameText, QuestionText, Text
from plotlot.gateway.inquiries import Question
from plotlot.gateway.rendering import Renderer, page_route
from plotlot.gateway.report_view import groups_of, view_of


def router(answers: Answers, renderer: Renderer) -> APIRouter:
    """The routes of the page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    add_analysis(routes, renderer, answers)
    routes.include_router(static_files.router(renderer.files))
    return routes


def add_analysis(routes: APIRouter, renderer: Renderer, answers: Answers) -> None:
    """The address box, the report, and questions in words."""

    @routes.get("/analyze")
    async def analyze(
        address: AddressText = "", parcel_id: NameText = "", municipality: NameText = ""
    ) -> RedirectResponse:
        report = await last(answers.analyze(Question(address, parcel_id, municipality)))
        return RedirectResponse(f"/analyses/{report['id']}", 303, {"Cache-Control": "no-store"})

    @routes.get("/analyses/{id}")
    async def report(id: Text) -> HTMLResponse:
        found, drawing = await answers.report(id)
        return report_page(renderer, found, drawing, saved=False)

    @routes.get("/analyses/{id}/report.html")
    async def saved_report(id: Text) -> HTMLResponse:
        found, drawing = await answers.report(id)
        page = report_page(renderer, found, drawing, saved=True)
        page.headers["Content-Disposition"] = f'attachment; filename="plotlot-{found["id"]}.html"'
        return page

    @routes.get("/ask")
    async def ask(question: QuestionText = "", municipality: NameText = "") -> HTMLResponse:
        towns = await answers.town_names()
        answer = await answers.ask(question, municipality) if question.strip() else None
        return renderer.page(
            "ask.html", towns=towns, question=question, municipality=municipality, answer=answer
        )


def report_page(renderer: Renderer, report: dict, drawing: str, saved: bool) -> HTMLResponse:
    """The page of one analysis, complete in itself; a saved one has no links back."""
    return renderer.document(
        "report.html", report=report, view=view_of(report), drawing=Markup(drawing), saved=saved
    )
