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
        self.judge_pairs = Counter(
            "plotlot_judge_pairs",
            "Pairs by what became of them: recorded; then counted, or set_aside; and those that miss an answer.",
            ("state",),
            registry=self.registry,
        )
        self.judge_events = Counter(
            "plotlot_judge_events",
            "Users' requests that failed or were slow, by guardrail and by the side they met: stable or candidate.",
            ("guardrail", "side"),
            registry=self.registry,
        )
        self.judge_verdicts = Counter(
            "plotlot_judge_verdicts",
            "Verdicts by stage and kind.",
            ("stage", "verdict"),
            registry=self.registry,
        )
        self.judge_fold_seconds = Histogram(
            "plotlot_judge_fold_seconds",
            "Time that bets on what was recorded took.",
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.judge_degraded = Gauge(
            "plotlot_judge_degraded",
            "1 while the judge cannot see all the evidence, and says continue.",
            registry=self.registry,
        )
        self.shadow_requests = Counter(
            "plotlot_shadow_requests",
            "Copies of users' questions that were sent to a candidate: answered, failed, misdirected, missing.",
            ("result",),
            registry=self.registry,
        )
        self.shadow_dropped = Counter(
            "plotlot_shadow_dropped",
            "Copies that were not sent: full, busy, rests (the plan ended), stopped.",
            ("reason",),
            registry=self.registry,
        )
        self.shadow_queue = Gauge(
            "plotlot_shadow_queue",
            "Copies that wait to be sent.",
            registry=self.registry,
        )
        self.shadow_active = Gauge(
            "plotlot_shadow_active",
            "1 while the judge wants this gateway to ask a candidate too.",
            registry=self.registry,
        )
        self.evidence_waiting = Gauge(
            "plotlot_evidence_waiting",
            "Pairs and events that the judge has not got yet.",
            registry=self.registry,
        )
        self.evidence_lost = Counter(
            "plotlot_evidence_lost",
            "Pairs and events that the judge never got: there was no room, or it refused them.",
            ("kind",),
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
