"""Measures the REST API under users, beside the services behind it: the rows of docs/benchmarks.md.

``python evals/bench_api.py`` prints them. Users ask as soon as they are answered; `--pause` lets each one rest between.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import psutil
from bench import EXAMPLE, TOWN, Row, load_example, running

from plotlot.api.extraction.v1 import extraction_pb2, extraction_pb2_grpc
from plotlot.api.retrieval.v1 import retrieval_pb2, retrieval_pb2_grpc
from plotlot.evaluation.page_parts import Part

LOTS = 5000
ROWS = 5000

PART = Part("api", "make bench-api")


@dataclass(frozen=True)
class Load:
    """What users met: milliseconds of each answer, and answers a second of all."""

    milliseconds: list[float]
    per_second: float

    def row(self, name: str, target: str = "") -> Row:
        """The figures in a row."""
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return Row(
            name,
            f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, {self.per_second:,.0f} a second",
            target,
        )


async def user(url: str, bodies: Iterator[bytes], until: float, pause: float, spent: list[float]) -> None:
    """Post one body after another on one connection. By hand: a client of HTTP would cost as much as the server."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    while time.perf_counter() < until:
        body = next(bodies)
        head = f"POST /v1/analyses HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        started = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        spent.append((time.perf_counter() - started) * 1000)
        if not answer.startswith(b"HTTP/1.1 201"):
            raise SystemExit(f"refused: {answer[:200]!r}")
        await asyncio.sleep(pause)
    writer.close()


async def load(url: str, parcels: list[str], users: int, seconds: float, pause: float) -> Load:
    """So many users for so long, each asking about the next parcel."""
    bodies = (json.dumps({"parcel_id": parcel, "municipality": TOWN}).encode() for parcel in cycle(parcels))
    spent: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(*(user(url, bodies, started + seconds, pause, spent) for _ in range(users)))
    return Load(spent, len(spent) / (time.perf_counter() - started))


