"""What is known of every replica of an engine."""

from plotlot.telemetry.making import Making


class EngineMetrics:
    """Of inference: gauges by endpoint."""

    def __init__(self, make: Making) -> None:
        self.engine_replicas = make.gauge(
            "engine_replicas", "Replicas of the engine by what they say: ready or not.", "state"
        )
        self.engine_circuit = make.gauge(
            "engine_circuit", "Whether requests pass: 0 they do, 1 one may try, 2 none does.", "endpoint"
        )
        self.engine_ready = make.gauge(
            "engine_ready", "1 where the engine says that it takes requests.", "endpoint"
        )
        self.engine_running = make.gauge(
            "engine_running", "Requests that the engine works on, by its own count.", "endpoint"
        )
        self.engine_waiting = make.gauge(
            "engine_waiting", "Requests that wait in the engine, by its own count.", "endpoint"
        )
        self.engine_kv_cache_use = make.gauge(
            "engine_kv_cache_use", "Share of the engine's KV cache in use, 0 to 1.", "endpoint"
        )
        self.engine_prefix_hit_rate = make.gauge(
            "engine_prefix_hit_rate",
            "Share of prompt tokens found in the engine's cache since it started, 0 to 1.",
            "endpoint",
        )

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
