"""What of a request is written down, and in which form metrics are told."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from plotlot.http.requests import (
    NO_TELEMETRY,
    MeasuringMiddleware,
    Received,
    end_request,
    metrics_response,
    receive_request,
    told_path,
)
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Http, Metrics, SpanNames

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = (("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"),)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/shared/k3JpVQm1", "/shared/{token}"),
        ("/shared/k3JpVQm1/report.pdf", "/shared/{token}/report.pdf"),
        ("/analyses/an-1/shares", "/analyses/an-1/shares"),
        ("/towns/shared/x", "/towns/shared/x"),
    ],
)
def test_the_token_of_a_shared_report_is_told_to_nobody(path: str, told: str) -> None:
    assert told_path(path) == told


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> Iterator[TracerProvider]:
    made = TracerProvider(shutdown_on_exit=False)
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


def served(
    provider: TracerProvider,
    metrics: Metrics,
    path: str,
    status: int,
    trace: tuple[tuple[str, str], ...] = SAMPLED,
) -> None:
    """Serve a request as a door does."""
    scope = {"path": path, "method": "GET"}
    request = RequestContext("request-1", "bundle-1", trace=trace)
    received: Received = receive_request(provider.get_tracer("tests"), scope, request)
    end_request(metrics, scope, status, received)


async def test_the_span_of_a_request_has_its_template_and_not_its_path(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    served(provider, Metrics(), "/v1/municipalities/4711 Quincunx Street/districts", 200)
    served(provider, Metrics(), "/v1/ask", 503)
    found, failed = exporter.get_finished_spans()
    assert found.name == "GET unmatched"
    assert "Quincunx" not in found.to_json()
    assert found.attributes is not None
    assert found.attributes[SpanNames.BUNDLE] == "bundle-1"
    assert failed.attributes is not None
    assert (failed.status.status_code, failed.attributes[Http.STATUS]) == (StatusCode.ERROR, 503)


async def test_who_is_called_for_a_request_is_told_of_its_span_and_probes_are_in_no_trace(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    served(provider, Metrics(), "/v1/ask", 200)
    request = current_request.get()
    (span,) = exporter.get_finished_spans()
    assert request is not None
    assert span.context is not None
    assert request.trace == (("traceparent", f"00-{TRACE}-{span.context.span_id:016x}-01"),)
    served(provider, Metrics(), "/readyz", 200, ())
    assert len(exporter.get_finished_spans()) == 1


@pytest.mark.parametrize(
    ("accepts", "told"),
    [("", False), ("text/plain;version=0.0.4", False), ("application/openmetrics-text;version=1.0.0", True)],
)
async def test_openmetrics_alone_names_the_trace_of_a_time(
    accepts: str, told: bool, provider: TracerProvider
) -> None:
    metrics = Metrics()
    served(provider, metrics, "/v1/ask", 200)
    answer = metrics_response(metrics, accepts)
    assert answer.headers["content-type"].startswith("application/openmetrics-text" if told else "text/plain")
    lines = [line for line in bytes(answer.body).decode().splitlines() if f'trace_id="{TRACE}"' in line]
    assert bool(lines) is told
    assert all(line.startswith("plotlot_http_seconds_bucket") for line in lines)


async def test_fastapi_makes_no_spans_of_its_own(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    app = FastAPI(telemetry={**NO_TELEMETRY, "tracer_provider": provider})

    @app.get("/at/{place}")
    async def at(place: str) -> str:
        return place

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://plotlot") as client:
        assert (await client.get("/at/home")).status_code == 200
    assert exporter.get_finished_spans() == ()


async def test_the_judges_http_goes_on_with_its_callers_trace(
    provider: TracerProvider, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plotlot.http.requests.get_tracer", provider.get_tracer)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("{}")(scope, receive, send)

    transport = httpx.ASGITransport(MeasuringMiddleware(answer, Metrics(), 5.0))
    async with httpx.AsyncClient(transport=transport, base_url="http://judge") as client:
        await client.post("/v1/verdicts", headers=dict(SAMPLED))
    (span,) = exporter.get_finished_spans()
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}" == TRACE
    assert span.attributes is not None
    assert span.attributes[SpanNames.DOOR] == "http"
