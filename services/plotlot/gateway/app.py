"""The REST application and the page, put together."""

import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI

from plotlot.domain.bundles import Bundle
from plotlot.gateway.answers import Answers
from plotlot.gateway.clients import Clients
from plotlot.gateway.comparisons.comparing import Comparing
from plotlot.gateway.delivery.delivery import Delivery
from plotlot.gateway.delivery.gold_store import GoldCases
from plotlot.gateway.generations.checking import Checking
from plotlot.gateway.idempotency.middleware import IdempotencyMiddleware
from plotlot.gateway.identity.access import Access
from plotlot.gateway.identity.attempts import Attempts
from plotlot.gateway.identity.keyring import Keyring
from plotlot.gateway.identity.middleware import AccessMiddleware
from plotlot.gateway.identity.rules import Rules
from plotlot.gateway.jobs.batch import MOST_BYTES as BATCH_BYTES
from plotlot.gateway.limits.admission import AdmissionMiddleware
from plotlot.gateway.limits.middleware import QuotaMiddleware
from plotlot.gateway.middleware import RequestMiddleware
from plotlot.gateway.openapi.document import install_document
from plotlot.gateway.pages import api_reference, districts, errors, first, places
from plotlot.gateway.pages import asking as ask_pages
from plotlot.gateway.pages import comparisons as compare_pages
from plotlot.gateway.pages import documents as document_pages
from plotlot.gateway.pages import refreshes as refresh_pages
from plotlot.gateway.pages import releases as release_pages
from plotlot.gateway.pages import reports as report_pages
from plotlot.gateway.pages import sign_in as sign_in_pages
from plotlot.gateway.pages import watches as watch_pages
from plotlot.gateway.pages.reports import Reports
from plotlot.gateway.refreshing.refresh_client import RefreshClient
from plotlot.gateway.releases.judge_client import JudgeClient
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
    refreshes,
    releases,
    search,
    settling,
    sign_ins,
    watches,
)
from plotlot.gateway.routes import reports as report_routes
from plotlot.gateway.sharing.shares import Shares
from plotlot.gateway.sharing.sharing import Sharing
from plotlot.gateway.towns import Towns
from plotlot.gateway.watching.asking import Watching
from plotlot.gateway.watching.cited import CitedSections
from plotlot.gateway.watching.watches import Watches
from plotlot.gateway.web.map_tiles import MapTiles
from plotlot.gateway.web.pdf import PdfPrinter
from plotlot.gateway.web.rendering import Renderer, install_missing_page
from plotlot.gateway.web.report_documents import Documents
from plotlot.http.bodies import BodyMiddleware
from plotlot.http.origins import add_cors
from plotlot.http.problems import install_problems
from plotlot.http.requests import NO_TELEMETRY
from plotlot.http.security import SecurityMiddleware
from plotlot.settings import Settings
from plotlot.telemetry import Metrics

