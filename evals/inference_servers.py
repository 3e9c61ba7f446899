"""What is measured of inference, each a process of its own: an engine without a model, the service, a bare server."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ROOT = Path(__file__).resolve().parent.parent
SERVE = "from plotlot.cli import main; main()"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def listening(program: str, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A program of this folder that prints ``listening WHERE``: where, and its process."""
    command = [sys.executable, str(ROOT / "evals" / program), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1], process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def service(url: str | None, **settings: Any) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The inference service, before an engine where one is named: its address and process."""
    address = f"127.0.0.1:{free_port()}"
    named = {"GENERATION_URL": url, "GENERATION_MODEL": "fake", "GRPC_ADDRESS": address, **settings}
    with tempfile.TemporaryDirectory() as data:
        given = {f"PLOTLOT_{name}": str(value) for name, value in named.items() if value is not None}
        command = [sys.executable, "-c", SERVE, "serve", "inference", "--data", data]
        process = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.DEVNULL)
        try:
            await_serving(address)
            yield address, process
        finally:
            process.terminate()
            process.communicate()


def await_serving(address: str) -> None:
    """Wait until the service is ready."""
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for _ in range(300):
            with contextlib.suppress(grpc.RpcError):
                if stub.Check(health_pb2.HealthCheckRequest(), timeout=1).status == 1:
                    return
            time.sleep(0.2)
    raise AssertionError("the service did not become ready")


def memory_mib(pid: int, what: str) -> float:
    """A figure of /proc of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return float("nan")


def cpu_ms(pid: int) -> float:
    """Milliseconds of a processor that a process has taken."""
    after = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(after[11]) + int(after[12])) * 1000 / os.sysconf("SC_CLK_TCK")
