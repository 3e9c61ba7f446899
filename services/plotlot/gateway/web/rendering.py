"""HTML from templates: escaping, what each page may load, and errors as pages."""

import hashlib
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Coroutine
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.types import Scope

from plotlot.domain.errors import PlotLotError
from plotlot.gateway import wording
from plotlot.gateway.callers import current_visitor
from plotlot.gateway.reports.maps import place_words, street_names
from plotlot.gateway.web.map_tiles import MapTiles
from plotlot.gateway.web.static_files import static_files
from plotlot.http.problems import invalid_request, problem_headers, status_of, unforeseen
from plotlot.http.requests import headers_of, told_path

if TYPE_CHECKING:
    from jinja2 import Environment

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
POLICY = (
    "default-src 'none'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LINKED = f"{POLICY}; style-src 'self'; script-src 'self'; connect-src 'self'"
# What people type into the forms of pages that may answer with an error, by the path of the form.
TYPED = {
    "/analyze": {"address": "Address", "parcel_id": "Parcel", "municipality": "Municipality"},
    "/ask": {"question": "Question", "municipality": "Municipality"},
    "/compare/add": {"address": "Address", "parcel_id": "Parcel", "municipality": "Municipality"},
}
PARCEL_CHOICE = re.compile(r".* \(parcel (?P<id>.+)\)")


class Renderer:
    """Pages from the templates beside this module."""

    def __init__(self, tiles: MapTiles | None = None) -> None:
        self.files = static_files()
        self.tiles = tiles or MapTiles()

    @cached_property
    def _templates(self) -> "Environment":
        """Made with the first page: programs and most API calls never ask for one."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters.update(
            plain=wording.plain,
            place_words=place_words,
            street_names=street_names,
            sentence=wording.sentence,
            steps=wording.steps,
            segment=lambda text: quote(text, safe=""),
            field_label=wording.field_label,
            value_words=wording.value_words,
            condition_words=wording.condition_words,
            highlighted=wording.highlighted,
            section_words=wording.section_words,
            unit_words=wording.unit_words,
            source_words=wording.source_words,
            dates_words=wording.dates_words,
            day_words=wording.day_words,
            code_words=code_words,
            query=lambda values: urlencode({k: v for k, v in values.items() if v}),
        )
        templates.globals.update(
            measure=wording.measure,
            allowed=wording.allowed,
            status_words=wording.STATUS_WORDS,
            static=self.files.address,
            leaflet="leaflet.js" in self.files.contents,
            tiles=self.tiles,
            visitor=current_visitor.get,
        )
        return templates

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page that links its style and script."""
        policy = LINKED.replace("img-src 'self' data:", f"img-src 'self' data: {self.tiles.source}".rstrip())
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return HTMLResponse(self.text(template, **values), status, headers)

    def document(self, template: str, **values: Any) -> HTMLResponse:
        """A page that carries its style and asks for nothing else, so that it can be saved."""
        css = self.files.text("plotlot.css", "report.css")
        policy = f"{POLICY}; style-src 'sha256-{b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"
        headers = {"Content-Security-Policy": policy, "Cache-Control": "private, no-cache"}
        return HTMLResponse(self.text(template, inline_css=css, **values), 200, headers)

    def text(self, template: str, **values: Any) -> str:
        """The HTML of a template."""
        return self._templates.get_template(template).render(values)

    def problem(self, error: PlotLotError, request: Request) -> HTMLResponse:
        """An error as a page, with what was near as links."""
        response = self.page(
            "problem.html",
            status_of(error),
            error=error,
            links=[(suggestion, follow(request, error, suggestion)) for suggestion in error.suggestions],
            action=request.url.path,
            typed=typed_into(request),
            compared=request.query_params.getlist("id"),
        )
        response.headers.update(problem_headers(error))
        return response


def typed_into(request: Request) -> list[tuple[str, str, str]]:
    """Name, label and value of the fields of a form as they were sent, to be corrected and sent again."""
    asked = request.query_params
    fields = TYPED.get(request.url.path, {})
    left_out = {"address"} if asked.get("parcel_id") else {"parcel_id"}
    return [(name, label, asked.get(name, "")) for name, label in fields.items() if name not in left_out]


def code_words(text: str) -> Markup:
    """A text whose words between backticks are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def follow(request: Request, error: PlotLotError, suggestion: str) -> str:
    """Where a suggestion leads: the same question with the field at fault replaced; empty if unknown."""
    name = error.field or ""
    if name in request.path_params:
        before = {**request.path_params, name: suggestion}
        route: Any = request.scope["route"]
        path = route.path
        for key, value in before.items():
            path = path.replace(f"{{{key}:path}}", f"{{{key}}}").replace(f"{{{key}}}", quote(value, safe=""))
        return str(path)
    if name == "address" and (choice := PARCEL_CHOICE.fullmatch(suggestion)):
        return asked_again(request, address="", parcel_id=choice["id"])
    if name in ("address", "parcel_id", "municipality", "question"):
        return asked_again(request, **{name: suggestion})
    return ""


def asked_again(request: Request, **changes: str) -> str:
    """The address of the same request with other parameters, the empty ones left out."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    asked = [(name, value) for name, value in (*kept, *changes.items()) if value]
    return f"{request.url.path}?{urlencode(asked)}"


def is_page_request(scope: Scope) -> bool:
    """Whether a browser asks for a page, and not a program for an answer."""
    path = scope["path"]
    return not path.startswith("/v1/") and "text/html" in headers_of(scope).get("accept", "")


def install_missing_page(app: FastAPI, renderer: Renderer) -> None:
    """Answer a browser that asks for what is not here with a page, and everybody else as before."""
    otherwise: Any = app.exception_handlers[HTTPException]

    async def missing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code != 404 or not is_page_request(request.scope):
            answer: Response = await otherwise(request, error)
            return answer
        return renderer.page("missing.html", 404, path=request.url.path)

    app.add_exception_handler(HTTPException, missing)


def page_route(renderer: Renderer) -> type[APIRoute]:
    """A route that answers errors with pages instead of problem documents."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await handler(request)
                except RequestValidationError as error:
                    return renderer.problem(invalid_request(error), request)
                except PlotLotError as error:
                    return renderer.problem(error, request)
                except Exception as error:
                    log.error("%s %s failed", request.method, told_path(request.url.path), exc_info=error)
                    return renderer.problem(unforeseen(error), request)

            return answer

    return PageRoute
