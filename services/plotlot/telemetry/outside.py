"""What servers that are not PlotLot's were asked."""

from plotlot.telemetry.making import Making


class OutsideMetrics:
    """Of whatever asks them: ingestion, identity providers, engines that rerank."""

    def __init__(self, make: Making) -> None:
        self.egress_requests = make.counter(
            "egress_requests",
            "Requests to servers outside by the entry of the allow-list: answered, unchanged, kept (none was sent),"
            " status (400 or more), failed, refused (by a rule).",
            "host",
            "result",
        )
        self.egress_seconds = make.histogram(
            "egress_seconds", "Time that a request to a server outside took.", "host"
        )
        self.property_lookups = make.counter(
            "property_lookups",
            "Addresses that were asked of the sources of property data: found, missing, ambiguous, kept, stale,"
            " shared (with another who asked the same), failed.",
            "result",
        )
