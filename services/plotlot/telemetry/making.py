"""How metrics are made: on one registry, with labels, and bounds of buckets that promises are held to."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

TOKEN_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1)
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3, 5, 10, 30)


class Making:
    """Makes metrics of one registry; every name begins with `plotlot_`, and a counter's ends in `_total`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry

    def counter(
        self, name: str, meaning: str, *labels: str, known: Iterable[tuple[str, ...]] = ()
    ) -> Counter:
        """What only grows. ``known`` are values of the labels that are told as 0 from the start: of a series that
        begins with 1, Prometheus sees no growth, and an alert would miss what happens once."""
        made = Counter(f"plotlot_{name}", meaning, labels, registry=self.registry)
        for values in known:
            made.labels(*values)
        return made

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        """What goes up and down."""
        return Gauge(f"plotlot_{name}", meaning, labels, registry=self.registry)

    def histogram(
        self, name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = LATENCY_BUCKETS
    ) -> Histogram:
        """Durations, in seconds."""
        return Histogram(f"plotlot_{name}", meaning, labels, buckets=buckets, registry=self.registry)
