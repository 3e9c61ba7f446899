"""/errors: what each error means and what to do about it; a problem document's type leads there."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plotlot.domain.errors import NotFoundError, PlotLotError
from plotlot.gateway.inputs import Text
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.http.problems import status_of
from plotlot.rpc.errors import error_classes


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """An error as its page tells of it; ``status`` is that of its HTTP answer."""

    id: str
    meaning: str
    remedy: str
    status: int


def error_catalogue() -> dict[str, ErrorKind]:
    """Every error by its id, in the order of their ids."""
    return {
        identifier: ErrorKind(identifier, meaning_of(kind), kind.remedy, status_of(kind("")))
        for identifier, kind in sorted(error_classes().items())
    }


def meaning_of(kind: type[PlotLotError]) -> str:
    """What an error says of itself; the base's own words are for those who write others."""
    if kind is PlotLotError:
        return "A fault of PlotLot's own; the log has more."
    return inspect.getdoc(kind) or ""


def router(renderer: Renderer) -> APIRouter:
    """The routes of the pages of errors."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))
    catalogue = error_catalogue()

    @routes.get("/errors")
    async def errors() -> HTMLResponse:
        return renderer.page("errors.html", errors=catalogue.values())

    @routes.get("/errors/{error}")
    async def error_page(error: Text) -> HTMLResponse:
        if error not in catalogue:
            raise NotFoundError(
                f"there is no error {error!r}", field="error", suggestions=near(error, catalogue)
            )
        return renderer.page("error.html", kind=catalogue[error])

    return routes


def near(name: str, names: Iterable[str]) -> list[str]:
    """Ids that are spelt alike."""
    return get_close_matches(name, list(names))
