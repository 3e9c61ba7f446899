"""What traces cost: analyses by the same users, off, at the default sampling and all of them, in turns of one run.

    .venv/bin/python evals/bench_tracing.py [--rounds 6] [--seconds 8] [--users 4] [--page docs/benchmarks.md] [--json]

In each round gateways are started anew, each with a database of its own, two of them without traces: one is a control, for
two processes are never equally quick. One user asks them by turns, analysis for analysis, so that what else the machine does
meets all alike; their spans go to a collector in a process of its own. Exit code 1 over the target.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from bench import TOWN, load_example, running
from bench_api import Load, in_another_process

from plotlot.evaluation.page_parts import Part

PART = Part("tracing", "make bench-tracing")
LEAST_THROUGHPUT = 0.95  # of that without traces
MOST_MILLISECONDS = 0.5  # more at p50
WARM_SECONDS = 3.0
SLICES = 4  # of a way's time in a round: what else the machine does changes within seconds


@dataclass(frozen=True)
class Way:
    """How much is traced, by OpenTelemetry's variables."""

    name: str
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Met:
    """What users met of one way: milliseconds of one user's analyses by round, and analyses a second of several."""

    alone: list[list[float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """Milliseconds of one user's analysis, the median of all rounds."""
        return statistics.median(each for one in self.alone for each in one)

    def more_than(self, other: "Met") -> float:
        """Milliseconds more than another way at p50: the median of the rounds', of analyses made one after the other."""
        rounds = zip(self.alone, other.alone, strict=True)
        return statistics.median(
            statistics.median(ours - theirs for ours, theirs in zip(one, two, strict=True))
            for one, two in rounds
        )


def ways(url: str) -> list[Way]:
    """Off and off again, as it is where only the endpoint is set, and all."""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": url}
    return [
        Way("off"),
        Way("control"),
        Way("default", endpoint),
        Way("all", {**endpoint, "OTEL_TRACES_SAMPLER": "always_on"}),
    ]


def main() -> int:
    """Measure, print, and write the page."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=6)
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--users", type=int, default=4)
    options.add_argument("--page", type=Path)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with collecting() as url:
        chances = ways(url)
        found = {way.name: Met() for way in chances}
        for number in range(chosen.rounds):
            turned = chances[number % len(chances) :] + chances[: number % len(chances)]
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ExitStack() as stack:
                clients = {way.name: stack.enter_context(gateway(Path(folder), way)) for way in turned}
                measure(clients, found, chosen)
    text = section(found, chosen)
    print(json.dumps(figures(found)) if chosen.json else text)
    if chosen.page:
        PART.write(chosen.page, text)
    return 0 if kept_to(figures(found)["default"]) else 1


@contextmanager
def gateway(folder: Path, way: Way) -> Iterator[httpx.Client]:
    """A gateway that traces in one way, with the example town."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OTEL_")}
    os.environ.update(way.variables)
    try:
        with running(folder / way.name) as (client, _, _):
            load_example(client)
            yield client
    finally:
        for name in way.variables:
            os.environ.pop(name, None)
        os.environ.update(before)


def measure(clients: dict[str, httpx.Client], found: dict[str, Met], chosen: argparse.Namespace) -> None:
    """One round: by turns for times, and in slices of some seconds for throughput."""
    for client in clients.values():
        asked(client, 1, WARM_SECONDS)
    names, rates = list(clients), dict.fromkeys(clients, 0.0)
    for met in found.values():
        met.alone.append([])
    ends = time.monotonic() + chosen.seconds * len(names) / 2
    for number, parcel in enumerate(cycle(lots())):
        if time.monotonic() > ends:
            break
        for name in names[number % len(names) :] + names[: number % len(names)]:
            begun = time.perf_counter()
            clients[name].post(
                "/v1/analyses", json={"parcel_id": parcel, "municipality": TOWN}
            ).raise_for_status()
            found[name].alone[-1].append((time.perf_counter() - begun) * 1000)
    for turn in range(SLICES):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            rates[name] += asked(clients[name], chosen.users, chosen.seconds / SLICES).per_second / SLICES
    for name, rate in rates.items():
        found[name].rates.append(rate)


def asked(client: httpx.Client, users: int, seconds: float) -> Load:
    """Analyses of the example's lots by users who do not rest."""
    return in_another_process(str(client.base_url).rstrip("/"), lots(), users, seconds, 0.0)


def lots() -> list[str]:
    """The example's lots with a district."""
    listed = json.loads((Path(__file__).parent.parent / "examples/larkfield/parcels.geojson").read_text())
    return [
        each["properties"]["parcel_id"] for each in listed["features"] if each["properties"].get("zoning")
    ]


def figures(found: dict[str, Met]) -> dict[str, dict[str, float]]:
    """Of each way: its p50, its throughput, and both beside those without traces, by turns."""
    off = found["off"]
    return {
        name: {
            "p50_ms": round(met.p50, 2),
            "more_ms": round(met.more_than(off), 2),
            "per_second": round(statistics.median(met.rates), 1),
            "ratio": round(
                statistics.median(ours / theirs for ours, theirs in zip(met.rates, off.rates, strict=True)), 3
            ),
        }
        for name, met in found.items()
    }


def kept_to(figure: dict[str, float]) -> bool:
    """Whether traces cost as little as is promised."""
    return figure["ratio"] >= LEAST_THROUGHPUT and figure["more_ms"] <= MOST_MILLISECONDS


def section(found: dict[str, Met], chosen: argparse.Namespace) -> str:
    """The figures as a part of the page."""
    told = figures(found)
    lines = [
        "## Tracing",
        "",
        f"Analyses of the example town, nothing kept, in {chosen.rounds} rounds of processes that are started anew and run side",
        "by side: one user asks them by turns, and more is the median of what one analysis takes longer than the one without",
        f"traces beside it; {chosen.users} users ask in slices of a few seconds for throughput. Both are the median of the rounds'. Held to:",
        f"at the default sampling at least {LEAST_THROUGHPUT:.0%} of the throughput and at most "
        f"{MOST_MILLISECONDS} ms more at p50.",
        "",
        "| traced | p50 | more at p50 | a second | of that without |",
        "|---|---:|---:|---:|---:|",
    ]
    words = {
        "off": "nothing",
        "control": "nothing, in another process",
        "default": "one request in ten, as by default",
        "all": "every request",
    }
    lines += [
        f"| {words[name]} | {one['p50_ms']:.2f} ms | {one['more_ms']:+.2f} ms | {one['per_second']:.1f} | {one['ratio']:.1%} |"
        for name, one in told.items()
    ]
    return "\n".join(lines)


@contextmanager
def collecting() -> Iterator[str]:
    """The address of a collector, which lets what it is sent fall."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=collect, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


class Handler(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # http.server names it so
        """Read it, and say that it was taken."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *told: object) -> None:
        """Nothing is told."""


def collect(told: Connection) -> None:
    """Serve until the process is ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
