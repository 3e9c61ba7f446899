"""The page that compares lots. Its address holds all that it shows; it works without JavaScript."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from plotlot.gateway.answers import Answers
from plotlot.gateway.comparisons.comparing import Comparing
from plotlot.gateway.comparisons.comparison import MOST_COMPARED
from plotlot.gateway.comparisons.drawing import drawings_of
from plotlot.gateway.inputs import AddressText, NameText
from plotlot.gateway.inquiries import Question
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.origins import from_another_site

Compared = Annotated[list[NameText], Query(default_factory=list)]


def router(comparing: Comparing, answers: Answers, renderer: Renderer) -> APIRouter:
    """The routes of this page."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/compare")
    async def compare(id: Compared) -> HTMLResponse:
        found = await comparing.of(id)
        ids = [report["id"] for report in found.reports]
        return renderer.page(
            "compare.html",
            comparison=found,
            drawings=[Markup(svg) for svg in drawings_of(found.reports, found.names)],
            ids=ids,
            without=[address_of([other for other in ids if other != each]) for each in ids],
            room=MOST_COMPARED - len(ids),
            towns=await answers.town_names() if len(ids) < MOST_COMPARED else [],
        )

    @routes.get("/compare/add")
    async def add(
        request: Request,
        id: Compared,
        address: AddressText = "",
        parcel_id: NameText = "",
        municipality: NameText = "",
    ) -> RedirectResponse:
        if from_another_site(request.headers):  # its links may show a comparison, and people add to it
            return RedirectResponse(address_of(id), 303, {"Cache-Control": "no-store"})
        ids = await comparing.with_lot(id, Question(address, parcel_id, municipality))
        return RedirectResponse(address_of(ids), 303, {"Cache-Control": "no-store"})

    return routes


def address_of(ids: list[str]) -> str:
    """Where analyses are compared."""
    return f"/compare?{urlencode({'id': ids}, doseq=True)}" if ids else "/compare"
