"""The names of every metric and label, and where they are counted."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Every metric of one process, on a registry that the composition root hands in."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.rpc_requests = Counter(
            "plotlot_rpc_requests",
            "Finished gRPC calls.",
            ("service", "method", "code"),
            registry=self.registry,
        )
        self.rpc_seconds = Histogram(
            "plotlot_rpc_seconds",
            "Duration of gRPC calls in seconds.",
            ("service", "method"),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.requests_in_flight = Gauge(
            "plotlot_requests_in_flight",
            "Requests that are being served, by service; the gateway's HTTP is `http`.",
            ("service",),
            registry=self.registry,
        )
        self.http_requests = Counter(
            "plotlot_http_requests",
            "Finished HTTP requests.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.http_seconds = Histogram(
            "plotlot_http_seconds",
            "Duration of HTTP requests in seconds.",
            ("route",),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.citations = Counter(
            "plotlot_citations",
            "Citations of read values, by whether they verified.",
            ("result",),
            registry=self.registry,
        )
        self.analyses = Counter(
            "plotlot_analyses",
            "Analyses by verdict.",
            ("verdict",),
            registry=self.registry,
        )
        self.cache_lookups = Counter(
            "plotlot_cache_lookups",
            "Looks into the cache, by hit or miss.",
            ("result",),
            registry=self.registry,
        )
        self.cache_failures = Counter(
            "plotlot_cache_failures",
            "Times that the shared cache failed or was too slow, and was left alone for a moment.",
            registry=self.registry,
        )
