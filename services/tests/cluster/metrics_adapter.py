"""What Prometheus and its adapter do for an HPA, in one small program: queries over what pods publish, as external metrics.

Runs in a pod of its own, by the image's Python alone. It takes the queries that the chart has for KEDA and knows sums,
greatest values, and sums of these. Unlike Prometheus it reads the pods when it is asked, not every so often.
"""

import argparse
import json
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

GROUP = "external.metrics.k8s.io/v1beta1"
TERM = re.compile(r"(sum|max)\(([a-z_]+)\)")
COMBINED = {"sum": sum, "max": max}


class Unanswerable(Exception):
    """A query that has no single value here."""


def evaluated(query: str, samples: Mapping[str, list[float]]) -> float:
    """A query's one value. Raises Unanswerable where a term has no sample, or is of a kind that is not known."""
    total = 0.0
    for term in query.split("+"):
        known = TERM.fullmatch(term.strip())
        if known is None:
            raise Unanswerable(f"cannot evaluate {term.strip()!r}")
        function, name = known.groups()
        if not samples.get(name):
            raise Unanswerable(f"no pod publishes {name}")
        total += COMBINED[function](samples[name])
    return total


def published(host: str, port: int) -> dict[str, list[float]]:
    """The samples of every pod behind a headless Service, by name without labels."""
    found: dict[str, list[float]] = {}
    for address in {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}:
        with urllib.request.urlopen(f"http://{address}:{port}/metrics", timeout=2) as answer:
            for name, value in parsed(answer.read().decode()):
                found.setdefault(name, []).append(value)
    return found


def parsed(text: str) -> Iterator[tuple[str, float]]:
    """Name and value of each line of Prometheus' text format."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            head, _, value = line.rpartition(" ")
            yield head.partition("{")[0], float(value)


class Adapter(BaseHTTPRequestHandler):
    """The external metrics API, as far as an HPA uses it."""

    protocol_version = "HTTP/1.1"
    queries: ClassVar[Mapping[str, str]] = {}
    pods: ClassVar[tuple[str, int]] = ("", 0)

    def do_GET(self) -> None:
        """Discovery, or one metric of a namespace."""
        path = self.path.partition("?")[0].removeprefix(f"/apis/{GROUP}")
        if not path.strip("/"):
            return self._send(self.resources())
        name = path.rpartition("/")[2]
        if name not in self.queries:
            return self._send({"kind": "Status", "status": "Failure", "code": 404}, 404)
        try:
            value = evaluated(self.queries[name], published(*self.pods))
        except (Unanswerable, OSError) as error:
            failure = {"kind": "Status", "status": "Failure", "message": str(error), "code": 503}
            return self._send(failure, 503)
        return self._send(as_list(name, value))

    def resources(self) -> dict[str, Any]:
        """What the API has."""
        each = {"singularName": "", "namespaced": True, "kind": "ExternalMetricValueList", "verbs": ["get"]}
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": GROUP,
            "resources": [{"name": name, **each} for name in self.queries],
        }

    def _send(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def as_list(name: str, value: float) -> dict[str, Any]:
    """A metric's value as the API has it, in thousandths."""
    item = {
        "metricName": name,
        "metricLabels": {},
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "value": f"{round(value * 1000)}m",
    }
    return {"kind": "ExternalMetricValueList", "apiVersion": GROUP, "metadata": {}, "items": [item]}


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", required=True, help="host:port of a headless Service")
    parser.add_argument("--queries", required=True, help="a JSON object: the query of each metric")
    parser.add_argument("--certificate", required=True, help="folder of tls.crt and tls.key")
    options = parser.parse_args()
    host, _, port = options.pods.rpartition(":")
    Adapter.queries, Adapter.pods = json.loads(options.queries), (host, int(port))
    server = ThreadingHTTPServer(("0.0.0.0", 8443), Adapter)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{options.certificate}/tls.crt", f"{options.certificate}/tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
