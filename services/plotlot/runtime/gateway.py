"""The gateway, made of what its process has: it alone calls every other service."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from plotlot.domain.errors import StoreUnavailable
from plotlot.runtime.bundles import release_bundle
from plotlot.runtime.parts import Part, Process
from plotlot.telemetry import Metrics

if TYPE_CHECKING:
    from plotlot.gateway.caching.remembering import RememberingClients


def gateway(process: Process) -> Part:
    """The gateway: its REST application, and the same operations over gRPC."""
    from plotlot.api.gateway.v1 import gateway_pb2_grpc
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceStub
    from plotlot.api.judge.v1.judge_pb2_grpc import JudgeServiceStub
    from plotlot.gateway.analysis import Analyst
    from plotlot.gateway.answers import Answers
    from plotlot.gateway.app import Parts, create_app
    from plotlot.gateway.delivery.delivery import Delivery
    from plotlot.gateway.delivery.gold_store import GoldCases
    from plotlot.gateway.identity.access import access_of
    from plotlot.gateway.quality.counting import Counting, each_of
    from plotlot.gateway.quality.reading_again import ReadingAgain
    from plotlot.gateway.quality.town_questions import QuestionCounting, TownQuestions
    from plotlot.gateway.refreshing.refresh_client import RefreshClient
    from plotlot.gateway.releases.judge_client import JudgeClient
    from plotlot.gateway.reports.store import Analyses
    from plotlot.gateway.rest import rest_of
    from plotlot.gateway.servicer import GatewayServicer
    from plotlot.gateway.towns import Towns
    from plotlot.gateway.watching.cited import CitedSections

    clients = clients_of(process)
    bundle = release_bundle(process.settings)
    metrics, settings = process.metrics, process.settings
    judge = JudgeServiceStub(process.channel("judge"))
    delivery, gold_cases = Delivery(judge, bundle, settings, metrics), GoldCases(process.database)
    analyses = Analyses(process.database)
    reading_again = ReadingAgain(process.database, metrics)
    counting = Counting(bundle.id, metrics, reading_again.offer)
    questions = QuestionCounting(process.database)
    observe = each_of(counting.observe, delivery.observe, questions.observe)
    answers = Answers(clients, analyses, bundle.id, metrics, observe)
    # Rows of jobs are nobody's session: no release is judged by them.
    analyst = Analyst(clients, analyses, bundle.id, metrics)
    access = access_of(process.database, settings, metrics)
    rest = rest_of(process.database, clients, analyst, delivery, bundle, settings, metrics)
    delivery.replay(answers, gold_cases)
    watch_certificate(settings.door_certificate, metrics)
    app = create_app(
        Parts(
            answers=answers,
            clients=clients,
            delivery=delivery,
            gold_cases=gold_cases,
            bundle=bundle,
            metrics=metrics,
            settings=settings,
            judge=JudgeClient(judge),
            rest=rest,
            access=access,
            sections=CitedSections(process.database),
            towns=Towns(answers, rest.feedback, TownQuestions(rest.database), rest.database),
            refreshes=RefreshClient(IngestionServiceStub(process.channel("ingestion"))),
        )
    )

    async def close(grace_seconds: float) -> None:
        await delivery.stop(grace_seconds)
        await rest.close()
        await access.audit.flush()
        with suppress(StoreUnavailable):
            await questions.flush()

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
        tasks=(
            delivery.start,
            rest.worker.run,
            rest.builder.run,
            rest.watch.run,
            rest.upkeep,
            access.audit.run,
            reading_again.run,
            questions.run,
        ),
        close=close,
        app=app,
        bundle=bundle.id,
    )


def clients_of(process: Process) -> "RememberingClients":
    """The services that answers are made of, as the gateway calls them."""
    from plotlot.api.extraction.v1.extraction_pb2_grpc import ExtractionServiceStub
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
    from plotlot.api.ingestion.v1.ingestion_pb2_grpc import IngestionServiceStub
    from plotlot.api.retrieval.v1.retrieval_pb2_grpc import RetrievalServiceStub
    from plotlot.gateway.caching.remembering import RememberingClients

    return RememberingClients(
        retrieval=RetrievalServiceStub(process.channel("retrieval")),
        extraction=ExtractionServiceStub(process.channel("extraction")),
        inference=InferenceServiceStub(process.channel("inference")),
        ingestion=IngestionServiceStub(process.channel("ingestion")),
        metrics=process.metrics,
        looks_up=bool(process.settings.property_sources.strip()),
    )


def watch_certificate(file: Path | None, metrics: Metrics) -> None:
    """Have the end of the certificate looked up whenever somebody asks for the metrics. Raises ServiceUnavailable."""
    if file is not None:
        from plotlot.http.certificates import check_readable, ends_at

        check_readable()
        metrics.certificate_ends.set_function(lambda: ends_at(file))
