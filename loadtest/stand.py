"""A PlotLot to load: each service in processes of its own on this machine, with the example town."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "larkfield"
TOWN = "Larkfield, OH"
SERVICES = ("inference", "retrieval", "extraction", "ingestion", "judge", "gateway")
SCALED = ("gateway", "retrieval", "extraction")  # what has replicas where there are to be several
DATABASE = "postgres"
START_SECONDS = 60.0


class StandFailed(Exception):
    """A process that did not start; its words are the message."""


@dataclass(frozen=True)
class Stand:
    """What runs: where gateways listen, the processes of each service, where each tells its metrics, the database."""

    urls: tuple[str, ...]
    processes: Mapping[str, tuple[psutil.Process, ...]]
    metrics: Mapping[str, str]
    conninfo: str

    @property
    def target(self) -> str:
        """The gateways as the Go kit takes them."""
        return ",".join(self.urls)

    def members(self) -> dict[str, list[psutil.Process]]:
        """Processes by service as they are now, those of the database's connections too."""
        postgres = self.processes[DATABASE][0]
        return {name: list(some) for name, some in self.processes.items() if name != DATABASE} | {
            DATABASE: [postgres, *postgres.children(recursive=True)]
        }


@contextmanager
def standing(replicas: int = 1, kept: bool = True) -> Iterator[Stand]:
    """So many processes of what is scaled; where answers are not ``kept``, each is made anew.

    Raises StandFailed with what a process said that did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="plotlot-load-"))
    counts = {name: replicas if name in SCALED else 1 for name in SERVICES}
    ports = {name: [free_port() for _ in range(count)] for name, count in counts.items()}
    told = {(name, number): free_port() for name, count in counts.items() for number in range(count)}
    known = {f"PLOTLOT_{name.upper()}_ADDRESS": addresses_of(each) for name, each in ports.items()}
    env = {**os.environ, **known, "PLOTLOT_ANSWER_CACHE": str(kept).lower()}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        urls, processes = [], {}
        for name in SERVICES:
            for number, port in enumerate(ports[name]):
                own = {
                    "PLOTLOT_GRPC_ADDRESS": f"127.0.0.1:{port}",
                    "PLOTLOT_METRICS_PORT": str(told[name, number]),
                }
                process, said = stack.enter_context(serving(name, folder, env | own))
                processes.setdefault(name, []).append(psutil.Process(process.pid))
                if name == "gateway":
                    urls.append(said.split()[2].rstrip(";"))
        postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        everybody = {name: tuple(some) for name, some in processes.items()}
        stand = Stand(
            tuple(urls),
            everybody | {DATABASE: (psutil.Process(postmaster),)},
            {f"{name}-{number}": f"http://127.0.0.1:{port}/metrics" for (name, number), port in told.items()},
            conninfo_of(folder),
        )
        load_example(stand)
        yield stand


def addresses_of(ports: list[int]) -> str:
    """Replicas as gRPC takes them: asked in turn."""
    return f"ipv4:{','.join(f'127.0.0.1:{port}' for port in ports)}"


@contextmanager
def serving(name: str, folder: Path, env: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """One service in a process, and the line by which it says that it serves."""
    port = ("--port", "0") if name in ("gateway", "judge") else ()
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", "serve", name]
    process = subprocess.Popen(
        [*command, "--data", str(folder), *port],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        if " serves " not in said:
            process.terminate()
            raise StandFailed(f"{name}: {said}{process.stderr.read()}")
        yield process, said
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def conninfo_of(folder: Path) -> str:
    """How the embedded database of a data folder is reached."""
    return psycopg.conninfo.make_conninfo(host=str(folder / "postgres"), user="plotlot", dbname="plotlot")


def load_example(stand: Stand) -> None:
    """Ingest the example town through the first gateway, and wait until each answers."""
    for url in stand.urls:
        await_ready(url)
    with httpx.Client(base_url=stand.urls[0], timeout=120) as client:
        for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
            files = {"file": (name, (EXAMPLE / name).read_bytes())}
            client.post(path, files=files, data={"municipality": TOWN}).raise_for_status()


def await_ready(url: str) -> None:
    """Wait until a gateway says that all it needs is there. Raises StandFailed."""
    deadline, said = time.monotonic() + START_SECONDS, ""
    while time.monotonic() < deadline:
        try:
            answer = httpx.get(f"{url}/readyz", timeout=10)
        except httpx.HTTPError as error:
            said = str(error)
        else:
            if answer.status_code == 200:
                return
            said = answer.text[:300]
        time.sleep(0.2)
    raise StandFailed(f"{url} did not become ready: {said}")