def in_another_process(url: str, parcels: list[str], users: int, seconds: float, pause: float) -> Load:
    """The load from a process of its own, so that users wait for the server and not for one another."""
    options = json.dumps([url, parcels, users, seconds, pause])
    done = subprocess.run(
        [sys.executable, __file__, "--users-of", "-"], input=options, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return Load(*json.loads(done.stdout))


def lots() -> list[dict[str, Any]]:
    """The example's lots with a district, again and again beside one another."""
    features = json.loads((EXAMPLE / "parcels.geojson").read_text())["features"]
    zoned = [each for each in features if each["properties"].get("zoning")]
    made = []
    for number, feature in zip(range(LOTS), cycle(zoned), strict=False):
        east = 0.01 * (1 + number // len(zoned))
        shifted = json.loads(json.dumps(feature), parse_float=float)
        shift(shifted, east)
        shifted["properties"] |= {"parcel_id": f"B-{number:05}", "address": f"{number + 1} Bench Street"}
        made.append(shifted)
    return made


def shift(value: Any, east: float) -> None:
    """Move every pair of coordinates eastward."""
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, list) and each and isinstance(each[0], int | float):
            each[0] += east
        elif isinstance(each, dict | list):
            shift(each, east)


def direct_rows(url: str, address: str, repeats: int) -> list[Row]:
    """What the gateway adds to the services that it asks, one user, nothing kept."""
    with grpc.insecure_channel(address) as channel, httpx.Client(base_url=url) as client:
        extraction = extraction_pb2_grpc.ExtractionServiceStub(channel)
        retrieval = retrieval_pb2_grpc.RetrievalServiceStub(channel)
        wanted = extraction_pb2.GetStandardsRequest(municipality=TOWN, district="R-1")
        query = f"{TOWN} front yard"
        sought = retrieval_pb2.SearchRequest(
            query=query, municipality=TOWN, limit=10, method=retrieval_pb2.METHOD_FUSED
        )
        body = {"query": query, "municipality": TOWN, "k": 10}
        pairs = {
            "standards of a district": (
                lambda: client.get(f"/v1/municipalities/{TOWN}/districts/R-1/standards").raise_for_status(),
                lambda: extraction.GetStandards(wanted),
            ),
            "search": (
                lambda: client.post("/v1/search", json=body).raise_for_status(),
                lambda: retrieval.Search(sought),
            ),
        }
        rows = []
        for name, (ours, theirs) in pairs.items():
            spent: dict[str, list[float]] = {"ours": [], "theirs": []}
            for turn in range(repeats + 5):
                for side, ask in (("ours", ours), ("theirs", theirs)):
                    started = time.perf_counter()
                    ask()
                    if turn >= 5:
                        spent[side].append((time.perf_counter() - started) * 1000)
            mine, least = (statistics.median(spent[side]) for side in ("ours", "theirs"))
            rows.append(
                Row(
                    f"the gateway's own time, {name}",
                    f"p50 {mine - least:.1f} ms",
                    "p50 <= 5 ms",
                    f"{least:.2f} ms by gRPC, {mine:.2f} ms by HTTP",
                    f"{mine / least:.1f}",
                )
            )
        return rows


def batch_row(client: httpx.Client, process: psutil.Process, parcels: list[str]) -> Row:
    """A whole batch as a job, and what memory it took."""
    content = "parcel_id,municipality\n" + "".join(f'{parcel},"{TOWN}"\n' for parcel in parcels[:ROWS])
    before = process.memory_info().rss
    started = time.perf_counter()
    made = client.post("/v1/analyses:batch", content=content, headers={"Content-Type": "text/csv"})
    job, most, seen = made.json()["id"], before, []
    while True:
        state = client.get(f"/v1/jobs/{job}").json()
        resident = process.memory_info().rss
        most = max(most, resident)
        seen.append((state["done"], resident))
        if state["status"] not in ("queued", "running"):
            break
        time.sleep(0.5)
    seconds = time.perf_counter() - started
    half = next(resident for done, resident in seen if done >= ROWS // 2)
    return Row(
        f"batch of {ROWS:,} lots as a job, {state['refused']} refused",
        f"{seconds:.0f} s, {ROWS / seconds:.0f} a second",
        "memory does not grow",
        f"{before / 1e6:.0f} MB before, {half / 1e6:.0f} MB halfway, {most / 1e6:.0f} MB at most",
    )


def rows_of(options: argparse.Namespace) -> list[Row]:
    """Every row."""
    features = lots()
    parcels = [feature["properties"]["parcel_id"] for feature in features]
    address = free_address()
    rows = []
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as folder:
        data = Path(folder)
        with running(data, address) as (client, process, _):
            load_example(client)
            content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
            files = {"file": ("lots.geojson", content)}
            client.post("/v1/parcels", files=files, data={"municipality": TOWN}).raise_for_status()
            url = str(client.base_url)
            rows += direct_rows(url, address, options.repeats)
            in_another_process(url, parcels[:50], 2, 2, 0)
            for users, target in ((1, ""), (options.users, "p95 < 300 ms")):
                met = in_another_process(url, parcels, users, options.seconds, options.pause)
                rows.append(met.row(f"analysis, nothing kept, {users} at a time", target))
            rows.append(batch_row(client, process, parcels))
        with running(data, address, cached=True) as (client, _, _):
            url = str(client.base_url)
            in_another_process(url, parcels[:20], 2, 3, 0)
            first = in_another_process(url, parcels[20:], options.users, options.seconds, options.pause)
            rows.append(
                first.row(f"analysis, of each lot the first, {options.users} at a time", "p95 < 300 ms")
            )
            for users, target in ((1, ""), (options.users, "p95 < 15 ms")):
                met = in_another_process(url, parcels[:20], users, options.seconds, options.pause)
                rows.append(met.row(f"analysis, kept, {users} at a time", target))
    return rows


def free_address() -> str:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def section(options: argparse.Namespace, rows: list[Row]) -> str:
    """The figures as a section of a page."""
    lines = [
        "## The REST API",
        "",
        f"Users ask {options.pause:g} s after each answer; {os.cpu_count()} cores for users, gateway and Postgres.",
        "",
        "| what | figure | held to | floor | ratio to the floor |",
        "|---|---|---|---|---|",
        *(f"| {row.name} | {row.figure} | {row.target} | {row.floor} | {row.ratio} |" for row in rows),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument(
        "--pause", type=float, default=0.0, help="seconds that a user rests between questions"
    )
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--page", type=Path, help="write the section there")
    parser.add_argument("--users-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.users_of:
        met = asyncio.run(load(*json.loads(sys.stdin.read())))
        print(json.dumps([met.milliseconds, met.per_second]))
        return 0
    text = section(options, rows_of(options))
    print(text)
    if options.page:
        PART.write(options.page, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
