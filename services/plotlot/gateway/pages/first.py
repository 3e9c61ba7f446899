"""The form of the first page, where no script sends it, and the files that pages link."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import AddressText, NameText
from plotlot.gateway.inquiries import Question
from plotlot.gateway.web import static_files
from plotlot.gateway.web.events import last
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.origins import from_another_site


def router(answers: Answers, renderer: Renderer) -> APIRouter:
    """The routes of the page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    add_analysis(routes, renderer, answers)
    routes.include_router(static_files.router(renderer.files))
    return routes


def add_analysis(routes: APIRouter, renderer: Renderer, answers: Answers) -> None:
    """The address box."""

    @routes.get("/analyze")
    async def analyze(
        request: Request, address: AddressText = "", parcel_id: NameText = "", municipality: NameText = ""
    ) -> RedirectResponse:
        if from_another_site(request.headers):  # its links may ask, and people decide
            return RedirectResponse(f"/?{request.url.query}", 303, {"Cache-Control": "no-store"})
        report = await last(answers.analyze(Question(address, parcel_id, municipality)))
        return RedirectResponse(f"/analyses/{report['id']}", 303, {"Cache-Control": "no-store"})
