"""What it costs a user that their question is asked of a candidate too: the tee off, on, and on for everybody.

One gateway serves, another in a process of its own is the candidate. Blocks of requests alternate in one run,
in a random order, so that what else the machine does falls on all of them. ``rows()`` gives the figures to a page;
as a program it prints them.
"""

import argparse
import contextlib
import itertools
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import httpx
import psycopg

from plotlot.api.judge.v1 import judge_pb2, judge_pb2_grpc
from plotlot.domain.bundles import Bundle, Shadow
from plotlot.evaluation.page_parts import Part
from plotlot.gateway.delivery.tee import sampled
from plotlot.runtime.bundles import own_bundle
from plotlot.settings import Settings
from plotlot.store.embedded import EmbeddedPostgres

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "larkfield"
TOWN = "Larkfield, OH"
QUESTION = {"address": "12 Elm St", "municipality": TOWN}
SHARE = 0.2
BLOCK = 20
RESAMPLES = 1000
MODES = ("off", "20 % of sessions", "every session")


@dataclass(frozen=True)
class Row:
    """Milliseconds of POST /v1/analyses in one mode, and how many times those with the tee off."""

    mode: str
    requests: int
    copied: int
    p50: float
    p99: float
    ratio_p50: float
    ratio_p99: float
    low_p50: float
    high_p50: float

    def line(self) -> str:
        """A row of a table."""
        return (
            f"| {self.mode} | {self.requests:,} | {self.copied:,} | {self.p50:.2f} | {self.p99:.2f} |"
            f" {self.ratio_p50:.3f} ({self.low_p50:.3f} to {self.high_p50:.3f}) | {self.ratio_p99:.2f} |"
        )