MOST_BYTES = 1_000_000  # many times the largest question; as JSON it may take 25 times as much of memory
FORM_BYTES = 1_000_000  # of an upload besides its file
ADVICE = "send it in parts; files of codes and parcels may have PLOTLOT_MAX_DOCUMENT_BYTES"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of: what reads asks ``answers``, what writes asks the services themselves."""

    answers: Answers
    clients: Clients
    delivery: Delivery
    gold_cases: GoldCases
    bundle: Bundle
    metrics: Metrics
    settings: Settings
    judge: JudgeClient
    rest: Rest
    access: Access
    towns: Towns
    sections: CitedSections
    refreshes: RefreshClient


def create_app(parts: Parts) -> FastAPI:
    """The application: every request passes the same checks, whichever operation or page it asks for."""
    app = FastAPI(
        title="PlotLot",
        version=version("plotlot"),
        description="What may be built on a lot, and which paragraph of the code says so.",
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
    )
    settings = parts.settings
    renderer = Renderer(MapTiles(settings.map_tiles, settings.map_attribution))
    comparing = Comparing(parts.answers)
    shares = Shares(parts.rest.database)
    # Each opening is looked up: a link that was taken back ends at once.
    opening = Keyring(shares, Attempts(time.monotonic), time.monotonic, fresh_seconds=0)
    sharing = Sharing(parts.answers, shares, opening, parts.access.audit, settings.public_url or "")
    written = Documents(renderer, PdfPrinter())
    install_problems(app)
    install_missing_page(app, renderer)
    add_middlewares(app, parts, renderer)
    add_answers(app, parts, comparing)
    app.include_router(report_routes.router(parts.answers, sharing, written))
    add_operations(app, parts)
    install_document(app)
    add_pages(app, parts, renderer, comparing)
    signs_in = settings.auth == "required"
    reports = Reports(
        parts.answers,
        parts.rest.feedback,
        sharing,
        parts.sections,
        written,
        renderer,
        parts.bundle.id,
        signs_in,
    )
    app.include_router(report_pages.router(reports))
    return app


def add_middlewares(app: FastAPI, parts: Parts, renderer: Renderer) -> None:
    """What each request passes; the last one added is the first to see it."""
    settings, rest, delivery = parts.settings, parts.rest, parts.delivery
    refuse = partial(sign_in_pages.refusal, parts.access.sign_in, renderer)
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
        authentication=parts.access.authentication,
        rules=Rules(),
        audit=parts.access.audit,
        refuse=refuse,
    )
    if settings.cors_origins.strip():
        add_cors(app, settings.cors_origins)
    app.add_middleware(AdmissionMiddleware, most=settings.max_waiting_requests, refuse=refuse)
    app.add_middleware(
        RequestMiddleware,
        bundle=parts.bundle,
        sessions=delivery.sessions,
        load=delivery.load,
        observe=delivery.observe,
        metrics=parts.metrics,
        settings=settings,
    )
    app.add_middleware(SecurityMiddleware, https_only=(settings.public_url or "").startswith("https:"))


def add_answers(app: FastAPI, parts: Parts, comparing: Comparing) -> None:
    """What users ask, and what they say of answers."""
    answers, rest = parts.answers, parts.rest
    app.include_router(analyses_routes.router(answers, rest.answers))
    app.include_router(maps.router(answers))
    app.include_router(comparisons.router(comparing))
    app.include_router(batches.router(rest.jobs, rest.batches))
    app.include_router(jobs.router(rest.jobs))
    app.include_router(ask.router(answers, rest.answers))
    app.include_router(search.router(answers, rest.answers))
    app.include_router(municipalities.router(answers, parts.towns))
    app.include_router(feedback.router(rest.feedback, answers, parts.bundle.id))
    app.include_router(settling.router(rest.feedback))
    app.include_router(watches.router(answers, parts.sections, *watching_of(parts)))


def watching_of(parts: Parts) -> tuple[Watching, Watches]:
    """What asks to be told, and where that is kept."""
    watches = Watches(parts.rest.database)
    return Watching(parts.answers, parts.towns, watches), watches


def add_operations(app: FastAPI, parts: Parts) -> None:
    """What fills the store, and what operators look at."""
    clients, rest, longest = parts.clients, parts.rest, parts.settings.max_document_bytes
    app.include_router(documents.router(clients, rest.database, longest, rest.queue))
    app.include_router(parcels.router(clients, parts.answers))
    app.include_router(index.router(clients, rest.queue, Checking(rest.database, clients)))
    app.include_router(operations.router(clients, parts.metrics, parts.bundle.id))
    app.include_router(gold.router(parts.delivery, parts.gold_cases))
    app.include_router(refreshes.router(parts.refreshes))
    app.include_router(releases.router(parts.judge))
    app.include_router(keys.router(parts.access.keys))
    app.include_router(sign_ins.router(parts.access.sign_ins))
    app.include_router(audit.router(parts.access.audit))


def add_pages(app: FastAPI, parts: Parts, renderer: Renderer, comparing: Comparing) -> None:
    """The pages, but those of reports."""
    answers = parts.answers
    app.include_router(first.router(answers, renderer))
    app.include_router(ask_pages.router(answers, renderer))
    app.include_router(districts.router(answers, parts.rest.feedback, renderer))
    app.include_router(places.router(answers, parts.towns, renderer))
    app.include_router(document_pages.router(parts.rest.database, renderer))
    app.include_router(compare_pages.router(comparing, answers, renderer))
    app.include_router(refresh_pages.router(parts.refreshes, renderer))
    app.include_router(watch_pages.router(*watching_of(parts), renderer))
    app.include_router(release_pages.router(parts.judge, renderer))
    app.include_router(sign_in_pages.router(parts.access.sign_in, renderer))
    app.include_router(errors.router(renderer))
    app.include_router(api_reference.router(app.openapi, renderer))
