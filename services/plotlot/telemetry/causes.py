"""What a process is, and causes of trouble that it can tell by name."""

from plotlot.telemetry.making import Making


class CauseMetrics:
    """Of every process."""

    def __init__(self, make: Making) -> None:
        self.info = make.gauge(
            "info", "1, with the version of the code and, of a gateway, its bundle.", "version", "bundle"
        )
        self.secrets_refused = make.counter(
            "secrets_refused",
            "Times that the database, or the cache, refused what it is to know PlotLot by.",
            "of",
            known=[("database",), ("cache",)],
        )
        self.certificate_ends = make.gauge(
            "certificate_ends_timestamp_seconds", "When the certificate at the door ends, in Unix time."
        )
