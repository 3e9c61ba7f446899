"""The documents of codes: GET and POST /v1/documents."""

import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import Response

from plotlot.domain.errors import DocumentTooLarge, InvalidRequest
from plotlot.gateway.clients import PIECE_BYTES, Clients
from plotlot.gateway.inputs import NameText, Text, checked
from plotlot.gateway.jobs.building import DOCUMENT
from plotlot.gateway.jobs.building_events import ingested
from plotlot.gateway.jobs.queue import ACCEPTED, Queue, accepted, prefers_job
from plotlot.gateway.web.events import event_response, last, wants_events
from plotlot.http.conditional import ConditionalRoute
from plotlot.http.paging import Cursor, Limit, not_of_this_list, page, place_at
from plotlot.store.document_lists import StoredDocument, list_documents, stored_document
from plotlot.store.document_texts import sections_of, text_part
from plotlot.store.pool import Database

Municipality = Annotated[NameText, Query(description="Only documents of this municipality.")]
OcrMode = Annotated[
    Literal["", "off", "auto", "on"],
    Form(
        description="Which pages of a PDF are read by OCR: none, those without a text layer, or all;"
        " empty means as the deployment is set."
    ),
]
Superseded = Annotated[bool, Query(description="Also those that a newer one took the place of.")]

MOST_TEXT, MOST_OFFSET = 20_000, 2_000_000_000
Start = Annotated[int, Query(ge=0, le=MOST_OFFSET, description="Where the part begins, in characters.")]
End = Annotated[
    int | None, Query(ge=1, le=MOST_OFFSET, description="Where it ends; by itself as far as one answer goes.")
]


def router(clients: Clients, database: Database, max_bytes: int, queue: Queue) -> APIRouter:
    """The routes of documents."""
    routes = APIRouter(tags=["documents"], route_class=ConditionalRoute)

    @routes.get("/v1/documents")
    async def documents(
        request: Request,
        municipality: Municipality = "",
        superseded: Superseded = False,
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> dict[str, Any]:
        """The documents of codes, by municipality and name."""
        place = place_at(cursor, 3)
        after = (place[0], place[1], place[2]) if place else None
        async with database.connection(reads=True) as connection:
            found = await list_documents(connection, municipality, superseded, after, limit + 1)
        shown = found[:limit]
        last = (shown[-1].municipality, shown[-1].name, shown[-1].id) if len(found) > limit else None
        return page(request, "documents", [document_json(one) for one in shown], limit, last)

    @routes.get("/v1/documents/{document}")
    async def document(document: Text) -> dict[str, Any]:
        """One document: where it is from, when it took effect, and whether a newer one took its place."""
        async with database.connection(reads=True) as connection:
            return document_json(await stored_document(connection, document))

    @routes.get("/v1/documents/{document}/text")
    async def text(document: Text, start: Start = 0, end: End = None) -> dict[str, Any]:
        """A part of a document's text, by the offsets that citations have: up to 20,000 characters."""
        if end is not None and end <= start:
            raise InvalidRequest("a part ends behind its start", field="end")
        length = MOST_TEXT if end is None else min(end - start, MOST_TEXT)
        async with database.connection(reads=True) as connection:
            part = await text_part(connection, document, start, length)
        return {"document": document, "start": start, "end": start + len(part.text), **asdict(part)}

    @routes.get("/v1/documents/{document}/sections")
    async def sections(
        request: Request, document: Text, limit: Limit = 100, cursor: Cursor = ""
    ) -> dict[str, Any]:
        """The sections of a document in their order, each with its place in the text; the first is the document itself."""
        async with database.connection(reads=True) as connection:
            await stored_document(connection, document)
            found = await sections_of(connection, document, first_at(cursor), limit + 1)
        shown = found[:limit]
        last = (str(shown[-1].ordinal),) if len(found) > limit else None
        return page(request, "sections", [asdict(one) for one in shown], limit, last)

    @routes.post("/v1/documents", response_model=None, responses=ACCEPTED)
    async def ingest(
        request: Request,
        file: UploadFile,
        municipality: Annotated[NameText, Form(examples=["Larkfield, OH"])],
        ocr: OcrMode = "",
    ) -> dict[str, Any] | Response:
        """Ingest a document of a municipality's code; with `Accept: text/event-stream`, its progress, and with
        `Prefer: respond-async` as a job, which is done also where this process is killed meanwhile."""
        check_size(file, max_bytes)
        name = checked(file.filename or "document", "file")
        if prefers_job(request):
            asked = {"municipality": municipality, "name": name, "media_type": sent_type(file), "ocr": ocr}
            return accepted(await queue.add(request, DOCUMENT, asked, await file.read()))
        events = ingested(clients, municipality, name, sent_type(file), pieces(file), ocr)
        return event_response(events) if wants_events(request) else await last(events)

    return routes


def first_at(cursor: str) -> int:
    """The ordinal of the first section behind a cursor. Raises InvalidRequest."""
    place = place_at(cursor, 1)
    if place is None:
        return 0
    if not re.fullmatch(r"\d{1,9}", place[0], re.ASCII):
        raise not_of_this_list()
    return int(place[0]) + 1


def document_json(document: StoredDocument) -> dict[str, Any]:
    """A document under the names of the REST API; dates as ISO 8601 has them."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(document).items()
    }


def check_size(file: UploadFile, max_bytes: int) -> None:
    """Raise DocumentTooLarge for a file that nobody takes."""
    if file.size is not None and file.size > max_bytes:
        raise DocumentTooLarge(
            f"{file.filename} has {file.size / 1e6:,.0f} MB, more than the {max_bytes / 1e6:,.0f} MB allowed:"
            " split it, or raise PLOTLOT_MAX_DOCUMENT_BYTES",
            field="file",
        )


def sent_type(file: UploadFile) -> str:
    """The media type as sent, unless it says nothing."""
    sent = file.content_type or ""
    return "" if sent == "application/octet-stream" else sent


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The file in pieces that fit a message."""
    while piece := await file.read(PIECE_BYTES):
        yield piece
