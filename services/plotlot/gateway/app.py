"""The REST application and the page, put together."""

from functools import partial
from importlib.metadata import version

from fastapi import FastAPI

from plotlot.domain.bundles import Bundle
from plotlot.gateway import api_reference, ask_pages, district_pages, error_pages, sign_in_pages
from plotlot.gateway.answers import Answers
from plotlot.gateway.clients import Clients
from plotlot.gateway.compare_pages import router as compare_page_router
from plotlot.gateway.comparing import Comparing
from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.delivery.gold_store import GoldCases
from plotlot.gateway.idempotency.middleware import IdempotencyMiddleware
from plotlot.gateway.identity.access import Access
from plotlot.gateway.identity.middleware import AccessMiddleware
from plotlot.gateway.identity.rules import Rules
from plotlot.gateway.jobs.batch import MOST_BYTES as BATCH_BYTES
from plotlot.gateway.limits.middleware import QuotaMiddleware
from plotlot.gateway.map_tiles import MapTiles
from plotlot.gateway.middleware import RequestMiddleware
from plotlot.gateway.openapi import install_document
from plotlot.gateway.pages import router as page_router
from plotlot.gateway.place_pages import router as place_page_router
from plotlot.gateway.releases.judge_client import JudgeClient
from plotlot.gateway.releases.pages import router as release_page_router
from plotlot.gateway.rendering import Renderer, install_missing_page
from plotlot.gateway.reports import pages as report_pages
from plotlot.gateway.reports.documents import Documents
from plotlot.gateway.reports.pages import Reports
from plotlot.gateway.reports.pdf import PdfPrinter
from plotlot.gateway.reports.shares import Shares
from plotlot.gateway.reports.sharing import Sharing
from plotlot.gateway.rest import Rest
from plotlot.gateway.routes import analyses as analyses_routes
from plotlot.gateway.routes import (
    ask,
    audit,
    batches,
    comparisons,
    documents,
    feedback,
    gold,
    index,
    jobs,
    keys,
    maps,
    municipalities,
    operations,
    parcels,
    releases,
    search,
    settling,
)
from plotlot.gateway.routes import reports as report_routes
from plotlot.gateway.towns import Towns
from plotlot.http.bodies import BodyMiddleware
from plotlot.http.origins import add_cors
from plotlot.http.problems import install_problems
from plotlot.http.security import SecurityMiddleware
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

MOST_BYTES = 1_000_000  # many times the largest question; as JSON it may take 25 times as much of memory
FORM_BYTES = 1_000_000  # of an upload besides its file
ADVICE = "send it in parts; files of codes and parcels may have PLOTLOT_MAX_DOCUMENT_BYTES"


def create_app(
    answers: Answers,
    clients: Clients,
    delivery: Delivery,
    gold_cases: GoldCases,
    bundle: Bundle,
    metrics: Metrics,
    settings: Settings,
    judge: JudgeClient,
    rest: Rest,
    access: Access,
    towns: Towns | None = None,
) -> FastAPI:
    """The application: what reads asks ``answers``, what writes asks the services themselves."""
    app = FastAPI(
        title="PlotLot",
        version=version("plotlot"),
        description="What may be built on a lot, and which paragraph of the code says so.",
        docs_url=None,
        redoc_url=None,
    )
    renderer = Renderer(MapTiles(settings.map_tiles, settings.map_attribution))
    comparing = Comparing(answers)
    towns = towns or Towns(answers, rest.feedback, rest.database)
    install_problems(app)
    install_missing_page(app, renderer)
    refuse = partial(sign_in_pages.refusal, access.sign_in, renderer)
    # The last one added is the first to see a request.
    app.add_middleware(IdempotencyMiddleware, keys=rest.keys)
    file_bytes = settings.max_document_bytes + FORM_BYTES
    largest = {
        "/v1/documents": file_bytes,
        "/v1/parcels": file_bytes,
        "/v1/analyses:batch": BATCH_BYTES,
        "/v1/gold": gold.MOST_BYTES,
    }
    app.add_middleware(BodyMiddleware, most_bytes=MOST_BYTES, by_path=largest, advice=ADVICE)
    if rest.quotas.quotas:
        app.add_middleware(QuotaMiddleware, quotas=rest.quotas, refuse=refuse)
    app.add_middleware(
        AccessMiddleware,
        authentication=access.authentication,
        rules=Rules(),
        audit=access.audit,
        refuse=refuse,
    )
    if settings.cors_origins.strip():
        add_cors(app, settings.cors_origins)
    app.add_middleware(
        RequestMiddleware,
        bundle=bundle,
        sessions=delivery.sessions,
        load=delivery.load,
        observe=delivery.observe,
        metrics=metrics,
        settings=settings,
    )
    app.add_middleware(SecurityMiddleware, https_only=(settings.public_url or "").startswith("https:"))
    app.include_router(analyses_routes.router(answers, rest.answers))
    app.include_router(maps.router(answers))
    app.include_router(comparisons.router(comparing))
    app.include_router(batches.router(rest.jobs, rest.worker, bundle.id))
    app.include_router(jobs.router(rest.jobs))
    app.include_router(ask.router(answers, rest.answers))
    app.include_router(search.router(answers, rest.answers))
    app.include_router(municipalities.router(answers, towns))
    app.include_router(documents.router(clients, rest.database, settings.max_document_bytes, rest.queue))
    app.include_router(feedback.router(rest.feedback, answers, bundle.id))
    app.include_router(settling.router(rest.feedback))
    app.include_router(parcels.router(clients, answers))
    app.include_router(index.router(clients, rest.queue))
    app.include_router(operations.router(clients, metrics, bundle.id))
    app.include_router(gold.router(delivery, gold_cases))
    app.include_router(releases.router(judge))
    app.include_router(keys.router(access.keys))
    app.include_router(audit.router(access.audit))
    app.include_router(page_router(answers, renderer))
    app.include_router(ask_pages.router(answers, renderer))
    app.include_router(district_pages.router(answers, rest.feedback, renderer))
    app.include_router(place_page_router(answers, towns, renderer))
    app.include_router(compare_page_router(comparing, answers, renderer))
    sharing = Sharing(answers, Shares(rest.database), access.audit)
    written = Documents(renderer, PdfPrinter())
    app.include_router(report_routes.router(answers, sharing, written))
    app.include_router(
        report_pages.router(
            Reports(
                answers, rest.feedback, sharing, written, renderer, bundle.id, settings.auth == "required"
            )
        )
    )
    app.include_router(release_page_router(judge, renderer))
    install_document(app)
    app.include_router(sign_in_pages.router(access.sign_in, renderer))
    app.include_router(error_pages.router(renderer))
    app.include_router(api_reference.router(app.openapi, renderer))
    return app
