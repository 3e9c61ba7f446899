"""Asks while the index is swapped and rolled back: who got no answer, or one of two generations, and how long it took.

``python evals/bench_swap.py`` prints the section, ``--page docs/benchmarks.md`` writes it there. Users ask golden questions
of seven towns, anew each time: seven in ten search, two ask in words, one analyses a lot. A generation that was built and
checked beside the live one takes its place after a third of the requests, and gives it back after two thirds.
"""

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from bench import EXAMPLE, ROOT, TOWN, load_example, running

from plotlot.evaluation.page_parts import Part
from plotlot.store.embedded import EmbeddedPostgres

PART = Part("swap", "make bench-swap")
INDEX = "/v1/index/generations"
AROUND_SECONDS = 2.0  # before a swap and after it, whose requests are told apart
REQUESTS, USERS = 10_000, 8


@dataclass(frozen=True)
class Asked:
    """A request and what came of it: seconds on the clock of the run, and the generation that its answer names."""

    kind: str
    begun: float
    ended: float
    failed: str
    generation: int | None
    mixed: bool


@dataclass
class Load:
    """What users ask, one after another, and what came of it."""

    client: httpx.Client
    requests: Sequence[tuple[str, str, dict[str, Any]]]
    generation_of: dict[str, int]
    done: list[Asked] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def user(self, most: int) -> None:
        """Ask until so many were asked by all."""
        while (number := next(self.numbers)) < most:
            self.done.append(self.ask(*self.requests[number % len(self.requests)]))

    def ask(self, kind: str, path: str, body: dict[str, Any]) -> Asked:
        """Ask once. A chunk of another generation than the answer names is a mixture."""
        begun = time.perf_counter()
        try:
            response = self.client.post(path, json=body)
            ended, failed = time.perf_counter(), "" if response.is_success else response.text[:300]
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            return Asked(kind, begun, time.perf_counter(), repr(error), None, False)
        told = answer.get("generation")
        found = {self.generation_of.get(result["chunk"]) for result in answer.get("results", ())}
        return Asked(kind, begun, ended, failed, told, bool(found - {told}))


def requests_of(golden: Sequence[dict[str, Any]]) -> list[tuple[str, str, dict[str, Any]]]:
    """Questions in the order in which they are asked, each kind as often as it is told above."""
    features = json.loads((EXAMPLE / "parcels.geojson").read_text(encoding="utf-8"))["features"]
    lots = itertools.cycle(feature["properties"]["address"] for feature in features)
    made: list[tuple[str, str, dict[str, Any]]] = []
    for number, each in enumerate(golden * 10):
        town, words = each["municipality"], each["question"]
        if number % 10 == 9:
            made.append(("analyze", "/v1/analyses", {"address": next(lots), "municipality": TOWN}))
        elif number % 5 == 3:
            made.append(("ask", "/v1/ask", {"question": words, "municipality": town}))
        else:
            made.append(("search", "/v1/search", {"query": words, "municipality": town}))
    return made


def load_towns(client: httpx.Client) -> list[dict[str, Any]]:
    """Ingest the towns that golden questions are about; the questions."""
    load_example(client)
    golden = questions("larkfield")
    for folder in sorted((ROOT / "evals" / "towns").iterdir()):
        asked = questions(folder.name)
        for path in sorted(set(folder.iterdir()) - {folder / "town.json"}):
            files, data = {"file": (path.name, path.read_bytes())}, {"municipality": asked[0]["municipality"]}
            client.post("/v1/documents", files=files, data=data).raise_for_status()
        golden += asked
    return golden


