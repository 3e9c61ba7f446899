"""The composition root: the one place that knows which services share a process.

Every service is handed what it needs: a database, stubs of the services that it calls, metrics. Whether
a stub's channel ends in this process or in another is decided here and known nowhere else.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIServer

import grpc
from prometheus_client import start_http_server

from plotlot.domain.bundles import (
    SEARCH_OF_CODES,
    Bundle,
    Extraction,
    Generation,
    OwnBundle,
    Parameters,
    bundle_of_file,
)
from plotlot.domain.errors import InvalidBundle, InvalidRequest, ServiceUnavailable
from plotlot.rpc.channels import open_channel
from plotlot.rpc.context import current_tenant
from plotlot.rpc.health import Need
from plotlot.rpc.server import Register, Server, connection_age
from plotlot.settings import Settings
from plotlot.store.cache import Cache, open_cache
from plotlot.store.pool import Database
from plotlot.store.server import PostgresServer, postgres_server
from plotlot.store.watch import StoreWatch
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from fastapi import FastAPI

    from plotlot.ingestion.property.lookup import PropertyLookup

SERVICES = ("gateway", "retrieval", "extraction", "inference", "ingestion", "judge")
WITHOUT_STORE = frozenset({"inference"})
DEFAULT_ADDRESSES = {
    "retrieval": "127.0.0.1:50051",
    "extraction": "127.0.0.1:50052",
    "inference": "127.0.0.1:50053",
    "ingestion": "127.0.0.1:50054",
    "gateway": "127.0.0.1:50055",
    "judge": "127.0.0.1:50056",
}


class Runtime:
    """Runs some of the services in this process; ``targets`` all of them is ``plotlot up``."""

    def __init__(self, settings: Settings, targets: Sequence[str] = SERVICES) -> None:
        unknown = sorted(set(targets) - set(SERVICES))
        if unknown:
            raise InvalidRequest(f"there is no service {unknown[0]!r}; there are {', '.join(SERVICES)}")
        self.settings = settings
        self.targets = tuple(targets)
        self.alone = len(self.targets) == 1
        self.metrics = Metrics()
        self.app: FastAPI | None = None
        self.address = ""
        self.database = Database(settings.pool_size, current_tenant)
        self.store = Need("the database", self._check_store)
        self.cache: Cache | None = None
        self._postgres: PostgresServer | None = None
        self._opening: asyncio.Task[None] | None = None
        self._watch: StoreWatch | None = None
        self._server: Server | None = None
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._folder: Path | None = None
        self._exporter: WSGIServer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._parts: list[Part] = []

    async def __aenter__(self) -> "Runtime":
        """Start everything. Raises an error that says what to do."""
        try:
            await self.start()
        except BaseException:
            await self.stop(0)
            raise
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Let calls in flight end, then stop everything."""
        await self.stop(self.settings.drain_grace_seconds)

    async def start(self) -> None:
        """Start everything; ``stop`` must follow, also where this raises or is cancelled."""
        address = self._own_address()
        if self.settings.metrics_port is not None:
            self._exporter = metrics_server(self.settings.metrics_port, self.metrics)
        self._channels = {
            name: open_channel(self._address_of(name, address), local=name in self.targets)
            for name in SERVICES
        }
        uses_store = bool(set(self.targets) - WITHOUT_STORE)
        if uses_store:
            self._opening = asyncio.create_task(self._open_store())
        # Importing the services takes as long as starting the database: do both at once.
        parts = self._parts
        for name in self.targets:
            await asyncio.sleep(0)
            parts.append(COMPONENTS[name](self))
        if self._opening is not None:
            await asyncio.shield(self._opening)
        longest = max(self.settings.request_deadline_seconds, self.settings.ingest_deadline_seconds)
        self._server = Server(
            {part.name: part.register for part in parts},
            self.metrics,
            {part.name: part.need for part in parts},
            also=[self.store] if uses_store else [],
            options=connection_age(self.settings.rpc_connection_age_seconds, longest),
            own=own_parameters(self.settings),
        )
        self.address = await self._server.start(address)
        self._tasks = [asyncio.create_task(work()) for part in parts for work in part.tasks]

    async def drain(self) -> None:
        """Say that this process is not ready, and go on serving."""
        if self.app is not None:
            self.app.state.draining = True
        if self._server is not None:
            await self._server.health.drain()

    async def stop(self, grace_seconds: float) -> None:
        """Let calls in flight end, for a time, then stop everything."""
        ends = time.monotonic() + grace_seconds
        for part in self._parts:
            if part.close is not None:
                await part.close(grace_seconds / 2)
        if self._server is not None:
            await self._server.stop(max(ends - time.monotonic(), 0.0))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()
        if self.cache is not None:
            await self.cache.close()
        if self._opening is not None:
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._watch is not None:
            await self._watch.close()
        await self.database.close()
        if self._postgres is not None:
            await asyncio.to_thread(self._postgres.stop)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._exporter is not None:
            await asyncio.to_thread(self._exporter.shutdown)
            self._exporter.server_close()

    async def _open_store(self) -> None:
        """Start the database and bring its schema up to date.

        A service of its own, on a database that somebody else runs, waits for it: it may start later.
        """
        self._postgres = postgres_server(self.settings)
        conninfo = await asyncio.to_thread(self._postgres.start)
        self._watch = StoreWatch(self.database, conninfo, self.settings.migrate_at_start)
        if not (self.alone and self.settings.database_url):
            await self._watch.open()
            self.store.found()

    async def _check_store(self) -> None:
        assert self._watch is not None, "looked for before it was started"
        await self._watch.check()

    def _own_address(self) -> str:
        """One service listens on its port; several share a socket in a folder that only we can enter."""
        if self.settings.grpc_address:
            return self.settings.grpc_address
        if self.alone:
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


