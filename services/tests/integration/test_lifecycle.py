"""Processes that come and go: what they say of their health, how they wait, and how they stop."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from integration.conftest import EXAMPLE, TOWN, FreePort, announced, plotlot, stopping

from plotlot.api.ingestion.v1 import ingestion_pb2, ingestion_pb2_grpc
from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.store.embedded import EmbeddedPostgres

RETRIEVAL = "plotlot.api.retrieval.v1.RetrievalService"
PARCELS = (EXAMPLE / "parcels.geojson").read_bytes()


class Postgres:
    """A database that somebody else runs, which may be away."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder)
        self.url = self._server.start()

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
def address() -> str:
    return f"127.0.0.1:{FreePort()()}"


def health(address: str, service: str = "") -> str:
    """What the process says of a service, or why it says nothing."""
    with grpc.insecure_channel(address) as channel:
        try:
            request = health_pb2.HealthCheckRequest(service=service)
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)
        except grpc.RpcError as error:
            return str(error.code().name)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def serve(name: str, address: str, *options: str, **env: str) -> "subprocess.Popen[str]":
    given = {f"PLOTLOT_{variable.upper()}": value for variable, value in env.items()}
    return plotlot("serve", name, *options, env={"PLOTLOT_GRPC_ADDRESS": address, **given})


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code, and what the process said last."""
    _, said = process.communicate(timeout=30)
    return process.returncode, said


def test_a_service_waits_for_its_database_and_its_schema_alive_but_not_ready(
    postgres: Postgres, address: str
) -> None:
    postgres.stop()
    process = serve("retrieval", address, database_url=postgres.url, migrate_at_start="false")
    with stopping(process):
        assert "cannot reach the database" in announced(process, "not ready")
        assert health(address) == health(address, RETRIEVAL) == "NOT_SERVING"
        assert health(address, "liveness") == "SERVING"
        postgres.start()
        time.sleep(2)
        assert health(address) == "NOT_SERVING"
        migration = plotlot("migrate", "--json", env={"PLOTLOT_DATABASE_URL": postgres.url})
        assert migration.wait(30) == 0
        migration.communicate()
        until(lambda: health(address, RETRIEVAL) == "SERVING")
        assert health(address) == "SERVING"
        with grpc.insecure_channel(address) as channel:
            stub = retrieval_pb2_grpc.RetrievalServiceStub(channel)
            assert not stub.ListMunicipalities(retrieval_pb2.ListMunicipalitiesRequest()).municipalities
        postgres.stop()
        until(lambda: health(address) == "NOT_SERVING")
        assert health(address, "liveness") == "SERVING"
        postgres.start()
        until(lambda: health(address) == "SERVING")


def test_a_migration_without_a_database_fails_and_says_so() -> None:
    url = "postgresql://plotlot:hidden@127.0.0.1:1/plotlot"
    code, said = ended(plotlot("migrate", env={"PLOTLOT_DATABASE_URL": url}))
    assert code == 1
    assert said.startswith("plotlot: cannot reach the database")
    assert "hidden" not in said


def test_inference_without_its_model_is_alive_but_not_ready(tmp_path: Path, address: str) -> None:
    process = serve("inference", address, model_dir=str(tmp_path))
    with stopping(process):
        assert "run `make setup`" in announced(process, "not ready")
        assert health(address) == "NOT_SERVING"
        assert health(address, "liveness") == "SERVING"


def test_a_draining_gateway_serves_on_finishes_what_is_in_flight_and_exits_0(
    postgres: Postgres, address: str
) -> None:
    drain = {"drain_delay_seconds": "2", "drain_grace_seconds": "10"}
    ingestion_address = f"127.0.0.1:{FreePort()()}"
    ingestion = serve("ingestion", ingestion_address, database_url=postgres.url)
    gateway = serve(
        "gateway", address, "--port", "0",
        database_url=postgres.url, ingestion_address=ingestion_address, **drain,
    )  # fmt: skip
    with stopping(ingestion, gateway):
        url = httpx.URL(announced(gateway, "serves http").split()[2].rstrip(";"))
        until(lambda: health(ingestion_address) == "SERVING")
        with httpx.Client(base_url=url) as client, SlowUpload(url) as upload:
            assert "connection" not in client.get("/healthz").headers
            gateway.send_signal(signal.SIGTERM)
            announced(gateway, "asked to stop")
            answer = client.get("/healthz")
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            refused = httpx.get(url.join("/readyz"))
            assert refused.status_code == 503
            assert "about to stop" in refused.text
            assert health(address) == "SERVING"
            until(lambda: health(address) == "NOT_SERVING")
            assert health(address, "liveness") == "SERVING"
            until(lambda: not accepts(url))
            answered = upload.finish()
        assert b"200 OK" in answered
        assert b'"added":' in answered
        assert ended(gateway)[0] == 0


class SlowUpload:
    """Parcels sent to a gateway in two parts, the second when ``finish`` says."""

    def __init__(self, url: httpx.URL) -> None:
        request = httpx.Request(
            "POST", url.join("/v1/parcels"),
            files={"file": ("parcels.geojson", PARCELS)}, data={"municipality": TOWN},
        )  # fmt: skip
        body = request.read()
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        self._rest = body[1000:]
        self._socket = socket.create_connection((url.host, url.port), timeout=30)
        self._socket.sendall(f"POST /v1/parcels HTTP/1.1\r\n{head}\r\n".encode() + body[:1000])

    def __enter__(self) -> "SlowUpload":
        return self

    def __exit__(self, *raised: object) -> None:
        self._socket.close()

    def finish(self) -> bytes:
        """Send the rest, and return the answer."""
        self._socket.sendall(self._rest)
        answer = b""
        while piece := self._socket.recv(65536):
            answer += piece
        return answer


def accepts(url: httpx.URL) -> bool:
    try:
        socket.create_connection((url.host, url.port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_draining_service_serves_new_connections_and_finishes_a_stream(
    postgres: Postgres, address: str
) -> None:
    process = serve(
        "ingestion", address,
        database_url=postgres.url, drain_delay_seconds="1.5", drain_grace_seconds="10",
    )  # fmt: skip
    with stopping(process), grpc.insecure_channel(address) as channel:
        until(lambda: health(address) == "SERVING")
        pause = Pause()
        call = ingestion_pb2_grpc.IngestionServiceStub(channel).ImportParcels.future(pause.pieces())
        pause.begun.wait(10)
        process.send_signal(signal.SIGTERM)
        until(lambda: health(address) == "NOT_SERVING")
        with grpc.insecure_channel(address) as second:
            stub = ingestion_pb2_grpc.IngestionServiceStub(second)
            assert stub.ImportParcels(iter(parcel_pieces())).added >= 10
        until(lambda: health(address) == "UNAVAILABLE")
        pause.over.set()
        assert call.result(timeout=20).unchanged >= 10
        assert ended(process)[0] == 0


def parcel_pieces() -> list[ingestion_pb2.ImportParcelsRequest]:
    header = ingestion_pb2.ImportParcelsHeader(municipality=TOWN, name="parcels.geojson")
    return [
        ingestion_pb2.ImportParcelsRequest(header=header),
        ingestion_pb2.ImportParcelsRequest(content=PARCELS),
    ]


class Pause:
    """A stream that waits between its first message and the others."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()

    def pieces(self) -> Iterator[ingestion_pb2.ImportParcelsRequest]:
        first, *others = parcel_pieces()
        yield first
        self.begun.set()
        self.over.wait(30)
        yield from others


