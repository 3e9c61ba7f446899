"""What users with a key notice of a flood of bad ones: their times, quiet and flooded, in turns of the same run.

    .venv/bin/python evals/bench_access.py [--rounds 5] [--seconds 6] [--users 4] [--flood 300] [--json] [--page PAGE]

The flood comes from a process of its own, at a rate that does not wait for answers: keys that were never handed out,
and keys that look like it; from one address, and from another one each time. Exit code 1 over the target.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from bench import TOWN, load_example, running

from plotlot.domain.api_keys import ID_BYTES, SECRET_BYTES, api_key_of
from plotlot.evaluation.page_parts import Part

PART = Part("access", "make bench-access")
TARGET = 1.5
QUESTION = {"query": "rear yard of a dwelling", "municipality": TOWN}


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=6.0)
    options.add_argument("--users", type=int, default=4)
    options.add_argument("--flood", type=int, default=300, help="bad requests a second")
    options.add_argument("--json", action="store_true")
    options.add_argument("--page", type=Path, help="write the section there")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, gateway(Path(folder)) as (url, key):
        figures = asyncio.run(measured(url, key, chosen))
    print(json.dumps(figures) if chosen.json else words(figures))
    if chosen.page:
        PART.write(chosen.page, section(figures, chosen))
    return 0 if figures["ratio"] <= TARGET else 1


@contextmanager
def gateway(folder: Path) -> Iterator[tuple[str, str]]:
    """A gateway that asks who asks, with the example town, and the key of a user."""
    command = [sys.executable, "-c", "from plotlot.cli import main; main()", "key", "create", "bench"]
    with running(folder, auth="required") as (client, _, _):
        made = subprocess.run(
            [*command, "--role", "operator", "--data", str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        key = made.stdout.strip()
        client.headers["Authorization"] = f"Bearer {key}"
        load_example(client)
        yield str(client.base_url).rstrip("/"), key


async def measured(url: str, key: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Times of users, quiet and flooded by turns, and what the flood was answered."""
    quiet: list[float] = []
    flooded: list[float] = []
    await users(url, key, chosen.users, 2.0)  # what is read and kept the first time
    answers: Counter[str] = Counter()
    for _ in range(chosen.rounds):
        quiet += await users(url, key, chosen.users, chosen.seconds)
        with flooding(url, chosen.flood) as told:
            await asyncio.sleep(1.0)
            flooded += await users(url, key, chosen.users, chosen.seconds)
        answers += told
    ratio = float(np.percentile(flooded, 95) / np.percentile(quiet, 95))
    return {
        "quiet": summary(quiet),
        "flooded": summary(flooded),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "bad": dict(answers),
    }


async def users(url: str, key: str, count: int, seconds: float) -> list[float]:
    """The times of searches by so many users, each after the answer to the one before, with a short rest."""
    ends = time.perf_counter() + seconds
    times: list[float] = []

    async def user(session: aiohttp.ClientSession) -> None:
        while time.perf_counter() < ends:
            begun = time.perf_counter()
            async with session.post(f"{url}/v1/search", json=QUESTION) as answer:
                await answer.read()
                assert answer.status == 200, answer.status
            times.append(time.perf_counter() - begun)
            await asyncio.sleep(0.02)

    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(user(session) for _ in range(count)))
    return times


@contextmanager
def flooding(url: str, rate: int) -> Iterator[Counter[str]]:
    """Bad keys at a rate for as long as the block runs; afterwards, how often each status answered them."""
    context = multiprocessing.get_context("spawn")
    begun, over, told, answers = context.Event(), context.Event(), context.Queue(), Counter[str]()
    sender = context.Process(target=flood, args=(url, rate, begun, over, told))
    sender.start()
    try:
        begun.wait(60)
        yield answers
    finally:
        over.set()
        answers.update(told.get(timeout=60))
        sender.join()


def flood(url: str, rate: int, begun: Event, over: Event, told: Any) -> None:
    """Send bad keys until it is over."""
    os.nice(5)  # it shares a small machine with what it floods, which a real one does not
    begun.set()
    told.put(asyncio.run(sent(url, rate, over)))


async def sent(url: str, rate: int, over: Event) -> dict[str, int]:
    """How often each status answered."""
    answers: Counter[str] = Counter()
    tasks: set[asyncio.Task[None]] = set()

    async def send(session: aiohttp.ClientSession, number: int) -> None:
        headers = {"Authorization": f"Bearer {bad_key(number)}"}
        if number % 2:
            headers["X-Forwarded-For"] = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
        try:
            async with session.post(f"{url}/v1/analyses", data=b"{" * 2048, headers=headers) as answer:
                answers[str(answer.status)] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            answers[type(error).__name__] += 1

    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=200)) as session:
        begun, number = time.perf_counter(), 0
        while not over.is_set():
            while number < (time.perf_counter() - begun) * rate:
                task = asyncio.create_task(send(session, number))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                number += 1
            await asyncio.sleep(0.005)
        await asyncio.gather(*tasks)
    return dict(answers)


def bad_key(number: int) -> str:
    """A key that was never handed out: every other one looks as if it was."""
    return api_key_of(os.urandom(ID_BYTES + SECRET_BYTES)).text if number % 4 < 2 else secrets.token_hex(40)


def summary(times: list[float]) -> dict[str, float]:
    """How many there were, and how long they took, in milliseconds."""
    p50, p95, p99 = (round(float(np.percentile(times, share)) * 1000, 2) for share in (50, 95, 99))
    return {"requests": len(times), "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def words(figures: dict[str, Any]) -> str:
    """The figures as lines of a table."""
    lines = ["| users with a key | requests | p50 ms | p95 ms | p99 ms |", "|---|---|---|---|---|"]
    for name in ("quiet", "flooded"):
        row = figures[name]
        lines.append(f"| {name} | {row['requests']} | {row['p50_ms']} | {row['p95_ms']} | {row['p99_ms']} |")
    answered = ", ".join(f"{status} {count:,} times" for status, count in figures["bad"].items())
    lines.append(
        f"\np95 flooded over quiet: {figures['ratio']} (held to {figures['target']}). Bad keys were answered {answered}."
    )
    return "\n".join(lines)


def section(figures: dict[str, Any], chosen: argparse.Namespace) -> str:
    """The figures as a part of the page."""
    lines = [
        "## A flood of bad keys",
        "",
        f"What {chosen.users} users with a key meet, quiet and while {chosen.flood} requests a second come with bad ones, by turns.",
        "",
        words(figures),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