PART = Part("tee", "make bench-delivery")
HEADER = (
    "| tee | requests | copied | p50, ms | p99, ms | p50 beside off (95 % interval) | p99 beside off |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Pair:
    """The stable gateway, the address of its services, the candidate's bundle, and the database of both."""

    client: httpx.Client
    services: str
    stable: Bundle
    candidate: Bundle
    conninfo: str


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def up(data: Path, port: int, **settings: str) -> Iterator[None]:
    """``plotlot up`` with settings, until the block ends."""
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", "up", "--port", str(port)]
    env = {f"PLOTLOT_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        ["env", *(f"{name}={value}" for name, value in env.items()), *command, "--data", str(data)],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        if "serves http" not in line:
            raise SystemExit(f"plotlot up did not start: {line}{process.stderr.read()}")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextlib.contextmanager
def two_gateways(folder: Path) -> Iterator[Pair]:
    """Both, with the example town, and a release between them in its shadow stage."""
    stable = own_bundle(Settings())
    shadow = Shadow(share=SHARE, per_second=1000.0, gold_per_second=0.0)
    candidate = replace(stable, version=f"{stable.version}.next", shadow=shadow)
    file = folder / "candidate.json"
    file.write_text(candidate.as_file())
    postgres = EmbeddedPostgres(folder / "data")
    conninfo = postgres.start()
    port, other, services = free_port(), free_port(), f"127.0.0.1:{free_port()}"
    try:
        with (
            up(
                folder / "data", port, grpc_address=services, candidate_url=f"http://127.0.0.1:{other}",
                shadow_busy_requests="1000",
            ),
            up(folder / "other", other, database_url=conninfo, bundle_file=str(file)),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client,
        ):  # fmt: skip
            for name, path in (("ordinance.md", "/v1/documents"), ("parcels.geojson", "/v1/parcels")):
                files = {"file": (name, (EXAMPLE / name).read_bytes())}
                client.post(path, files=files, data={"municipality": TOWN}).raise_for_status()
            pair = Pair(client, services, stable, candidate, conninfo)
            open_release(pair)
            yield pair
    finally:
        postgres.stop()


def open_release(pair: Pair) -> None:
    """Ask for a verdict, which opens the release, and wait until the gateway has the plan."""
    with grpc.insecure_channel(pair.services) as channel:
        judge = judge_pb2_grpc.JudgeServiceStub(channel)
        request = judge_pb2.DecideRequest(
            stable=pair.stable.id, candidate=pair.candidate.id, stage="shadow", next_weight=5
        )
        for _ in range(100):
            with contextlib.suppress(grpc.RpcError):
                judge.Decide(request, timeout=10)
            if pair.client.get("/v1/shadow").json()["state"] == "shadowing":
                return
            time.sleep(0.2)
    raise SystemExit("the gateway never began to shadow")


def sessions(mode: str, candidate: str, draw: random.Random) -> Iterator[str]:
    """Sessions outside the sample, as they come, or of the sample only."""
    for number in itertools.count():
        name = f"bench-{draw.getrandbits(40):x}-{number}"
        inside = sampled(name, candidate, SHARE)
        if mode == MODES[1] or inside == (mode == MODES[2]):
            yield name


def block(pair: Pair, mode: str, draw: random.Random, pace_seconds: float) -> list[float]:
    """Milliseconds of one block of requests, one after another or at a pace."""
    names = sessions(mode, pair.candidate.id, draw)
    spent = []
    for _ in range(BLOCK):
        headers = {"plotlot-session": next(names)}
        started = time.perf_counter()
        pair.client.post("/v1/analyses", json=QUESTION, headers=headers).raise_for_status()
        took = time.perf_counter() - started
        spent.append(took * 1000)
        time.sleep(max(pace_seconds - took, 0.0))
    return spent


def copied(pair: Pair) -> int:
    """How many copies were answered; waits until none is under way."""
    while True:
        told = pair.client.get("/v1/shadow").json()
        if told["queue"] == told["asking"] == 0:
            return int(sum(told["sent"].values()))
        time.sleep(0.05)


def measured(pair: Pair, requests: int, pace_seconds: float, seed: int = 1) -> list[Row]:
    """Every mode with so many requests, in blocks that alternate."""
    draw = random.Random(seed)
    spent: dict[str, list[list[float]]] = {mode: [] for mode in MODES}  # a block for each round
    copies = dict.fromkeys(MODES, 0)
    for mode in MODES:
        block(pair, mode, draw, 0.0)  # warm
    for _ in range(max(requests // BLOCK, 1)):
        for mode in draw.sample(MODES, len(MODES)):
            before = copied(pair)
            spent[mode].append(block(pair, mode, draw, pace_seconds))
            copies[mode] += copied(pair) - before
    return [row_of(mode, spent[mode], spent["off"], copies[mode], draw) for mode in MODES]


def row_of(
    mode: str, ours: list[list[float]], off: list[list[float]], copies: int, draw: random.Random
) -> Row:
    """The figures of a mode, with a bootstrap interval of the ratio of medians, over rounds: noise comes in those."""
    all_ours, all_off = list(itertools.chain(*ours)), list(itertools.chain(*off))
    p50, p99 = statistics.median(all_ours), statistics.quantiles(all_ours, n=100)[-1]
    ratios = []
    for _ in range(RESAMPLES):
        rounds = draw.choices(range(len(ours)), k=len(ours))
        both = (statistics.median(itertools.chain(*(side[r] for r in rounds))) for side in (ours, off))
        ratios.append(next(both) / next(both))
    ratios.sort()
    return Row(
        mode, len(all_ours), copies, p50, p99, p50 / statistics.median(all_off),
        p99 / statistics.quantiles(all_off, n=100)[-1],
        ratios[int(0.025 * RESAMPLES)], ratios[int(0.975 * RESAMPLES) - 1],
    )  # fmt: skip


def hop_milliseconds(pair: Pair) -> float:
    """How much longer the candidate's answers take by the way to it: the median difference within pairs."""
    query = (
        "SELECT ((candidate->>'seconds')::float - (stable->>'seconds')::float) * 1000 FROM pairs"
        " WHERE candidate IS NOT NULL AND source = 'shadow' AND operation = 'analyze'"
    )
    with psycopg.connect(pair.conninfo) as connection:
        return statistics.median(row[0] for row in connection.execute(query).fetchall())


def rows(requests: int = 400, per_second: float = 10.0) -> tuple[list[Row], list[Row], float]:
    """The figures at a pace, those of one caller without a pause, and the way to the candidate in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as folder, two_gateways(Path(folder)) as pair:
        paced = measured(pair, requests, 1 / per_second)
        pressed = measured(pair, requests, 0.0)
        return paced, pressed, hop_milliseconds(pair)


def section(paced: list[Row], pressed: list[Row], hop: float, per_second: float) -> str:
    """The figures as a part of a page."""
    return "\n".join(
        (
            "## What the tee costs a user",
            "",
            "POST /v1/analyses at a gateway whose questions are copied to a candidate in another process of this machine;",
            "blocks of requests alternate in one run (`make bench-delivery`). Copies are sent after the answer, so what is",
            "left of their cost is the machine that both share.",
            "",
            f"At {per_second:g} requests a second:",
            "",
            HEADER,
            *(row.line() for row in paced),
            "",
            "One caller without a pause:",
            "",
            HEADER,
            *(row.line() for row in pressed),
            "",
            f"The way to the candidate adds {hop:.1f} ms to its time (median): latency leans that much against it.",
        )
    )


def main() -> None:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=400, help="requests of each mode")
    options.add_argument(
        "--per-second", type=float, default=10.0, help="requests a second, where there is a pace"
    )
    options.add_argument("--page", type=Path, help="the page whose part about the tee is written")
    given = options.parse_args()
    text = section(*rows(given.requests, given.per_second), given.per_second)
    print(text)
    if given.page:
        PART.write(given.page, text)


if __name__ == "__main__":
    main()
