"""How full pools and queues are, each with what it holds at most."""

from plotlot.telemetry.making import Making


class PoolMetrics:
    """Of every process; jobs of gateways, and what is stored of one that reaches the database."""

    def __init__(self, make: Making) -> None:
        self._waits(make)
        self._store(make)
        self._jobs(make)

    def _waits(self, make: Making) -> None:
        self.wait_seconds = make.histogram(
            "wait_seconds",
            "How long work waits in this process for the event loop, or for a thread; looked at now and then.",
            "what",
        )

    def _store(self, make: Making) -> None:
        self.database_connections = make.gauge(
            "database_connections", "Connections of the pool by state: used or idle.", "state"
        )
        self.database_connections_most = make.gauge(
            "database_connections_most", "Connections that the pool holds at most."
        )
        self.database_waiting = make.gauge("database_waiting", "Requests that wait for a connection.")
        self.database_failures = make.counter(
            "database_failures",
            "Requests that the database failed: away, disk_full, or limit (of what a program may use).",
            "reason",
            known=[("away",), ("disk_full",), ("limit",)],
        )
        self.store_bytes = make.gauge("store_bytes", "Size of the database.")
        self.disk_bytes = make.gauge(
            "disk_bytes",
            "The disk below the data folder, where the database is in it: free or size.",
            "state",
        )

    def _jobs(self, make: Making) -> None:
        self.jobs = make.gauge(
            "jobs", "Jobs that are not over, by status: queued or running.", "kind", "status"
        )
        self.job_oldest_seconds = make.gauge(
            "job_oldest_seconds", "How long ago the oldest job that is not over was asked for.", "kind"
        )
        self.job_quiet_seconds = make.gauge(
            "job_quiet_seconds",
            "How long a job that is worked on, or that nobody takes, has told no step: the longest.",
            "kind",
        )
