"""Each service but the gateway, made of what its process has. What a service imports, a process without it never does."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from plotlot.domain.errors import InvalidRequest
from plotlot.rpc.health import Need
from plotlot.runtime.parts import Close, Part, Process
from plotlot.store.cache import open_cache

if TYPE_CHECKING:
    from plotlot.ingestion.parsers.scans import Ocr
    from plotlot.ingestion.property.lookup import PropertyLookup
    from plotlot.ingestion.refreshing.refreshes import Refreshes
    from plotlot.ingestion.servicer import InferenceEmbeddings

log = logging.getLogger(__name__)

Task = Callable[[], Coroutine[Any, Any, None]]


def retrieval(process: Process) -> Part:
    """Retrieval, which embeds queries by inference and keeps their vectors."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.retrieval.v1 import retrieval_pb2_grpc
    from plotlot.retrieval.rerankers import reranker
    from plotlot.retrieval.reranking import Reranking
    from plotlot.retrieval.servicer import RetrievalServicer
    from plotlot.retrieval.vectors import QueryVectors

    inference = InferenceServiceStub(process.channel("inference"))
    cache = open_cache(process.settings, process.metrics)
    reranking = Reranking(reranker(process.settings), process.metrics)
    servicer = RetrievalServicer(process.database, QueryVectors(inference, cache), reranking)
    return Part(
        "plotlot.api.retrieval.v1.RetrievalService",
        lambda server: retrieval_pb2_grpc.add_RetrievalServiceServicer_to_server(servicer, server),
        process.store,
        end=cache.close,
    )


def extraction(process: Process) -> Part:
    """Extraction with every engine that this deployment has; one of them asks a model by inference."""
    from plotlot.api.extraction.v1 import extraction_pb2_grpc
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.extraction.engines import engines
    from plotlot.extraction.library import Library
    from plotlot.extraction.model.inference import InferenceCompleter
    from plotlot.extraction.servicer import ExtractionServicer

    settings = process.settings
    completer = InferenceCompleter(InferenceServiceStub(process.channel("inference")))
    served = engines(completer, settings.reader_model, settings.prompt_dir)
    library = Library(process.database, served, process.metrics)
    servicer = ExtractionServicer(library)

    return Part(
        "plotlot.api.extraction.v1.ExtractionService",
        lambda server: extraction_pb2_grpc.add_ExtractionServiceServicer_to_server(servicer, server),
        process.store,
        close=library.close,
    )


def inference(process: Process) -> Part:
    """Inference with the models of the settings, and the extractive engine that needs none."""
    from plotlot.api.inference.v1 import inference_pb2_grpc
    from plotlot.inference.engines import completions, embedder, quoting
    from plotlot.inference.extractive import ExtractiveEngine
    from plotlot.inference.servicer import InferenceServicer

    embeddings = embedder(process.settings)
    quotes = ExtractiveEngine(embeddings)
    writes = completions(process.settings, process.metrics, quotes)
    servicer = InferenceServicer(
        embeddings, quotes, writes, [quoting(writes)] if process.settings.generation_url else []
    )

    # Alone, it loads the model before the first call. Among others, with it: few commands need the model.
    need = Need("the model", lambda: asyncio.to_thread(embeddings.load)) if process.alone else None
    return Part(
        "plotlot.api.inference.v1.InferenceService",
        lambda server: inference_pb2_grpc.add_InferenceServiceServicer_to_server(servicer, server),
        need,
        tasks=[writes.watch],
    )


def ingestion(process: Process) -> Part:
    """Ingestion, which embeds chunks by inference."""
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1 import ingestion_pb2_grpc
    from plotlot.ingestion.parsers.scans import Ocr
    from plotlot.ingestion.servicer import InferenceEmbeddings, IngestionServicer
    from plotlot.ingestion.watching import ContentWatch

    stub = InferenceServiceStub(process.channel("inference"))
    settings = process.settings
    ocr = Ocr("auto" if settings.ocr else "off", settings.ocr_seconds)
    lookup, close = property_lookup(process)
    refreshes, work, end = refreshing(process, InferenceEmbeddings(stub), ocr)
    servicer = IngestionServicer(
        process.database,
        stub,
        settings.max_document_bytes,
        ocr=ocr,
        lookup=lookup,
        refreshes=refreshes,
        metrics=process.metrics,
    )
    return Part(
        "plotlot.api.ingestion.v1.IngestionService",
        lambda server: ingestion_pb2_grpc.add_IngestionServiceServicer_to_server(servicer, server),
        process.store,
        tasks=[ContentWatch(process.database, process.metrics).run, *work],
        close=close,
        end=end,
    )