def test_a_second_signal_ends_the_process_at_once(address: str) -> None:
    process = serve("inference", address, drain_delay_seconds="60")
    with stopping(process):
        until(lambda: health(address) == "SERVING")
        process.send_signal(signal.SIGTERM)
        announced(process, "asked to stop")
        process.send_signal(signal.SIGTERM)
        assert ended(process)[0] == 128 + signal.SIGTERM


def test_a_signal_during_the_start_stops_what_was_started(tmp_path: Path) -> None:
    process = plotlot("up", "--port", "0", "--data", str(tmp_path / "data"))
    with stopping(process):
        until(lambda: (tmp_path / "data" / "postgres.lock").exists())
        process.send_signal(signal.SIGTERM)
        code, said = ended(process)
        assert (code, said) == (0, "") or "serves http" in said
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


def test_what_cannot_be_parsed_ends_the_process_with_its_name() -> None:
    code, said = ended(plotlot("serve", "retrieval", env={"PLOTLOT_DATABASE_URL": "no url"}))
    assert code == 2
    assert "PLOTLOT_DATABASE_URL is not usable" in said
    assert os.linesep not in said.strip()


def test_a_service_without_http_serves_its_metrics(address: str, tmp_path: Path) -> None:
    port = FreePort()()
    env = {"PLOTLOT_GRPC_ADDRESS": address, "PLOTLOT_METRICS_PORT": str(port)}
    process = plotlot("serve", "retrieval", "--data", str(tmp_path), env=env)
    with stopping(process):
        announced(process, "serves gRPC")
        with grpc.insecure_channel(address) as channel:
            stub = retrieval_pb2_grpc.RetrievalServiceStub(channel)
            stub.ListMunicipalities(retrieval_pb2.ListMunicipalitiesRequest(), timeout=10)
        exposed = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert f'plotlot_requests_in_flight{{service="{RETRIEVAL}"}} 0.0' in exposed
    assert f'method="ListMunicipalities",service="{RETRIEVAL}"}} 1.0' in exposed


def test_a_metrics_port_in_use_is_told(address: str, tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        env = {"PLOTLOT_GRPC_ADDRESS": address, "PLOTLOT_METRICS_PORT": port}
        process = plotlot("serve", "inference", "--data", str(tmp_path), env=env)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"cannot serve metrics on port {port}" in said
