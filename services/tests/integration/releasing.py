"""Two gateways on real services and a real judge: what tests of a release's shadow run on."""

import http.client
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import psycopg
from integration.conftest import (
    EXAMPLE,
    TOWN,
    FreePort,
    announced,
    await_serving,
    plotlot,
    stopping,
)

from plotlot.api.judge.v1 import judge_pb2, judge_pb2_grpc
from plotlot.domain.bundles import Bundle, Shadow
from plotlot.runtime.bundles import own_bundle
from plotlot.settings import Settings
from plotlot.store.embedded import EmbeddedPostgres

SERVICES = ("inference", "retrieval", "extraction", "ingestion", "judge")


def until(condition: Callable[[], Any]) -> Any:
    """Wait for something that comes soon, and return it."""
    ends = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.05)
    return found


class Relay(ThreadingHTTPServer):
    """Stands where the candidate is looked for: passes requests on, holds them, refuses them, or is elsewhere."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.candidate = self.target = ""
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.open, self.refuses = threading.Event(), False
        self.open.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def as_before(self) -> None:
        self.target, self.refuses = self.candidate, False
        self.seen.clear()
        self.open.set()


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def relay(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, sent))
        self.server.open.wait(60)
        if self.server.refuses:
            self.answer(503, {}, b"no healthy upstream")
            return
        netloc = urlsplit(self.server.target).netloc
        with closing(http.client.HTTPConnection(netloc, timeout=60)) as connection:
            connection.request(self.command, self.path, body, sent)
            answer = connection.getresponse()
            headers = [pair for pair in answer.getheaders() if pair[0].startswith(("plotlot", "content-t"))]
            content = answer.read()
        with suppress(OSError):  # a gateway that stops does not wait for what it asked
            self.answer(answer.status, dict(headers), content)

    do_GET = do_POST = relay  # noqa: N815

    def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: object) -> None:
        pass


@dataclass
class Releasing:
    """A stable gateway, a candidate gateway behind a relay, the judge, and the database behind them."""

    stable: Bundle
    candidate: Bundle
    relay: Relay
    data: Path
    stack: ExitStack
    url: str = ""
    candidate_url: str = ""
    release: str = ""
    grpc_address: str = ""
    judge_address: str = ""
    processes: dict[str, "subprocess.Popen[str]"] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    conninfo: str = ""

    def http(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, headers=headers)

    def decide(self, stage: str, weight: float, next_weight: float) -> judge_pb2.DecideResponse:
        """Ask the judge for its verdict, which opens the release."""
        with grpc.insecure_channel(self.judge_address) as channel:
            return judge_pb2_grpc.JudgeServiceStub(channel).Decide(
                judge_pb2.DecideRequest(
                    stable=self.stable.id, candidate=self.candidate.id, stage=stage, weight=weight,
                    next_weight=next_weight,
                ),
                wait_for_ready=True,
                timeout=30,
            )  # fmt: skip

    def steer(self, action: str) -> None:
        with grpc.insecure_channel(self.judge_address) as channel:
            judge_pb2_grpc.JudgeServiceStub(channel).SteerRelease(
                judge_pb2.SteerReleaseRequest(release=self.release, action=action, by="a test", why="to see"),
                timeout=30,
            )

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def pairs(self, session: str) -> list[tuple[Any, ...]]:
        """The pairs of a session: operation, question, both outcomes, in the order in which they were asked."""
        return self.rows(
            "SELECT operation, question, stable, candidate, request_id FROM pairs"
            " WHERE release = %s AND session = %s ORDER BY at",
            self.release,
            session,
        )

    def shadow(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/v1/shadow", timeout=30).json()
        return found

    def analyses(self) -> int:
        return int(self.rows("SELECT count(*) FROM analyses")[0][0])


def serve_stable(running: Releasing, one: bool, port: FreePort) -> None:
    """Every service of the stable bundle, in one process or in many."""
    candidate = {"PLOTLOT_CANDIDATE_URL": running.relay.url, "PLOTLOT_DRAIN_GRACE_SECONDS": "10"}
    if one:
        running.judge_address = running.grpc_address = f"127.0.0.1:{port()}"
        running.env = {f"PLOTLOT_{name.upper()}_ADDRESS": running.grpc_address for name in SERVICES}
        env = {"PLOTLOT_GRPC_ADDRESS": running.grpc_address, **candidate}
        process = plotlot("up", "--port", "0", "--data", str(running.data), env=env)
        running.stack.enter_context(stopping(process))
    else:
        addresses = {name: f"127.0.0.1:{port()}" for name in (*SERVICES, "gateway")}
        running.env = {f"PLOTLOT_{name.upper()}_ADDRESS": addresses[name] for name in SERVICES}
        running.judge_address, running.grpc_address = addresses["judge"], addresses["gateway"]
        for name in SERVICES:
            start_service(running, name)
        env = {**running.env, "PLOTLOT_GRPC_ADDRESS": running.grpc_address, **candidate}
        process = plotlot("serve", "gateway", "--port", "0", "--data", str(running.data), env=env)
        running.stack.enter_context(stopping(process))
    running.processes["gateway"] = process
    running.url = announced(process, "serves http").split()[2].rstrip(";")


def start_service(running: Releasing, name: str) -> None:
    address = running.env[f"PLOTLOT_{name.upper()}_ADDRESS"]
    env = {**running.env, "PLOTLOT_GRPC_ADDRESS": address, "PLOTLOT_JUDGE_PORT": "0"}
    process = plotlot("serve", name, "--data", str(running.data), env=env)
    running.stack.enter_context(stopping(process))
    running.processes[name] = process
    await_serving(address)


def serve_candidate(running: Releasing, port: FreePort) -> None:
    """A second gateway, with another bundle, on the same services."""
    file = running.data / "candidate.json"
    file.write_text(running.candidate.as_file())
    env = {**running.env, "PLOTLOT_GRPC_ADDRESS": f"127.0.0.1:{port()}", "PLOTLOT_BUNDLE_FILE": str(file)}
    process = plotlot("serve", "gateway", "--port", "0", "--data", str(running.data), env=env)
    running.stack.enter_context(stopping(process))
    running.candidate_url = announced(process, "serves http").split()[2].rstrip(";")
    running.relay.candidate = running.candidate_url


@contextmanager
def releasing(data: Path, one: bool) -> Iterator[Releasing]:
    """A release in its shadow stage: every session is copied, and there are no gold cases yet."""
    stable = own_bundle(Settings())
    shadow = Shadow(share=1.0, per_second=200.0, gold_per_second=20.0, deadline_seconds=20.0)
    candidate = replace(stable, version=f"{stable.version}.next", shadow=shadow)
    with ExitStack() as stack:
        postgres = EmbeddedPostgres(data)
        running = Releasing(stable, candidate, Relay(), data, stack, conninfo=postgres.start())
        stack.callback(postgres.stop)
        stack.callback(running.relay.server_close)
        stack.callback(running.relay.shutdown)
        port = FreePort()
        serve_stable(running, one, port)
        serve_candidate(running, port)
        with httpx.Client(base_url=running.url, timeout=60) as client:
            for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
                files = {"file": (name, (EXAMPLE / name).read_bytes())}
                assert client.post(path, files=files, data={"municipality": TOWN}).status_code == 200
        until(lambda: len(running.rows("SELECT id FROM bundles")) == 2)
        running.release = running.decide("shadow", 0, 10).release
        until(lambda: running.shadow()["state"] == "shadowing")
        yield running
