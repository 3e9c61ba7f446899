"""The composition root: the one place that knows which services share a process.

Every service is handed what it needs: a database, stubs of the services that it calls, metrics. Whether
a stub's channel ends in this process or in another is decided here and known nowhere else.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from plotlot.domain.bundles import Bundle
from plotlot.domain.documents import Document
from plotlot.domain.errors import InvalidRequest
from plotlot.rpc.channels import open_channel
from plotlot.rpc.server import Register, Server
from plotlot.settings import Settings
from plotlot.store.migrate import migrate
from plotlot.store.pool import Database
from plotlot.store.server import PostgresServer, postgres_server
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from fastapi import FastAPI

SERVICES = ("gateway", "retrieval", "extraction", "inference", "ingestion")
WITHOUT_STORE = frozenset({"inference"})
DEFAULT_ADDRESSES = {
    "retrieval": "127.0.0.1:50051",
    "extraction": "127.0.0.1:50052",
    "inference": "127.0.0.1:50053",
    "ingestion": "127.0.0.1:50054",
    "gateway": "127.0.0.1:50055",
}
GRACE_SECONDS = 5.0


class Runtime:
    """Runs some of the services in this process; ``targets`` all of them is ``plotlot up``."""

    def __init__(self, settings: Settings, targets: Sequence[str] = SERVICES) -> None:
        unknown = sorted(set(targets) - set(SERVICES))
        if unknown:
            raise InvalidRequest(f"there is no service {unknown[0]!r}; there are {', '.join(SERVICES)}")
        self.settings = settings
        self.targets = tuple(targets)
        self.metrics = Metrics()
        self.app: FastAPI | None = None
        self.address = ""
        self._postgres: PostgresServer | None = None
        self.database = Database(settings.pool_size)
        self._server: Server | None = None
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._folder: Path | None = None

    async def __aenter__(self) -> "Runtime":
        """Start everything. Raises an error that says what to do."""
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Let calls in flight end, then stop everything."""
        await self._stop()

    async def _start(self) -> None:
        address = self._own_address()
        self._channels = {name: open_channel(self._address_of(name, address)) for name in SERVICES}
        store = asyncio.create_task(asyncio.to_thread(self._start_store))
        try:
            # Importing the services takes as long as starting the database: do both at once.
            registers = dict([COMPONENTS[name](self) for name in self.targets])
        finally:
            conninfo = await store
        if conninfo is not None:
            await self.database.open(conninfo)
        self._server = Server(registers, self.metrics)
        self.address = await self._server.start(address)

    def _start_store(self) -> str | None:
        """Start the database and bring its schema up to date; None where no target needs one."""
        if not set(self.targets) - WITHOUT_STORE:
            return None
        self._postgres = postgres_server(self.settings)
        conninfo = self._postgres.start()
        migrate(conninfo)
        return conninfo

    async def _stop(self) -> None:
        for channel in self._channels.values():
            await channel.close()
        if self._server is not None:
            await self._server.stop(GRACE_SECONDS)
        await self.database.close()
        if self._postgres is not None:
            await asyncio.to_thread(self._postgres.stop)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _own_address(self) -> str:
        """One service listens on its port; several share a socket in a folder that only we can enter."""
        if self.settings.grpc_address:
            return self.settings.grpc_address
        if len(self.targets) == 1:
            return DEFAULT_ADDRESSES[self.targets[0]]
        self._folder = Path(tempfile.mkdtemp(prefix="plotlot-"))
        return f"unix:{self._folder}/grpc.sock"

    def _address_of(self, name: str, own: str) -> str:
        if name in self.targets:
            return own
        configured: str | None = getattr(self.settings, f"{name}_address")
        return configured or DEFAULT_ADDRESSES[name]

    def channel(self, name: str) -> Any:
        """The channel to a service, wherever it runs."""
        return self._channels[name]


Component = Callable[[Runtime], tuple[str, Register]]


