"""Whether and where this process sends traces, by the variables of OpenTelemetry's specification."""

import importlib.util
import logging
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry.trace import set_tracer_provider

from plotlot.domain.errors import ServiceUnavailable
from plotlot.settings import OpenTelemetry

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

CLOSE_SECONDS = 2.0  # for what is left to be sent, and as long again for a connection that hangs


class Tracing:
    """Sends what this process traces; close it."""

    def __init__(self, provider: "TracerProvider", exporter: "SpanExporter") -> None:
        self._provider = provider
        self._exporter = exporter

    def close(self) -> None:
        """Send what is left, where that can be done in a moment. Blocks."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(CLOSE_SECONDS)
        if ending.is_alive():  # it waits before it tries again
            self._exporter.shutdown()
            ending.join(CLOSE_SECONDS)


def begin_tracing(variables: OpenTelemetry, service: str, slow_seconds: float) -> Tracing | None:
    """Trace this process, where an endpoint is set. Raises ServiceUnavailable where the extra is not installed."""
    where = variables.traces_endpoint
    if not where or variables.otel_sdk_disabled:
        return None
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        raise ServiceUnavailable(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends traces is not here: install plotlot[tracing]"
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    from plotlot.tracing.exporting import CarefulExporter
    from plotlot.tracing.sampling import DoorProcessor, sampler_named

    # They would tell of every attempt to send, and of every span that there is no room for; we say it once.
    for name in ("opentelemetry.exporter", "opentelemetry.sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    exporter = CarefulExporter(OTLPSpanExporter(), where)
    own = {"service.namespace": "plotlot", "service.version": version("plotlot")}
    named = {} if variables.otel_service_name else {"service.name": service}
    provider = TracerProvider(
        sampler=sampler_named(variables.otel_traces_sampler, variables.otel_traces_sampler_arg),
        resource=Resource.create({**own, **named}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(DoorProcessor(exporter, slow_seconds))
    set_tracer_provider(provider)
    return Tracing(provider, exporter)
