"""The pages of places: the address box, and the towns whose codes are here."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plotlot.gateway.answers import Answers
from plotlot.gateway.inputs import AddressText, NameText, Text
from plotlot.gateway.places.view import dates_of, town_view
from plotlot.gateway.towns import Towns
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.paging import Cursor, cursor_at, place_at

TOWNS_SHOWN = 50
DOCUMENTS_SHOWN = 50


def router(answers: Answers, towns: Towns, renderer: Renderer) -> APIRouter:
    """The routes of these pages."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/")
    async def home(address: AddressText = "", municipality: NameText = "") -> HTMLResponse:
        names = await answers.town_names()
        return renderer.page("home.html", towns=names, address=address, municipality=municipality)

    @routes.get("/towns")
    async def listed(cursor: Cursor = "") -> HTMLResponse:
        place = place_at(cursor, 1)
        shown, more = await towns.page(place[0] if place else "", TOWNS_SHOWN)
        following = cursor_at(shown[-1]["name"]) if more else ""
        return renderer.page("towns.html", towns=[town_view(town) for town in shown], following=following)

    @routes.get("/towns/{municipality}")
    async def town(municipality: Text, cursor: Cursor = "") -> HTMLResponse:
        place = place_at(cursor, 2)
        found = await answers.districts(municipality)  # reads the code, where it was not read yet
        figures = await towns.one(municipality)
        after = (place[0], place[1]) if place else None
        documents, more = await towns.documents(figures["name"], after, DOCUMENTS_SHOWN)
        return renderer.page(
            "town.html",
            town=town_view(figures),
            districts=found["districts"],
            documents=[(document, *dates_of(document)) for document in documents],
            following=cursor_at(documents[-1].name, documents[-1].id) if more else "",
        )

    return routes
