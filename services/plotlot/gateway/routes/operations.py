"""What operators ask: liveness, readiness and metrics."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from plotlot.domain.errors import PlotLotError, ServiceUnavailable
from plotlot.gateway.clients import Clients
from plotlot.http.problems import problem_response
from plotlot.http.requests import metrics_response
from plotlot.telemetry import Metrics


def router(clients: Clients, metrics: Metrics, bundle: str) -> APIRouter:
    """The routes of operations."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "ok", "bundle": bundle}

    @routes.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Whether an analysis could be answered: the services and the store behind them reply."""
        if getattr(request.app.state, "draining", False):
            return problem_response(ServiceUnavailable("this gateway is about to stop; ask another"))
        try:
            await clients.town_names()
        except PlotLotError as error:
            return problem_response(error)
        return JSONResponse({"status": "ready", "bundle": bundle})

    @routes.get("/metrics")
    async def prometheus(request: Request) -> Response:
        """Prometheus metrics of this process."""
        return metrics_response(metrics, request.headers.get("accept", ""))

    return routes