def retrieval(runtime: Runtime) -> tuple[str, Register]:
    """Retrieval, which embeds queries by inference."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.retrieval.v1 import retrieval_pb2_grpc
    from plotlot.retrieval.servicer import RetrievalServicer

    inference = InferenceServiceStub(runtime.channel("inference"))
    servicer = RetrievalServicer(runtime.database, inference)
    return (
        "plotlot.api.retrieval.v1.RetrievalService",
        lambda server: retrieval_pb2_grpc.add_RetrievalServiceServicer_to_server(servicer, server),
    )


def extraction(runtime: Runtime) -> tuple[str, Register]:
    """Extraction with the deterministic reader."""
    from plotlot.api.extraction.v1 import extraction_pb2_grpc
    from plotlot.extraction.library import CodeReading, Library
    from plotlot.extraction.reader import ENGINE
    from plotlot.extraction.servicer import ExtractionServicer

    def read_code(documents: Sequence[Document], document_ids: Mapping[str, str]) -> CodeReading:
        # The reader takes long to import, and codes are seldom read: import it with the first.
        from plotlot.extraction.reader import assemble

        return assemble.read_code(documents, document_ids)

    servicer = ExtractionServicer(Library(runtime.database, ENGINE, read_code, runtime.metrics))
    return (
        "plotlot.api.extraction.v1.ExtractionService",
        lambda server: extraction_pb2_grpc.add_ExtractionServiceServicer_to_server(servicer, server),
    )


def inference(runtime: Runtime) -> tuple[str, Register]:
    """Inference with the embedding model of the settings and the extractive engine."""
    from plotlot.api.inference.v1 import inference_pb2_grpc
    from plotlot.inference.engines import embedder
    from plotlot.inference.extractive import ExtractiveEngine
    from plotlot.inference.servicer import InferenceServicer

    embeddings = embedder(runtime.settings)
    servicer = InferenceServicer(embeddings, ExtractiveEngine(embeddings))
    return (
        "plotlot.api.inference.v1.InferenceService",
        lambda server: inference_pb2_grpc.add_InferenceServiceServicer_to_server(servicer, server),
    )


def ingestion(runtime: Runtime) -> tuple[str, Register]:
    """Ingestion, which embeds chunks by inference."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1 import ingestion_pb2_grpc
    from plotlot.ingestion.servicer import IngestionServicer

    stub = InferenceServiceStub(runtime.channel("inference"))
    servicer = IngestionServicer(runtime.database, stub, runtime.settings.max_document_bytes)
    return (
        "plotlot.api.ingestion.v1.IngestionService",
        lambda server: ingestion_pb2_grpc.add_IngestionServiceServicer_to_server(servicer, server),
    )


def gateway(runtime: Runtime) -> tuple[str, Register]:
    """The gateway: its REST application, and the same operations over gRPC."""
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceStub
    from plotlot.api.gateway.v1 import gateway_pb2_grpc
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceStub
    from plotlot.api.retrieval.v1.retrieval_pb2_grpc import RetrievalServiceStub
    from plotlot.gateway.analysis import Analyst
    from plotlot.gateway.app import create_app
    from plotlot.gateway.clients import Clients
    from plotlot.gateway.servicer import GatewayServicer
    from plotlot.gateway.store import Analyses

    clients = Clients(
        retrieval=RetrievalServiceStub(runtime.channel("retrieval")),
        extraction=ExtractionServiceStub(runtime.channel("extraction")),
        inference=InferenceServiceStub(runtime.channel("inference")),
        ingestion=IngestionServiceStub(runtime.channel("ingestion")),
    )
    bundle = release_bundle(runtime.settings).id
    analyses = Analyses(runtime.database)
    analyst = Analyst(clients, analyses, bundle, runtime.metrics)
    runtime.app = create_app(clients, analyst, analyses, bundle, runtime.metrics, runtime.settings)
    servicer = GatewayServicer(clients, analyst, bundle)
    return (
        "plotlot.api.gateway.v1.GatewayService",
        lambda server: gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, server),
    )


COMPONENTS: dict[str, Component] = {
    "gateway": gateway,
    "retrieval": retrieval,
    "extraction": extraction,
    "inference": inference,
    "ingestion": ingestion,
}


def release_bundle(settings: Settings) -> Bundle:
    """The bundle that this distribution and these settings make."""
    from plotlot.extraction.reader import ENGINE
    from plotlot.inference.extractive import MODEL
    from plotlot.ingestion.index import CHUNKER
    from plotlot.ingestion.pipeline import PARSER

    return Bundle(
        version=version("plotlot"),
        parser=PARSER,
        chunker=CHUNKER,
        engine=ENGINE,
        embedding_model=settings.embedding_model,
        generation_model=MODEL,
    )