def questions(name: str) -> list[dict[str, Any]]:
    """The golden questions of a file."""
    lines = (ROOT / "evals" / "golden" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def generations_of(conninfo: str) -> dict[str, int]:
    """The generation of each chunk."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute("SELECT id::text, generation FROM chunks").fetchall()
    return dict(rows)


def swaps(client: httpx.Client, load: Load, most: int, numbers: Sequence[int]) -> list[tuple[float, float]]:
    """Put each generation in its turn where it serves, as the requests go on; when each swap began and ended."""
    moments = []
    for at, number in enumerate(numbers, start=1):
        while len(load.done) < most * at // (len(numbers) + 1):
            time.sleep(0.005)
        begun = time.perf_counter()
        client.post(f"{INDEX}/{number}/use").raise_for_status()
        moments.append((begun, time.perf_counter()))
    return moments


def measured(most: int, users: int) -> str:
    """The figures, as the section of a page."""
    with tempfile.TemporaryDirectory(prefix="plotlot-bench-") as scratch:
        server = EmbeddedPostgres(Path(scratch))
        conninfo = server.start()
        try:
            with running(Path(scratch)) as (client, _, _):
                golden = load_towns(client)
                built = client.post(INDEX, json={}).raise_for_status().json()["generation"]
                check = client.post(f"{INDEX}/{built}/check", json={}).raise_for_status().json()
                if not check["passed"]:
                    raise SystemExit(f"the generation did not pass its check: {check['failures']}")
                load = Load(client, requests_of(golden), generations_of(conninfo))
                for request in load.requests[:50]:  # codes are read before anything is measured
                    load.ask(*request)
                with ThreadPoolExecutor(users + 1) as pool:
                    swapping = pool.submit(swaps, client, load, most, (built, check["against"]))
                    for done in [pool.submit(load.user, most) for _ in range(users)]:
                        done.result()
                    moments = swapping.result()
        finally:
            server.stop()
    return section(load.done, moments, users, len(load.generation_of))


def section(done: Sequence[Asked], moments: Sequence[tuple[float, float]], users: int, chunks: int) -> str:
    """The figures as a part of the page."""
    near: list[Asked] = []
    apart: list[Asked] = []
    for each in done:
        is_near = any(
            each.begun < ended + AROUND_SECONDS and each.ended > begun - AROUND_SECONDS
            for begun, ended in moments
        )
        (near if is_near else apart).append(each)
    kinds = Counter(each.kind for each in done)
    told = Counter(
        each.generation or "none, for standards answered" for each in done if each.kind != "analyze"
    )
    failed = [each.failed for each in done if each.failed]
    lines = ["## Swaps of the index under load", ""]
    lines += [
        f"{len(done):,} requests of {users} users ({kinds['search']:,} searches, {kinds['ask']:,} questions,"
        f" {kinds['analyze']:,} analyses), none answered from what was kept, while a generation of {chunks // 2:,} chunks took the place"
        " of the live one, and gave it back. Held to: no request without an answer, and none whose results are of two generations.",
        "",
        "| | |",
        "|---|---|",
        f"| without an answer | {len(failed)} |",
        f"| with results of another generation than the answer names | {sum(each.mixed for each in done)} |",
        f"| searches and questions by the generation that they name | {', '.join(f'{name}: {count:,}' for name, count in sorted(told.items(), key=str))} |",
        f"| the swap, and the way back, took | {' and '.join(f'{(ended - begun) * 1000:.0f} ms' for begun, ended in moments)} |",
        f"| requests within {AROUND_SECONDS:g} s of either | {times(near)} |",
        f"| all others | {times(apart)} |",
    ]
    return "\n".join([*lines, *(f"<!-- {each} -->" for each in failed[:3])])


def times(asked: Sequence[Asked]) -> str:
    """How many there were, and how long they took."""
    spent = sorted((each.ended - each.begun) * 1000 for each in asked)
    if len(spent) < 2:
        return f"{len(spent)}"
    return (
        f"{len(spent):,}: p50 {statistics.median(spent):.0f} ms, p95 {statistics.quantiles(spent, n=20)[-1]:.0f} ms,"
        f" longest {spent[-1]:.0f} ms"
    )


def main() -> int:
    """Measure, print, and write the page where one is named."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=REQUESTS)
    options.add_argument("--users", type=int, default=USERS)
    options.add_argument("--page", type=Path, help="the page whose part about swaps is written")
    given = options.parse_args()
    text = measured(given.requests, given.users)
    print(text)
    if given.page:
        PART.write(given.page, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
