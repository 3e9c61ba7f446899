"""The path of a request through the services, and what on it is full."""

from panels import HTTP, OF, Panel, added, of, percentiles, quantile, rate, share

PANELS = [
    Panel("Calls by method", "reqps", {"{{method}}": rate("plotlot_rpc_requests_total", "method")}),
    Panel(
        "Calls that failed, by code",
        "reqps",
        {"{{method}} {{code}}": rate("plotlot_rpc_requests_total", "method, code", f'{OF}, code!="OK"')},
    ),
    Panel("Calls take, p95", "s", {"{{method}}": quantile(0.95, "plotlot_rpc_seconds", "method")}),
    Panel("Calls take, p50", "s", {"{{method}}": quantile(0.5, "plotlot_rpc_seconds", "method")}),
    Panel("Answers by status", "reqps", {"{{status}}": rate("plotlot_http_requests_total", "status", HTTP)}),
    Panel("Routes take, p95", "s", {"{{route}}": quantile(0.95, "plotlot_http_seconds", "route", HTTP)}),
    Panel(
        "Looks into the cache that hit",
        "percentunit",
        {
            "hits": share(
                f'plotlot_cache_lookups_total{{{OF}, result="hit"}}', f"plotlot_cache_lookups_total{{{OF}}}"
            )
        },
    ),
    Panel(
        "The shared cache failed",
        "short",
        {"failures": f"sum(increase(plotlot_cache_failures_total{{{OF}}}[5m]))"},
    ),
    Panel(
        "Servers outside, by result",
        "reqps",
        {"{{host}} {{result}}": rate("plotlot_egress_requests_total", "host, result")},
    ),
    Panel("Servers outside take, p95", "s", {"{{host}}": quantile(0.95, "plotlot_egress_seconds", "host")}),
    Panel("Reranking takes", "s", percentiles("plotlot_rerank_seconds")),
    Panel("Reranking, by result", "reqps", {"{{result}}": rate("plotlot_rerank_total", "result")}),
    Panel(
        "Connections to the database, of those there may be",
        "percentunit",
        {
            "{{pod}}": f'sum by (pod) (plotlot_database_connections{{{OF}, state="used"}}) / sum by (pod) (plotlot_database_connections_most{{{OF}}})'
        },
    ),
    Panel(
        "Requests that wait for a connection", "short", {"{{pod}}": added("plotlot_database_waiting", "pod")}
    ),
    Panel(
        "Requests that the database failed",
        "reqps",
        {"{{reason}}": rate("plotlot_database_failures_total", "reason")},
    ),
    Panel(
        "Work waits for the loop or a thread, p99",
        "s",
        {"{{what}}": quantile(0.99, "plotlot_wait_seconds", "what")},
        "Over a few milliseconds, a process has more to do than one processor does.",
    ),
    Panel("In flight, by service", "short", {"{{service}}": added("plotlot_requests_in_flight", "service")}),
    Panel("Processors in use", "short", {"{{pod}}": rate("process_cpu_seconds_total", "pod")}),
    Panel("Memory", "bytes", {"{{pod}}": added("process_resident_memory_bytes", "pod")}),
    Panel(
        "Open files, of those there may be",
        "percentunit",
        {"{{pod}}": f"max by (pod) (process_open_fds{{{OF}}} / process_max_fds{{{OF}}})"},
    ),
    Panel(
        "Jobs that are not over",
        "short",
        {"{{kind}} {{status}}": of("plotlot_jobs", "kind, status")},
    ),
    Panel("The oldest of them is", "s", {"{{kind}}": of("plotlot_job_oldest_seconds", "kind")}),
    Panel(
        "Without a step for",
        "s",
        {"{{kind}}": of("plotlot_job_quiet_seconds", "kind")},
        "Of what is worked on, or what nobody takes.",
    ),
    Panel(
        "The certificate at the door lasts",
        "s",
        {"still": f"min(plotlot_certificate_ends_timestamp_seconds{{{OF}}} > 0) - time()"},
    ),
    Panel(
        "Secrets refused",
        "short",
        {"{{of}}": f"sum by (of) (increase(plotlot_secrets_refused_total{{{OF}}}[5m]))"},
    ),
]
