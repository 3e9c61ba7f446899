"""Telemetry is a contract: the names of every metric, label and attribute of a span, by subject."""

from plotlot.telemetry.inference import NOBODY_KNOWN
from plotlot.telemetry.making import LATENCY_BUCKETS
from plotlot.telemetry.metrics import Metrics
from plotlot.telemetry.spans import FIRST_TOKEN_EVENT, Db, Egress, GenAi, Http, Rpc, SpanNames

__all__ = [
    "FIRST_TOKEN_EVENT",
    "LATENCY_BUCKETS",
    "NOBODY_KNOWN",
    "Db",
    "Egress",
    "GenAi",
    "Http",
    "Metrics",
    "Rpc",
    "SpanNames",
]
