"""A collector of traces by OTLP over HTTP, which keeps what it is sent."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from plotlot.telemetry import Db, GenAi, Rpc, SpanNames
from plotlot.telemetry.traces import Sort

WAIT_SECONDS = 20.0
CLIENT, SERVER = 3, 2  # kinds of spans, as OTLP numbers them


@dataclass(frozen=True)
class Seen:
    """A span as it was sent."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    failed: bool
    seconds: float
    attributes: dict[str, Any]

    @property
    def sort(self) -> Sort:
        """What it is of."""
        if door := self.attributes.get(SpanNames.DOOR):
            return {"http": Sort.REQUEST, "job": Sort.JOB, "grpc": Sort.SERVED}[door]
        if Rpc.SYSTEM in self.attributes:
            return Sort.SERVED if self.kind == SERVER else Sort.CALL
        if Db.SYSTEM in self.attributes:
            return Sort.CACHE if self.attributes[Db.SYSTEM] == Db.REDIS else Sort.STATEMENT
        return Sort.ENGINE if GenAi.OPERATION in self.attributes else Sort.OUTSIDE


@dataclass
class Collector:
    """What was sent so far."""

    url: str = ""
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)

    def spans(self) -> list[Seen]:
        """Every span."""
        return [
            seen(span, dict(told(each.resource.attributes))["service.name"])
            for request in list(self.requests)
            for each in request.resource_spans
            for scope in each.scope_spans
            for span in scope.spans
        ]

    def wait(self, there: Callable[[list[Seen]], bool]) -> list[Seen]:
        """The spans once they are as they should be."""
        until = time.monotonic() + WAIT_SECONDS
        while not there(spans := self.spans()):
            assert time.monotonic() < until, sorted({(one.service, one.name) for one in spans})
            time.sleep(0.05)
        return spans

    def environment(self, **more: str) -> dict[str, str]:
        """The variables by which a process sends everything here at once."""
        named = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_TRACES_SAMPLER": "always_on"}
        return {**named, "OTEL_BSP_SCHEDULE_DELAY": "100", **more}


def seen(span: Any, service: str) -> Seen:
    """A span of a message."""
    return Seen(
        service,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.kind,
        span.status.code == 2,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        dict(told(span.attributes)),
    )


def told(attributes: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of attributes."""
    for each in attributes:
        kind = each.value.WhichOneof("value")
        yield each.key, getattr(each.value, kind) if kind else None


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that runs."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                content = gzip.decompress(content)
            collector.requests.append(ExportTraceServiceRequest.FromString(content))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *told: object) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    collector.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