def property_lookup(process: Process) -> tuple["PropertyLookup | None", Close | None]:
    """What looks parcels up outside, and how it ends; none where no sources are set up. Raises InvalidRequest."""
    settings = process.settings
    if not settings.property_sources.strip():
        return None, None
    from plotlot.ingestion.property.configuration import egress_client, sources_of
    from plotlot.ingestion.property.keeping import FoundParcels
    from plotlot.ingestion.property.lookup import Freshness, PropertyLookup

    sources = sources_of(settings.property_sources)
    assert sources is not None, "the setting is not empty"
    client = egress_client(sources, settings, process.metrics)
    freshness = Freshness(
        timedelta(days=settings.property_fresh_days), timedelta(days=settings.property_kept_days)
    )
    lookup = PropertyLookup(
        sources, client, FoundParcels(process.database), freshness, process.metrics, lambda: datetime.now(UTC)
    )

    async def close(grace_seconds: float) -> None:
        await lookup.close(grace_seconds)
        await client.close()

    return lookup, close


def refreshing(
    process: Process, embeddings: "InferenceEmbeddings", ocr: "Ocr"
) -> tuple["Refreshes | None", Sequence[Task], Task | None]:
    """What begins refreshes and, where this process works on them, does them; and how it ends. None of it where nobody
    publishes codes here. Raises InvalidRequest."""
    settings = process.settings
    if not settings.publishers.strip():
        if settings.refresh_worker:
            raise InvalidRequest("PLOTLOT_REFRESH_WORKER is set, and PLOTLOT_PUBLISHERS names nobody")
        return None, (), None
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceStub
    from plotlot.ingestion.publishers.configuration import publishers_of
    from plotlot.ingestion.refreshing.looking import Looking
    from plotlot.ingestion.refreshing.outside import egress_client
    from plotlot.ingestion.refreshing.own_expectations import own_expectations
    from plotlot.ingestion.refreshing.parts import Believed, refresh_parts
    from plotlot.ingestion.refreshing.progress import Progress
    from plotlot.ingestion.refreshing.refreshes import Refreshes
    from plotlot.ingestion.refreshing.standards import ExtractedStandards
    from plotlot.ingestion.refreshing.towns import Towns
    from plotlot.ingestion.refreshing.worker import RefreshWorker
    from plotlot.ingestion.refreshing.workflows import Concurrency, Workflows

    configured = publishers_of(settings.publishers)
    client = egress_client(configured, settings, process.metrics)
    believed = Believed(
        timedelta(days=settings.listing_fresh_days), timedelta(days=settings.edition_trusted_days)
    )
    made = configured.made(settings.max_document_bytes)
    standards = ExtractedStandards(ExtractionServiceStub(process.channel("extraction")))
    looking = Looking(process.database, standards, own_expectations(settings.expectations))
    parts = refresh_parts(process.database, made, client, embeddings, looking, ocr, believed)
    towns = Towns(process.database)
    concurrency = Concurrency(by_host=settings.publisher_towns_at_once)
    worker = RefreshWorker(lambda: Workflows(process.conninfo, parts.stages, towns, concurrency), towns)
    refreshes = Refreshes(towns, Progress(process.database), parts.sources)
    return refreshes, [worker.run] if works_on_refreshes(process) else [], client.close


def works_on_refreshes(process: Process) -> bool:
    """Whether this process does refreshes. Raises InvalidRequest where it should and cannot."""
    wanted, able = process.settings.refresh_worker, find_spec("dbos") is not None
    if wanted and not able:
        raise InvalidRequest("PLOTLOT_REFRESH_WORKER needs DBOS: install plotlot[workflows]")
    if wanted is None and not process.alone and not able:
        log.warning("nothing is refreshed by this process: it needs DBOS, install plotlot[workflows]")
    return able and (not process.alone if wanted is None else wanted)


def judge(process: Process) -> Part:
    """The judge: gRPC for gateways, and alone its HTTP for those who ask for verdicts."""
    from plotlot.api.judge.v1 import judge_pb2_grpc
    from plotlot.judge.judge import Judge
    from plotlot.judge.servicer import JudgeServicer
    from plotlot.judge.upkeep import Upkeep

    made, app = Judge(process.database, process.metrics), None
    if process.alone:
        from plotlot.judge.app import create_app

        app = create_app(made, process.metrics, process.settings)
    servicer = JudgeServicer(made)
    upkeep = Upkeep(made, process.settings.judge_retention_days)
    # Ready by itself. Were it not, with the database away, whoever asks for a verdict would get no answer, and
    # take that for a failure of the release; the judge says continue, and that it is degraded.
    return Part(
        "plotlot.api.judge.v1.JudgeService",
        lambda server: judge_pb2_grpc.add_JudgeServiceServicer_to_server(servicer, server),
        None,
        tasks=(upkeep.run,),
        app=app,
    )
