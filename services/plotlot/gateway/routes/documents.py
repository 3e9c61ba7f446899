"""POST /v1/documents: ingest a code."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response

from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.domain.errors import DocumentTooLarge
from plotlot.gateway.clients import PIECE_BYTES, Clients
from plotlot.gateway.events import Event, event_response, last, wants_events
from plotlot.gateway.inputs import NameText, checked


def router(clients: Clients, max_bytes: int) -> APIRouter:
    """The routes of documents."""
    routes = APIRouter(tags=["documents"])

    @routes.post("/v1/documents", response_model=None)
    async def ingest(
        request: Request,
        file: UploadFile,
        municipality: Annotated[NameText, Form(examples=["Larkfield, OH"])],
    ) -> dict[str, Any] | Response:
        """Ingest a document of a municipality's code; with `Accept: text/event-stream`, its progress."""
        events = ingest_events(clients, max_bytes, municipality, file)
        return event_response(events) if wants_events(request) else await last(events)

    return routes


async def ingest_events(
    clients: Clients, max_bytes: int, municipality: str, file: UploadFile
) -> AsyncIterator[Event]:
    """Progress by stage, then the outcome."""
    if file.size is not None and file.size > max_bytes:
        raise DocumentTooLarge(
            f"{file.filename} has {file.size / 1e6:,.0f} MB, more than the {max_bytes / 1e6:,.0f} MB allowed:"
            " split it, or raise PLOTLOT_MAX_DOCUMENT_BYTES",
            field="file",
        )
    name = checked(file.filename or "document", "file")
    async for response in clients.ingest(municipality, name, sent_type(file), pieces(file)):
        if response.HasField("progress"):
            progress = response.progress
            yield (
                "progress",
                {"stage": progress.stage, "done": progress.done, "total": progress.total},
            )
        else:
            yield "result", result_json(municipality, name, response.result)


def sent_type(file: UploadFile) -> str:
    """The media type as sent, unless it says nothing."""
    sent = file.content_type or ""
    return "" if sent == "application/octet-stream" else sent


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The file in pieces that fit a message."""
    while piece := await file.read(PIECE_BYTES):
        yield piece


def result_json(municipality: str, name: str, result: ingestion_pb2.DocumentResult) -> dict[str, Any]:
    """The outcome of an ingestion as JSON."""
    return {
        "municipality": municipality,
        "name": name,
        "document": result.document,
        "title": result.title,
        "changed": result.changed,
        "characters": result.characters,
        "sections": result.sections,
        "tables": result.tables,
        "chunks": result.chunks,
        "warnings": list(result.warnings),
    }
