"""The real thing, started once: every service in one process, or each in its own."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from plotlot.store.embedded import EmbeddedPostgres
from plotlot.store.migrate import migrate

REPOSITORY = Path(__file__).resolve().parents[3]
TOWN = "Larkfield, OH"
EXAMPLE = REPOSITORY / "examples" / "larkfield"
START_SECONDS = 60


@dataclass(frozen=True)
class Stack:
    """A running PlotLot: its gateway's URL, and the gRPC address of each service known to tests."""

    url: str
    addresses: dict[str, str]
    data: Path

    def client(self) -> httpx.Client:
        """An HTTP client of the gateway."""
        return httpx.Client(base_url=self.url, timeout=120)


def plotlot(*arguments: str, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """The command line as a process of its own."""
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", *arguments]
    return subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def announced(process: "subprocess.Popen[str]", word: str) -> str:
    """The line of standard error that announces the service, once it is there."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if word in line:
            return line
    raise AssertionError(f"the process ended without {word!r}: {''.join(said)}")


@contextlib.contextmanager
def stopping(*processes: "subprocess.Popen[str]") -> Iterator[None]:
    """Stop the processes at the end, gently first."""
    try:
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


@contextlib.contextmanager
def migrated(folder: Path) -> Iterator[str]:
    """The connection string of a Postgres of its own, which has the schema."""
    server = EmbeddedPostgres(folder)
    conninfo = server.start()
    try:
        migrate(conninfo)
        yield conninfo
    finally:
        server.stop()


@contextlib.contextmanager
def one_process(data: Path) -> Iterator[Stack]:
    """Every service in one process."""
    process = plotlot("up", "--port", "0", "--data", str(data))
    with stopping(process):
        url = announced(process, "serves http").split()[2].rstrip(";")
        yield Stack(url, {}, data)


@contextlib.contextmanager
def many_processes(data: Path, free_port: "FreePort") -> Iterator[Stack]:
    """Each service in a process of its own, on one database."""
    names = ("inference", "retrieval", "extraction", "ingestion", "judge", "gateway")
    addresses = {name: f"127.0.0.1:{free_port()}" for name in names}
    known = {f"PLOTLOT_{name.upper()}_ADDRESS": address for name, address in addresses.items()}
    processes = []
    with contextlib.ExitStack() as stack:
        for name in names:
            env = {**known, "PLOTLOT_GRPC_ADDRESS": addresses[name]}
            port = ("--port", "0") if name in ("gateway", "judge") else ()
            process = plotlot("serve", name, "--data", str(data), *port, env=env)
            stack.enter_context(stopping(process))
            processes.append(process)
        url = announced(processes[-1], "serves http").split()[2].rstrip(";")
        for address in addresses.values():
            await_serving(address)
        yield Stack(url, addresses, data)


class FreePort:
    """Hands out ports that were free a moment ago, none of them twice."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def __call__(self) -> int:
        """A port."""
        import socket

        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port


def await_serving(address: str) -> None:
    """Wait until the health service at an address says that it serves."""
    deadline = time.monotonic() + START_SECONDS
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while True:
            try:
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True)
            except grpc.RpcError:
                answer = None
            if answer is not None and answer.status == health_pb2.HealthCheckResponse.SERVING:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing serves at {address}")


def load_example(stack: Stack) -> None:
    """Ingest the example town."""
    with stack.client() as client:
        for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
            content = (EXAMPLE / name).read_bytes()
            answer = client.post(path, files={"file": (name, content)}, data={"municipality": TOWN})
            assert answer.status_code == 200, answer.text


ELSEWHERE = os.environ.get("PLOTLOT_TEST_URL")
TOPOLOGIES = ["elsewhere"] if ELSEWHERE else ["one process", "many processes"]


@pytest.fixture(scope="session", params=TOPOLOGIES)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running PlotLot with the example town: in each topology, or the one at PLOTLOT_TEST_URL."""
    data = tmp_path_factory.mktemp("data")
    if ELSEWHERE:
        running = Stack(ELSEWHERE, {}, data)
        load_example(running)
        yield running
        return
    started = one_process(data) if request.param == "one process" else many_processes(data, FreePort())
    with started as running:
        load_example(running)
        yield running


@pytest.fixture(scope="session")
def http(stack: Stack) -> Iterator[httpx.Client]:
    """An HTTP client of the running gateway."""
    with stack.client() as client:
        yield client


@pytest.fixture(scope="module")
def conninfo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the schema, without a PlotLot."""
    with migrated(tmp_path_factory.mktemp("postgres")) as url:
        yield url
