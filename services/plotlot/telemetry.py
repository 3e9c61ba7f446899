"""The names of every metric, label and attribute of a span, and where metrics are counted."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

NOBODY_KNOWN = "anonymous"  # begins the accounts of those who did not say who they are
MOST_ACCOUNTS = 200  # that metrics tell apart; further ones are counted together
TOKEN_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1)
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3, 5, 10, 30)

FIRST_TOKEN_EVENT = "plotlot.first_token"  # on the span of a call to an engine, when its first text comes


class GenAi:
    """Attributes of calls to models, by OpenTelemetry's semantic conventions."""

    CHAT = "chat"
    OPERATION = "gen_ai.operation.name"
    PROVIDER = "gen_ai.provider.name"
    REQUEST_MODEL = "gen_ai.request.model"
    MAX_TOKENS = "gen_ai.request.max_tokens"
    TEMPERATURE = "gen_ai.request.temperature"
    TOP_P = "gen_ai.request.top_p"
    SEED = "gen_ai.request.seed"
    STOP_SEQUENCES = "gen_ai.request.stop_sequences"
    STREAM = "gen_ai.request.stream"
    OUTPUT_TYPE = "gen_ai.output.type"
    FINISH_REASONS = "gen_ai.response.finish_reasons"
    TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
    INPUT_TOKENS = "gen_ai.usage.input_tokens"
    CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
    OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
    SERVER_ADDRESS = "server.address"
    SERVER_PORT = "server.port"
    ERROR_TYPE = "error.type"


class Egress:
    """Attributes of calls to servers that are not PlotLot's, by OpenTelemetry's semantic conventions of HTTP."""

    METHOD = "http.request.method"
    STATUS = "http.response.status_code"
    SERVER_ADDRESS = "server.address"
    SERVER_PORT = "server.port"
    ERROR_TYPE = "error.type"


class SpanNames:
    """Attributes of our own."""

    REQUEST_ID = "plotlot.request_id"
    BUNDLE = "plotlot.bundle"
    ADAPTER = "plotlot.adapter"
    QUEUE_SECONDS = "plotlot.queue_seconds"
    ATTEMPT = "plotlot.attempt"