def metrics_server(port: int, metrics: Metrics) -> WSGIServer:
    """Serve the metrics from a thread of their own. Raises ServiceUnavailable where the port is taken."""
    try:
        server, _ = start_http_server(port, registry=metrics.registry)
    except OSError as error:
        raise ServiceUnavailable(f"cannot serve metrics on port {port}: {error.strerror}") from error
    return server


Close = Callable[[float], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Part:
    """A service by its full name, what it needs before it is ready, and what it does besides answering.

    A task starts when the process serves, runs until it is cancelled, and sees to its own errors. ``close`` is
    given half of the grace, in seconds, while the other services of this process still answer.
    """

    name: str
    register: Register
    need: Need | None
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    close: Close | None = None


Component = Callable[[Runtime], Part]


def retrieval(runtime: Runtime) -> Part:
    """Retrieval, which embeds queries by inference and keeps their vectors."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.retrieval.v1 import retrieval_pb2_grpc
    from plotlot.retrieval.rerankers import reranker
    from plotlot.retrieval.reranking import Reranking
    from plotlot.retrieval.servicer import RetrievalServicer
    from plotlot.retrieval.vectors import QueryVectors

    inference = InferenceServiceStub(runtime.channel("inference"))
    runtime.cache = open_cache(runtime.settings, runtime.metrics)
    reranking = Reranking(reranker(runtime.settings), runtime.metrics)
    servicer = RetrievalServicer(runtime.database, QueryVectors(inference, runtime.cache), reranking)
    return Part(
        "plotlot.api.retrieval.v1.RetrievalService",
        lambda server: retrieval_pb2_grpc.add_RetrievalServiceServicer_to_server(servicer, server),
        runtime.store,
    )


def extraction(runtime: Runtime) -> Part:
    """Extraction with every engine that this deployment has; one of them asks a model by inference."""
    from plotlot.api.extraction.v1 import extraction_pb2_grpc
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.extraction.engines import engines
    from plotlot.extraction.library import Library
    from plotlot.extraction.model.inference import InferenceCompleter
    from plotlot.extraction.servicer import ExtractionServicer

    settings = runtime.settings
    completer = InferenceCompleter(InferenceServiceStub(runtime.channel("inference")))
    served = engines(completer, settings.reader_model, settings.prompt_dir)
    library = Library(runtime.database, served, runtime.metrics)
    servicer = ExtractionServicer(library)

    return Part(
        "plotlot.api.extraction.v1.ExtractionService",
        lambda server: extraction_pb2_grpc.add_ExtractionServiceServicer_to_server(servicer, server),
        runtime.store,
        close=library.close,
    )


def inference(runtime: Runtime) -> Part:
    """Inference with the models of the settings, and the extractive engine that needs none."""
    from plotlot.api.inference.v1 import inference_pb2_grpc
    from plotlot.inference.engines import completions, embedder, quoting
    from plotlot.inference.extractive import ExtractiveEngine
    from plotlot.inference.servicer import InferenceServicer

    embeddings = embedder(runtime.settings)
    quotes = ExtractiveEngine(embeddings)
    writes = completions(runtime.settings, runtime.metrics, quotes)
    servicer = InferenceServicer(
        embeddings, quotes, writes, [quoting(writes)] if runtime.settings.generation_url else []
    )

    # Alone, it loads the model before the first call. Among others, with it: few commands need the model.
    need = Need("the model", lambda: asyncio.to_thread(embeddings.load)) if runtime.alone else None
    return Part(
        "plotlot.api.inference.v1.InferenceService",
        lambda server: inference_pb2_grpc.add_InferenceServiceServicer_to_server(servicer, server),
        need,
        tasks=[writes.watch],
    )


def ingestion(runtime: Runtime) -> Part:
    """Ingestion, which embeds chunks by inference."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1 import ingestion_pb2_grpc
    from plotlot.ingestion.parsers.scans import Ocr
    from plotlot.ingestion.servicer import IngestionServicer

    stub = InferenceServiceStub(runtime.channel("inference"))
    settings = runtime.settings
    ocr = Ocr("auto" if settings.ocr else "off", settings.ocr_seconds)
    lookup, close = property_lookup(runtime)
    servicer = IngestionServicer(runtime.database, stub, settings.max_document_bytes, ocr=ocr, lookup=lookup)
    return Part(
        "plotlot.api.ingestion.v1.IngestionService",
        lambda server: ingestion_pb2_grpc.add_IngestionServiceServicer_to_server(servicer, server),
        runtime.store,
        close=close,
    )


def property_lookup(runtime: Runtime) -> tuple["PropertyLookup | None", Close | None]:
    """What looks parcels up outside, and how it ends; none where no sources are set up. Raises InvalidRequest."""
    settings = runtime.settings
    if not settings.property_sources.strip():
        return None, None
    from plotlot.ingestion.property.configuration import egress_client, sources_of
    from plotlot.ingestion.property.keeping import FoundParcels
    from plotlot.ingestion.property.lookup import Freshness, PropertyLookup

    sources = sources_of(settings.property_sources)
    assert sources is not None, "the setting is not empty"
    client = egress_client(sources, settings, runtime.metrics)
    freshness = Freshness(
        timedelta(days=settings.property_fresh_days), timedelta(days=settings.property_kept_days)
    )
    lookup = PropertyLookup(
        sources, client, FoundParcels(runtime.database), freshness, runtime.metrics, lambda: datetime.now(UTC)
    )

    async def close(grace_seconds: float) -> None:
        await lookup.close(grace_seconds)
        await client.close()

    return lookup, close


def gateway(runtime: Runtime) -> Part:
    """The gateway: its REST application, and the same operations over gRPC."""
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceStub
    from plotlot.api.gateway.v1 import gateway_pb2_grpc
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceStub
    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceStub
    from plotlot.api.retrieval.v1.retrieval_pb2_grpc import RetrievalServiceStub
    from plotlot.gateway.analysis import Analyst
    from plotlot.gateway.answers import Answers
    from plotlot.gateway.app import create_app
    from plotlot.gateway.caching.remembering import RememberingClients
    from plotlot.gateway.delivery.delivery import Delivery
    from plotlot.gateway.delivery.gold_store import GoldCases
    from plotlot.gateway.identity.access import access_of
    from plotlot.gateway.releases.judge_client import JudgeClient
    from plotlot.gateway.rest import rest_of
    from plotlot.gateway.servicer import GatewayServicer
    from plotlot.gateway.store import Analyses

    clients = RememberingClients(
        retrieval=RetrievalServiceStub(runtime.channel("retrieval")),
        extraction=ExtractionServiceStub(runtime.channel("extraction")),
        inference=InferenceServiceStub(runtime.channel("inference")),
        ingestion=IngestionServiceStub(runtime.channel("ingestion")),
        metrics=runtime.metrics,
        looks_up=bool(runtime.settings.property_sources.strip()),
    )
    bundle = release_bundle(runtime.settings)
    metrics, settings = runtime.metrics, runtime.settings
    judge = JudgeServiceStub(runtime.channel("judge"))
    delivery, gold_cases = Delivery(judge, bundle, settings, metrics), GoldCases(runtime.database)
    analyses = Analyses(runtime.database)
    answers = Answers(clients, analyses, bundle.id, metrics, delivery.observe)
    # Rows of jobs are nobody's session: no release is judged by them.
    analyst = Analyst(clients, analyses, bundle.id, metrics)
    access = access_of(runtime.database, settings, metrics)
    rest = rest_of(runtime.database, clients, analyst, delivery, bundle, settings, metrics)
    delivery.replay(answers, gold_cases)
    runtime.app = create_app(
        answers, clients, delivery, gold_cases, bundle, metrics, settings, JudgeClient(judge), rest, access
    )

    async def close(grace_seconds: float) -> None:
        await delivery.stop(grace_seconds)
        await rest.close()
        await access.audit.flush()

    servicer = GatewayServicer(
        answers,
        delivery.sessions,
        bundle,
        settings.request_deadline_seconds,
        access.authentication,
        access.audit,
        rest.quotas,
    )
    # Ready by itself. Were it not, with a service or the database away, the route before it would have nobody
    # to ask and answer in its own words; the gateway says 503, what is missing, and when to try again.
    return Part(
        "plotlot.api.gateway.v1.GatewayService",
        lambda server: gateway_pb2_grpc.add_GatewayServiceServicer_to_server(servicer, server),
        None,
        tasks=(delivery.start, rest.worker.run, rest.builder.run, rest.upkeep, access.audit.run),
        close=close,
    )


def judge(runtime: Runtime) -> Part:
    """The judge: gRPC for gateways, and alone its HTTP for those who ask for verdicts."""
    from plotlot.api.judge.v1 import judge_pb2_grpc
    from plotlot.judge.judge import Judge
    from plotlot.judge.servicer import JudgeServicer
    from plotlot.judge.upkeep import Upkeep

    made = Judge(runtime.database, runtime.metrics)
    if runtime.alone:
        from plotlot.judge.app import create_app

        runtime.app = create_app(made, runtime.metrics, runtime.settings)
    servicer = JudgeServicer(made)
    upkeep = Upkeep(made, runtime.settings.judge_retention_days)
    # Ready by itself. Were it not, with the database away, whoever asks for a verdict would get no answer, and
    # take that for a failure of the release; the judge says continue, and that it is degraded.
    return Part(
        "plotlot.api.judge.v1.JudgeService",
        lambda server: judge_pb2_grpc.add_JudgeServiceServicer_to_server(servicer, server),
        None,
        tasks=(upkeep.run,),
    )


COMPONENTS: dict[str, Component] = {
    "gateway": gateway,
    "retrieval": retrieval,
    "extraction": extraction,
    "inference": inference,
    "ingestion": ingestion,
    "judge": judge,
}


def release_bundle(settings: Settings) -> Bundle:
    """The bundle of the settings' file, else the one that this code and these settings make.

    Raises InvalidBundle where the file cannot be read, was altered, or asks for what this code does not know.
    """
    return bundle_in(settings.bundle_file) if settings.bundle_file else own_bundle(settings)


def bundle_in(path: Path) -> Bundle:
    """The bundle in a file. Raises InvalidBundle naming the file."""
    try:
        return bundle_of_file(path.read_bytes())
    except OSError as error:
        raise InvalidBundle(f"the bundle's file {path} cannot be read: {error.strerror}") from error
    except InvalidBundle as error:
        raise InvalidBundle(
            f"the bundle's file {path}: {error.message}", field=error.field, suggestions=error.suggestions
        ) from error


def own_bundle(settings: Settings) -> OwnBundle:
    """The bundle that this code and these settings make."""
    from plotlot.ingestion.index import CHUNKER
    from plotlot.ingestion.pipeline import PARSER

    return OwnBundle(version("plotlot"), PARSER, CHUNKER, parameters=own_parameters(settings))


def own_parameters(settings: Settings) -> Parameters:
    """By what this code and these settings answer where no bundle says it."""
    from plotlot.extraction.reader import ENGINE
    from plotlot.inference import EXTRACTIVE

    return Parameters(
        embedding_model=settings.embedding_model,
        retrieval=SEARCH_OF_CODES,
        extraction=Extraction(engine=ENGINE),
        generation=Generation(model=settings.generation_model if settings.generation_url else EXTRACTIVE),
    )
