"""What the edges count: gRPC calls, HTTP requests, what was refused, and what a service lacks."""

from plotlot.telemetry.making import Making


class RequestMetrics:
    """Of every process that serves."""

    def __init__(self, make: Making) -> None:
        self.rpc_requests = make.counter("rpc_requests", "Finished gRPC calls.", "service", "method", "code")
        self.rpc_seconds = make.histogram(
            "rpc_seconds", "Duration of gRPC calls in seconds.", "service", "method"
        )
        self.requests_in_flight = make.gauge(
            "requests_in_flight",
            "Requests that are being served, by service; the gateway's HTTP is `http`.",
            "service",
        )
        self.need_lacking = make.gauge(
            "need_lacking",
            "1 while something without which a service cannot answer is not there: database, model.",
            "need",
        )
        self.http_requests = make.counter(
            "http_requests", "Finished HTTP requests.", "route", "method", "status"
        )
        self.http_seconds = make.histogram("http_seconds", "Duration of HTTP requests in seconds.", "route")
        self.audit_lost = make.counter(
            "audit_lost",
            "Lines of the audit log that could not be written, the store having been away for long.",
        )
        self.rate_limited = make.counter(
            "rate_limited", "Requests refused for a quota, by policy: client or tenant.", "policy"
        )
