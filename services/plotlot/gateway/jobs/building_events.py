"""What ingestion takes long for, as events: progress as it is made, the outcome last."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from plotlot.api.ingestion.v1 import ingestion_pb2
from plotlot.gateway.clients import Clients
from plotlot.gateway.web.events import Event


async def ingested(
    clients: Clients, municipality: str, name: str, media_type: str, content: AsyncIterator[bytes], ocr: str
) -> AsyncIterator[Event]:
    """Progress by stage, then the outcome."""
    async for response in clients.ingest(municipality, name, media_type, content, ocr):
        if response.HasField("progress"):
            progress = response.progress
            yield (
                "progress",
                {"stage": progress.stage, "done": progress.done, "total": progress.total},
            )
        else:
            yield "result", result_json(municipality, name, response.result)


async def build_events(clients: Clients, municipalities: Sequence[str]) -> AsyncIterator[Event]:
    """Progress by document, then the generation."""
    async for response in clients.build_generation(municipalities):
        if response.HasField("progress"):
            progress = response.progress
            yield "progress", {"stage": progress.stage, "done": progress.done, "total": progress.total}
        else:
            yield "result", generation_json(response.generation)


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


def generation_json(generation: ingestion_pb2.Generation) -> dict[str, Any]:
    """A generation under the names of its message."""
    return {
        "generation": generation.generation,
        "status": generation.status,
        "embedding_model": generation.embedding_model,
        "dimensions": generation.dimensions,
        "chunker": generation.chunker,
        "created_at": generation.created_at,
        "data_version": generation.data_version or None,
        "chunks": generation.chunks,
        "documents": generation.documents,
        "municipalities": generation.municipalities,
        "documents_in_all": generation.documents_in_all,
        "municipalities_in_all": generation.municipalities_in_all,
        "check": generation.check,
        "checked_at": generation.checked_at or None,
        "reason": generation.reason,
    }
