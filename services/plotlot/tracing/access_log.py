"""One line of the log for each request that was served: what it was, how it went, and what it took."""

import logging
from collections.abc import Mapping

from plotlot.telemetry import SpanNames
from plotlot.tracing.spans import Value

log = logging.getLogger("plotlot.access")
HITS = ("hit", "stale")


def tell_of(
    protocol: str, request: Mapping[str, Value], seconds: float, notes: Mapping[str, Value], asked: bool
) -> None:
    """Log a request: at INFO what users ``asked``, at DEBUG what services ask of one another, and probes."""
    level = logging.INFO if asked else logging.DEBUG
    if log.isEnabledFor(level):
        noted = {name.removeprefix("plotlot."): value for name, value in notes.items()}
        told = {**request, "latency_ms": round(seconds * 1000, 1), **noted}
        if SpanNames.CACHE in notes:
            told["cache_hit"] = notes[SpanNames.CACHE] in HITS
        log.log(level, protocol, extra={"told": told})
