"""The page of a document: the code as it was read, opened at a place, with what is quoted there marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from plotlot.domain.documents import Section, Span
from plotlot.domain.excerpts import contents, excerpt_at
from plotlot.gateway.inputs import Text
from plotlot.gateway.places.view import dates_of, day
from plotlot.gateway.routes.documents import End, Start
from plotlot.gateway.web.rendering import Renderer, page_route
from plotlot.store.document_lists import stored_document, unknown_document
from plotlot.store.document_texts import sections_of, text_part
from plotlot.store.pool import Database

LONGEST_LINE = 240


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in three parts, of which the middle one is quoted; empty where nothing is."""

    before: str
    quoted: str
    after: str


def router(database: Database, renderer: Renderer) -> APIRouter:
    """The route of documents."""
    routes = APIRouter(include_in_schema=False, route_class=page_route(renderer))

    @routes.get("/documents/{document}")
    async def read(document: Text, start: Start = 0, end: End = None) -> HTMLResponse:
        async with database.connection(reads=True) as connection:
            found = await stored_document(connection, document)
            sections = await sections_of(connection, document)
            if not sections:  # it went meanwhile, for one that was read anew
                raise unknown_document(document)
            excerpt = excerpt_at(sections, start)
            part = await text_part(connection, document, excerpt.span.start, len(excerpt.span))
        effective, retrieved = dates_of(found)
        return renderer.page(
            "document.html",
            document=found,
            effective=effective,
            retrieved=retrieved,
            superseded=day(found.superseded_at.isoformat() if found.superseded_at else None),
            excerpt=excerpt,
            part=part,
            laid_out=part.page is not None and is_laid_out(part.text),
            cut=bool(excerpt.sections) and excerpt.sections[-1].start < excerpt.span.start,
            text=marked(part.text, excerpt.span.start, Span(start, end or start)),
            anchor=anchor_of(excerpt.sections),
            contents=contents(sections),
        )

    return routes


def is_laid_out(text: str) -> bool:
    """Whether the lines of a print are as long as in print, and columns may stand in them."""
    return max(map(len, text.split("\n"))) <= LONGEST_LINE


def marked(text: str, begins: int, quoted: Span) -> Marked:
    """A part of a document that begins somewhere, with a span of the document set off in it."""
    start = min(max(quoted.start - begins, 0), len(text))
    end = min(max(quoted.end - begins, start), len(text))
    if start == end:
        return Marked(text, "", "")
    return Marked(text[:start], text[start:end], text[end:])


def anchor_of(sections: Sequence[Section]) -> str:
    """Where the publisher shows the innermost of some sections that has an address; empty where none has."""
    addresses = (one.anchor for one in reversed(sections) if one.anchor.startswith("https://"))
    return next(addresses, "")
