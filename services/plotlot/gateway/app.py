"""The REST application and the page, put together."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from plotlot.domain.bundles import Bundle
from plotlot.gateway.analysis import Analyst
from plotlot.gateway.asking import Asker
from plotlot.gateway.clients import Clients
from plotlot.gateway.middleware import RequestMiddleware
from plotlot.gateway.pages import router as page_router
from plotlot.gateway.problems import install_problems
from plotlot.gateway.rendering import Renderer, install_missing_page
from plotlot.gateway.routes import analyses as analyses_routes
from plotlot.gateway.routes import ask, documents, municipalities, operations, parcels, search
from plotlot.gateway.store import Analyses
from plotlot.settings import Settings
from plotlot.telemetry import Metrics


def create_app(
    clients: Clients,
    analyst: Analyst,
    analyses: Analyses,
    bundle: Bundle,
    metrics: Metrics,
    settings: Settings,
) -> FastAPI:
    """The application over the services that the clients call."""
    app = FastAPIOffline(
        title="PlotLot",
        version=version("plotlot"),
        description="What may be built on a lot, and which paragraph of the code says so.",
        redoc_url=None,
    )
    renderer = Renderer()
    install_problems(app)
    install_missing_page(app, renderer)
    app.add_middleware(
        RequestMiddleware,
        bundle=bundle,
        metrics=metrics,
        deadline_seconds=settings.request_deadline_seconds,
        ingest_deadline_seconds=settings.ingest_deadline_seconds,
    )
    app.include_router(analyses_routes.router(analyst, analyses))
    app.include_router(ask.router(Asker(clients, bundle.id)))
    app.include_router(search.router(clients))
    app.include_router(municipalities.router(clients, bundle.id))
    app.include_router(documents.router(clients, settings.max_document_bytes))
    app.include_router(parcels.router(clients))
    app.include_router(operations.router(clients, metrics, bundle.id))
    app.include_router(page_router(clients, analyst, analyses, renderer))
    return app