class Metrics:
    """Every metric of one process, on a registry that the composition root hands in."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._request_metrics()
        self._answer_metrics()
        self._outside_metrics()
        self._judge_metrics()
        self._shadow_metrics()
        self._inference_metrics()
        self._engine_metrics()
        self._accounts: set[str] = set()

    def _request_metrics(self) -> None:
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
        self.need_lacking = Gauge(
            "plotlot_need_lacking",
            "1 while something without which a service cannot answer is not there: database, model.",
            ("need",),
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
        self.audit_lost = Counter(
            "plotlot_audit_lost",
            "Lines of the audit log that could not be written, the store having been away for long.",
            registry=self.registry,
        )
        self.rate_limited = Counter(
            "plotlot_rate_limited",
            "Requests refused for a quota, by policy: client or tenant.",
            ("policy",),
            registry=self.registry,
        )

    def _answer_metrics(self) -> None:
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
        self.rerank = Counter(
            "plotlot_rerank",
            "Searches whose results a reranker was to put in order: done, failed, or skipped after a failure.",
            ("result",),
            registry=self.registry,
        )
        self.rerank_seconds = Histogram(
            "plotlot_rerank_seconds",
            "Time that reranking took.",
            buckets=LATENCY_BUCKETS,
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
        self.answer_cache = Counter(
            "plotlot_answer_cache",
            "Answers by operation: hit, stale, shared (made for another who asked the same), miss, bypass.",
            ("operation", "result"),
            registry=self.registry,
        )

    def _outside_metrics(self) -> None:
        self.egress_requests = Counter(
            "plotlot_egress_requests",
            "Requests to servers outside by the entry of the allow-list: answered, unchanged, kept (none was sent),"
            " status (400 or more), failed, refused (by a rule).",
            ("host", "result"),
            registry=self.registry,
        )
        self.egress_seconds = Histogram(
            "plotlot_egress_seconds",
            "Time that a request to a server outside took.",
            ("host",),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.property_lookups = Counter(
            "plotlot_property_lookups",
            "Addresses that were asked of the sources of property data: found, missing, kept, stale, shared (with"
            " another who asked the same), failed.",
            ("result",),
            registry=self.registry,
        )

    def _judge_metrics(self) -> None:
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

    def _shadow_metrics(self) -> None:
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

    def _inference_metrics(self) -> None:
        self.inference_requests = Counter(
            "plotlot_inference_requests",
            "Requests to models that write, by what became of them: ok, cancelled, or the id of an error.",
            ("model", "result"),
            registry=self.registry,
        )
        self.inference_rejections = Counter(
            "plotlot_inference_rejections",
            "Requests that the queue before the engines refused: full, displaced, late or too_large.",
            ("reason",),
            registry=self.registry,
        )
        self.inference_queue_requests = Gauge(
            "plotlot_inference_queue_requests",
            "Requests that wait for an engine.",
            registry=self.registry,
        )
        self.inference_queue_tokens = Gauge(
            "plotlot_inference_queue_tokens",
            "Tokens that the requests which wait may take.",
            registry=self.registry,
        )
        self.inference_queue_oldest_seconds = Gauge(
            "plotlot_inference_queue_oldest_seconds",
            "How long the oldest request has waited for an engine.",
            registry=self.registry,
        )
        self.inference_in_flight = Gauge(
            "plotlot_inference_in_flight",
            "Requests that engines work on.",
            registry=self.registry,
        )
        self.inference_queue_seconds = Histogram(
            "plotlot_inference_queue_seconds",
            "Time that a request waited for an engine, by its urgency: 1, 0 or -1.",
            ("urgency",),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.inference_first_token_seconds = Histogram(
            "plotlot_inference_first_token_seconds",
            "Time from the engine's taking a request to its first token.",
            ("model",),
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.inference_output_token_seconds = Histogram(
            "plotlot_inference_output_token_seconds",
            "Time per token after the first, of a whole answer.",
            ("model",),
            buckets=TOKEN_BUCKETS,
            registry=self.registry,
        )
        self.inference_tokens = Counter(
            "plotlot_inference_tokens",
            "Tokens by kind: prompt, of them cached, and completion; for whom, and by which bundle.",
            ("model", "kind", "account", "bundle"),
            registry=self.registry,
        )
        self.inference_output_checks = Counter(
            "plotlot_inference_output_checks",
            "Answers that had to follow a schema: valid, repaired (valid when asked again), invalid.",
            ("result",),
            registry=self.registry,
        )
        self.inference_repeats = Counter(
            "plotlot_inference_repeats",
            "Requests that were sent again: failover, hedge, or denied where the budget did not allow it.",
            ("reason",),
            registry=self.registry,
        )

    def _engine_metrics(self) -> None:
        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"plotlot_engine_{name}", meaning, ("endpoint",), registry=self.registry)

        self.engine_circuit = gauge(
            "circuit", "Whether requests pass: 0 they do, 1 one may try, 2 none does."
        )
        self.engine_ready = gauge("ready", "1 where the engine says that it takes requests.")
        self.engine_running = gauge("running", "Requests that the engine works on, by its own count.")
        self.engine_waiting = gauge("waiting", "Requests that wait in the engine, by its own count.")
        self.engine_kv_cache_use = gauge("kv_cache_use", "Share of the engine's KV cache in use, 0 to 1.")
        self.engine_prefix_hit_rate = gauge(
            "prefix_hit_rate", "Share of prompt tokens found in the engine's cache since it started, 0 to 1."
        )

    def account_label(self, account: str) -> str:
        """The account as a label: those that came first under their names, the rest together, and so who is unknown."""
        if account.startswith(NOBODY_KNOWN):
            return NOBODY_KNOWN
        if len(self._accounts) < MOST_ACCOUNTS:
            self._accounts.add(account)
        return account if account in self._accounts else "other"

    def forget_engine(self, endpoint: str) -> None:
        """A replica is gone: its gauges too."""
        for gauge in (
            self.engine_circuit,
            self.engine_ready,
            self.engine_running,
            self.engine_waiting,
            self.engine_kv_cache_use,
            self.engine_prefix_hit_rate,
        ):
            gauge.remove_by_labels({"endpoint": endpoint})
