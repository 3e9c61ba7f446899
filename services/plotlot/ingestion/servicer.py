"""IngestionService: translates, and calls the pipeline and the parcel store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import grpc

from plotlot.api.inference.v1 import inference_pb2
from plotlot.api.ingestion.v1 import ingestion_pb2, ingestion_pb2_grpc
from plotlot.domain.access import EVERY_TENANT
from plotlot.domain.errors import (
    DocumentTooLarge,
    InputError,
    InvalidRequest,
    ServiceUnavailable,
    UnknownAddress,
)
from plotlot.ingestion.builders import fail_abandoned
from plotlot.ingestion.building import build
from plotlot.ingestion.index import ensure_generation
from plotlot.ingestion.parcel_files import read_parcels
from plotlot.ingestion.parcel_store import save_parcels
from plotlot.ingestion.parsers.scans import Ocr
from plotlot.ingestion.pipeline import Ingested, Pipeline, Progress
from plotlot.ingestion.refreshing.progress import Progress as RefreshProgress
from plotlot.ingestion.refreshing.refreshes import Refreshes
from plotlot.ingestion.refreshing.servicer import RefreshServicer
from plotlot.ingestion.refreshing.towns import Towns
from plotlot.rpc.errors import calling
from plotlot.rpc.parcels import parcel_to_message
from plotlot.store.generations import (
    GenerationCounts,
    empty_generation,
    generation_counts,
    list_generations,
    retire_generation,
    use_generation,
)
from plotlot.store.municipalities import ensure_municipality
from plotlot.store.pool import Database
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceAsyncStub
    from plotlot.ingestion.property.lookup import PropertyLookup

_NO_OCR = Ocr()


class InferenceEmbeddings:
    """The embedding model behind the inference service."""

    def __init__(self, stub: "InferenceServiceAsyncStub") -> None:
        self._stub = stub

    async def model(self) -> tuple[str, int]:
        """Name and dimensions of the embedding model."""
        with calling("inference"):
            response = await self._stub.ListModels(inference_pb2.ListModelsRequest())
        for model in response.models:
            if model.task == "embed":
                return model.name, model.dimensions
        raise ServiceUnavailable("inference serves no embedding model")

    async def embed(self, texts: list[str], model: str = "") -> list[bytes]:
        """One little-endian float32 vector a text, by that model, or else by the default one."""
        with calling("inference"):
            response = await self._stub.Embed(inference_pb2.EmbedRequest(texts=texts, model=model))
        return list(response.vectors)


class IngestionServicer(RefreshServicer, ingestion_pb2_grpc.IngestionServiceServicer):
    """Serves plotlot.api.ingestion.v1.IngestionService."""

    def __init__(
        self,
        database: Database,
        inference: "InferenceServiceAsyncStub",
        max_bytes: int,
        *,
        ocr: Ocr = _NO_OCR,
        lookup: "PropertyLookup | None" = None,
        refreshes: Refreshes | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._ingested = (metrics or Metrics()).documents_ingested
        self._lookup = lookup
        self._refreshes = refreshes or Refreshes(Towns(database), RefreshProgress(database), None)
        self._embeddings = InferenceEmbeddings(inference)
        self._pipeline = Pipeline(database, self._embeddings, ocr=ocr)
        self._max_bytes = max_bytes

    async def IngestDocument(
        self,
        request_iterator: AsyncIterator[ingestion_pb2.IngestDocumentRequest],
        context: grpc.aio.ServicerContext,
    ) -> AsyncIterator[ingestion_pb2.IngestDocumentResponse]:
        """Ingest one document."""
        header, content = await self._receive(request_iterator)
        events = self._pipeline.ingest(
            header.municipality, header.name, header.media_type, content, header.ocr
        )
        try:
            async for event in events:
                if isinstance(event, Ingested):
                    self._ingested.labels("changed" if event.changed else "unchanged").inc()
                yield ingest_response(event)
        except Exception as error:
            at_fault = isinstance(error, InputError)
            self._ingested.labels("refused" if at_fault else "failed").inc()
            raise

    async def ImportParcels(
        self,
        request_iterator: AsyncIterator[ingestion_pb2.ImportParcelsRequest],
        context: grpc.aio.ServicerContext,
    ) -> ingestion_pb2.ImportParcelsResponse:
        """Import the parcels of a municipality, all or none."""
        header, content = await self._receive(request_iterator)
        parcels, warnings = await asyncio.to_thread(read_parcels, header.name, content, header.municipality)
        async with self._database.connection() as connection:
            town = await ensure_municipality(connection, header.municipality)
            counts = await save_parcels(connection, town, parcels, file_name(header.name))
        return ingestion_pb2.ImportParcelsResponse(
            added=counts.added, replaced=counts.replaced, unchanged=counts.unchanged, warnings=warnings
        )

    async def LookUpParcel(
        self, request: ingestion_pb2.LookUpParcelRequest, context: grpc.aio.ServicerContext
    ) -> ingestion_pb2.LookUpParcelResponse:
        """The parcel at an address, by the sources outside."""
        if self._lookup is None:
            raise UnknownAddress(
                "no sources are set up to look parcels up: PLOTLOT_PROPERTY_SOURCES names them",
                field="address",
            )
        found = await self._lookup.find(request.address, request.municipality, request.parcel_id)
        return ingestion_pb2.LookUpParcelResponse(parcel=parcel_to_message(found))

    async def BuildGeneration(
        self, request: ingestion_pb2.BuildGenerationRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[ingestion_pb2.BuildGenerationResponse]:
        """Build a generation of the index beside the live one."""
        async with aclosing(build(self._database, self._embeddings, list(request.municipalities))) as events:
            async for event in events:
                if isinstance(event, Progress):
                    yield ingestion_pb2.BuildGenerationResponse(progress=progress_to_message(event))
                else:
                    yield ingestion_pb2.BuildGenerationResponse(generation=generation_to_message(event))

    async def ListGenerations(
        self, request: ingestion_pb2.ListGenerationsRequest, context: grpc.aio.ServicerContext
    ) -> ingestion_pb2.ListGenerationsResponse:
        """The generations of the index; one that nobody builds any more has failed."""
        await fail_abandoned(self._database)
        async with self._database.connection(EVERY_TENANT) as connection:
            found = await list_generations(connection)
        return ingestion_pb2.ListGenerationsResponse(generations=map(generation_to_message, found))

    async def UseGeneration(
        self, request: ingestion_pb2.UseGenerationRequest, context: grpc.aio.ServicerContext
    ) -> ingestion_pb2.UseGenerationResponse:
        """Make a ready generation the live one."""
        model, dimensions = await self._embeddings.model()
        async with self._database.connection(EVERY_TENANT) as connection:
            await use_generation(connection, request.generation, request.anyway)
            live = await ensure_generation(connection, model, dimensions)
            found = await generation_counts(connection, live.id)
        return ingestion_pb2.UseGenerationResponse(generation=generation_to_message(found))

    async def RetireGeneration(
        self, request: ingestion_pb2.RetireGenerationRequest, context: grpc.aio.ServicerContext
    ) -> ingestion_pb2.RetireGenerationResponse:
        """Take a generation out of use, then remove what it holds."""
        async with self._database.connection(EVERY_TENANT) as connection:
            await retire_generation(connection, request.generation, request.anyway)
        async with self._database.connection(EVERY_TENANT) as connection:
            await empty_generation(connection, request.generation)
        async with self._database.connection(EVERY_TENANT) as connection:
            found = await generation_counts(connection, request.generation)
        return ingestion_pb2.RetireGenerationResponse(generation=generation_to_message(found))

    async def _receive(self, requests: AsyncIterator[Any]) -> tuple[Any, bytes]:
        """The header and the whole content; refuses more than the limit before holding it."""
        header, pieces, size = None, [], 0
        async for request in requests:
            if request.HasField("header"):
                header = request.header
            else:
                size += len(request.content)
                if size > self._max_bytes:
                    raise too_large(self._max_bytes)
                pieces.append(request.content)
        if header is None or not header.name:
            raise InvalidRequest("the first message must be a header with a file name", field="name")
        return header, b"".join(pieces)


def file_name(name: str) -> str:
    """The name of a file without the folders that it lay in."""
    return name.replace("\\", "/").rpartition("/")[2]


def too_large(limit: int) -> DocumentTooLarge:
    """The error for a file over the limit."""
    return DocumentTooLarge(
        f"the file is larger than {limit / 1e6:,.0f} MB: split it, or raise PLOTLOT_MAX_DOCUMENT_BYTES",
        field="content",
    )


def ingest_response(event: Progress | Ingested) -> ingestion_pb2.IngestDocumentResponse:
    """An event of the pipeline as a message."""
    if isinstance(event, Progress):
        return ingestion_pb2.IngestDocumentResponse(progress=progress_to_message(event))
    return ingestion_pb2.IngestDocumentResponse(
        result=ingestion_pb2.DocumentResult(
            document=event.document,
            title=event.title,
            changed=event.changed,
            characters=event.characters,
            sections=event.sections,
            tables=event.tables,
            chunks=event.chunks,
            warnings=event.warnings,
        )
    )


def progress_to_message(progress: Progress) -> ingestion_pb2.Progress:
    """A stage under way as its message."""
    return ingestion_pb2.Progress(stage=progress.stage, done=progress.done, total=progress.total)


def generation_to_message(counts: GenerationCounts) -> ingestion_pb2.Generation:
    """A generation as its message."""
    return ingestion_pb2.Generation(
        generation=counts.generation,
        status=counts.status,
        embedding_model=counts.embedding_model,
        dimensions=counts.dimensions,
        chunker=counts.chunker,
        created_at=counts.created_at.isoformat(),
        data_version=counts.data_version,
        chunks=counts.chunks,
        documents=counts.documents,
        municipalities=counts.municipalities,
        documents_in_all=counts.documents_in_all,
        municipalities_in_all=counts.municipalities_in_all,
        check=counts.check,
        checked_at=counts.checked_at.isoformat() if counts.checked_at else "",
        reason=counts.reason,
    )
