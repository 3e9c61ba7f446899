"""The page of a district: its standards beside their quotes, and what readers say of them."""

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.answers import Answers
from plotlot.gateway.callers import caller_of
from plotlot.gateway.feedback.request import remark_typed
from plotlot.gateway.feedback.store import FeedbackStore
from plotlot.gateway.ids import new_id
from plotlot.gateway.inputs import NameText, Text
from plotlot.gateway.reports.view import groups_of
from plotlot.gateway.web.forms import FormProblem, form_of
from plotlot.gateway.web.rendering import Renderer, page_route

Json = dict[str, Any]


def router(answers: Answers, feedback: FeedbackStore, renderer: Renderer) -> APIRouter:
    """The routes of districts."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/towns/{municipality}/{district:path}")
    async def district(municipality: Text, district: Text, thanks: NameText = "") -> HTMLResponse:
        return district_page(renderer, await answers.standards(municipality, district), thanks)

    @routes.post("/towns/{municipality}/{district:path}")
    async def remark(request: Request, municipality: Text, district: Text) -> Response:
        found = await answers.standards(municipality, district)
        typed = await form_of(request)
        place = typed.get("place", "")[:200]
        try:
            body = remark_typed(typed, municipality=found["municipality"])
        except InvalidRequest as error:
            return district_page(renderer, found, problem=FormProblem(place, error, typed))
        await feedback.add(caller_of(request.scope), body.remark(new_id("fb"), found, found["bundle"]))
        query = urlencode({"thanks": place})
        return RedirectResponse(
            f"{path_of(found)}?{query}#{quote(place)}", 303, {"Cache-Control": "no-store"}
        )

    return routes


def district_page(
    renderer: Renderer, found: Json, thanks: str = "", problem: FormProblem | None = None
) -> HTMLResponse:
    """The page of one district, with a form that was refused open at its place."""
    places = {id(standard): place for place, standard in enumerate(found["standards"])}
    return renderer.page(
        "district.html",
        422 if problem else 200,
        municipality=found["municipality"],
        district={"code": found["district"], "name": found["district_name"]},
        groups=groups_of(found["standards"]),
        place=lambda standard: places[id(standard)],
        marks={"action": path_of(found), "problem": problem, "thanks": thanks},
    )


def path_of(found: Json) -> str:
    """Where the page of a district is."""
    return f"/towns/{quote(found['municipality'], safe='')}/{quote(found['district'], safe='')}"
