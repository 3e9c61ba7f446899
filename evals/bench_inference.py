"""What the inference service adds to an engine, and how it holds under more load than there is room for.

An engine without a model stands for one on a GPU, each of client, service and engine in a process of its own; direct
and through the service alternate in one run. Writes docs/benchmarks-inference.md and its plots; ``--schema`` asks a
real small model instead, on llama.cpp, for answers that follow a schema.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
from inference_model import slots, structured
from inference_page import write_page
from inference_servers import ROOT, cpu_ms, listening, memory_mib, service

from plotlot.api.inference.v1 import inference_pb2 as messages
from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
from plotlot.domain.admission import Limits
from plotlot.domain.messages import Message
from plotlot.evaluation.serving.fake_engine import Pace
from plotlot.evaluation.serving.figures import Objective, figures, percentiles
from plotlot.evaluation.serving.load import WORDS, ask_of, closed_loop, open_loop
from plotlot.evaluation.serving.prefix_engine import PrefixEngine
from plotlot.evaluation.serving.targets import Ask, EngineTarget, Outcome, ServiceTarget, Target
from plotlot.inference.completion import Prompt, Sampling
from plotlot.inference.completions import Caller, Completions
from plotlot.inference.gate import Gate
from plotlot.inference.replicas import Replicas
from plotlot.inference.vllm_engine import VllmEngine
from plotlot.telemetry import Metrics

OBJECTIVE = Objective(first_token_seconds=1.0, token_seconds=0.1)
PROMPT_WORDS, MAX_TOKENS = 200, 32
ANSWER_SECONDS = 0.05 + 0.02 * MAX_TOKENS  # of the engine of the overhead, alone
OVERLOAD_SECONDS = 20
ENGINE = "serve_fake_engine.py"
PROBE = str(ROOT / "evals" / "inference_probe.py")
QUEUES = (
    16,
    128,
    512,
)  # requests; the first is half a second of work: with a second of it (32), 78 % were in time


@contextlib.asynccontextmanager
async def targets(url: str, address: str) -> AsyncIterator[tuple[Target, Target]]:
    """The engine, and the service before it."""
    direct, through = EngineTarget(url, "fake"), ServiceTarget(address)
    try:
        yield direct, through
    finally:
        await direct.close()
        await through.close()


def asks(count: int, start: int = 0, max_tokens: int = MAX_TOKENS) -> list[Ask]:
    """Requests of their own."""
    return [ask_of(start + each, 1, PROMPT_WORDS, max_tokens) for each in range(count)]


async def overhead(users: int, blocks: int, each: int) -> dict[str, Any]:
    """Direct and through the service in turn, with so many users; the order of each pair is drawn."""
    outcomes: dict[str, list[Outcome]] = {"direct": [], "through PlotLot": []}
    seconds: Counter[str] = Counter()
    spent = 0.0
    pace = ("--first-token-ms", "50", "--token-ms", "20")
    with listening(ENGINE, *pace) as (url, _), service(url) as (address, process):
        async with targets(url, address) as both:
            for warm in both:
                await closed_loop(warm, asks(users), users, ANSWER_SECONDS)
            for block in range(blocks):
                for one in random.sample(both, 2):
                    begun, before = time.perf_counter(), cpu_ms(process.pid)
                    outcomes[one.name] += await closed_loop(
                        one, asks(each, block * each), users, ANSWER_SECONDS
                    )
                    seconds[one.name] += time.perf_counter() - begun
                    spent += (cpu_ms(process.pid) - before) * (one.name != "direct")
    result = {}
    for name, found in outcomes.items():
        tokens = sum(outcome.tokens for outcome in found)
        result[name] = {**figures(found, OBJECTIVE), "tokens_per_second": tokens / seconds[name]}
    return {"users": users, "cpu_ms": spent / (blocks * each), **result}


async def floor(users: int, each: int) -> float:
    """Milliseconds of a processor that a bare gRPC server takes for a stream like those of the overhead."""
    with listening("bare_inference.py") as (address, process):
        target = ServiceTarget(address)
        await closed_loop(target, asks(users), users, ANSWER_SECONDS)
        before = cpu_ms(process.pid)
        await closed_loop(target, asks(each), users, ANSWER_SECONDS)
        spent = cpu_ms(process.pid) - before
        await target.close()
    return spent / each


async def many_streams(count: int) -> dict[str, Any]:
    """So many streams at once: what is lost, what the service's memory is, and what it adds."""
    pace = ("--first-token-ms", "1000", "--token-ms", "1000")
    with (
        listening(ENGINE, *pace) as (url, _),
        service(url, GENERATION_CONCURRENCY=count) as (address, process),
    ):
        async with targets(url, address) as (direct, through):
            await closed_loop(through, asks(8, max_tokens=2), 8)
            before = memory_mib(process.pid, "VmRSS")
            runs = {}
            for one in (direct, through):
                runs[one.name] = figures(
                    await closed_loop(one, asks(count, max_tokens=20), count, 10), Objective(60, 60)
                )
            peak = memory_mib(process.pid, "VmHWM")
    return {"streams": count, "before_mib": before, "peak_mib": peak, **runs}


async def overload(times: float, queue: int) -> dict[str, Any]:
    """More requests than the engine can answer, of which a tenth are people's."""
    pace = ("--first-token-ms", "100", "--token-ms", "25", "--slots", "16")
    tokens, limits = 16, {"GENERATION_CONCURRENCY": 16, "GENERATION_QUEUE": queue}
    objective = Objective(first_token_seconds=2.0, token_seconds=0.1)
    with (
        listening(ENGINE, *pace) as (url, _),
        service(url, **limits) as (address, _),
        listening("bare_inference.py") as (bare, _),
    ):
        async with targets(url, address) as (_, through):
            await closed_loop(
                through, asks(64, max_tokens=tokens), 16
            )  # so that it knows how fast answers come
            full = figures(await closed_loop(through, asks(320, max_tokens=tokens), 16), objective)
            rate = times * full["requests_per_second"]
            mixed = [
                replace(
                    ask,
                    priority=("interactive" if number % 10 == 0 else "normal"),
                    account=f"key-{number % 4}",
                )
                for number, ask in enumerate(asks(round(rate * OVERLOAD_SECONDS), max_tokens=tokens))
            ]
            probe = await asyncio.create_subprocess_exec(
                sys.executable, PROBE, str(OVERLOAD_SECONDS), address, bare, stdout=asyncio.subprocess.PIPE
            )
            outcomes = await open_loop(through, mixed, rate, lambda: 0.5)
            told, _ = await probe.communicate()
    probed = json.loads(told)
    urgent = [each for each in outcomes if each.priority == "interactive"]
    return {
        "times": times,
        "queue": queue,
        "capacity": full,
        "all": figures(outcomes, objective),
        "interactive": figures(urgent, objective),
        "refused": {
            name: {"count": len(probed[where]), **percentiles([each / 1000 for each in probed[where]])}
            for name, where in (("service", address), ("bare", bare))
        },
    }


async def affinity(keyed: bool, replicas: int = 4, prefixes: int = 24, requests: int = 400) -> dict[str, Any]:
    """Prompts that begin alike in groups, over engines that each keep eight beginnings: sent by their key, or not."""
    engines = [PrefixEngine(Pace(0.02, 0.005), kept=8, reading_seconds=0.4) for _ in range(replicas)]
    metrics, now = Metrics(), asyncio.get_running_loop().time
    urls = [await engine.start() for engine in engines]
    found = Replicas(urls[0], VllmEngine, metrics, now)
    found._use(set(urls))  # as the addresses of a headless Service would be
    room = Limits(1000, 10_000_000, 1000, 10_000_000)
    completions = Completions("fake", "vllm", found, Gate(room, metrics), metrics)
    drawn, seconds = random.Random(1), []
    numbers = iter(range(requests))

    async def user() -> None:
        for number in numbers:
            key = f"town-{drawn.randrange(prefixes)}"
            said = (Message("system", key), Message("user", f"{number}: {drawn.choice(WORDS)}?"))
            prompt = Prompt("fake", said, sampling=Sampling(max_tokens=8), request_id=str(number))
            written = await completions.complete(prompt, Caller(affinity_key=key if keyed else ""))
            seconds.append(written.first_token_seconds)

    await asyncio.gather(*(user() for _ in range(16)))
    await completions.close()
    for engine in engines:
        await engine.stop()
    share = sum(engine.found for engine in engines) / sum(engine.asked_for for engine in engines)
    busiest = max(engine.asked_for for engine in engines) / requests * replicas
    return {"keyed": keyed, "kept_share": share, "busiest": busiest, "first_token_ms": percentiles(seconds)}


async def embedding(batch: int, texts: int = 128) -> dict[str, float]:
    """Texts a second that the service embeds, so many a call."""
    said = [f"{number}: " + " ".join(WORDS) * 3 for number in range(texts)]
    with service(None) as (address, _):
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = InferenceServiceStub(channel)
            await stub.Embed(messages.EmbedRequest(texts=said[:batch]))
            begun = time.perf_counter()
            for start in range(0, texts, batch):
                await stub.Embed(messages.EmbedRequest(texts=said[start : start + batch]))
            return {"batch": batch, "texts_per_second": texts / (time.perf_counter() - begun)}


async def killed() -> dict[str, float]:
    """Milliseconds from an engine's death, and from its hanging, to the callers' errors."""
    found = {}
    for name, signal_ in (("killed", 9), ("hangs", 19)):
        with listening(ENGINE, "--token-ms", "50") as (url, process), service(url) as (address, _):
            async with targets(url, address) as (_, through):
                outcomes = [Outcome(time.perf_counter()) for _ in range(8)]
                long = Ask("x", 4000)
                tasks = [asyncio.create_task(through.send(long, outcome)) for outcome in outcomes]
                await asyncio.sleep(2)
                process.send_signal(signal_)
                begun = time.perf_counter()
                await asyncio.gather(*tasks)
                process.send_signal(18)
        assert {each.error for each in outcomes} == {"engine-unavailable"}, outcomes
        found[name] = (max(each.ended for each in outcomes) - begun) * 1000
    return found


def machine() -> str:
    """What this runs on."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return f"{os.cpu_count()} cores ({names[0] if names else platform.machine()}), Python {platform.python_version()}"


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Every figure."""
    found: dict[str, Any] = {"machine": machine(), "load": f"{os.getloadavg()[0]:.1f}"}
    if options.schema:
        found["structured"] = await structured(options.schema)
        return found
    found["overhead"] = [
        await overhead(users, blocks, each) for users, blocks, each in ((1, 3, 8), (8, 3, 40), (32, 10, 96))
    ]
    found["floor_cpu_ms"] = await floor(32, 192)
    found["streams"] = await many_streams(1000)
    found["overload"] = [await overload(3, queue) for queue in QUEUES]
    found["lost"] = await killed()
    found["affinity"] = [await affinity(keyed) for keyed in (False, True)]
    found["embedding"] = [await embedding(batch) for batch in (1, 8, 32, 128)]
    found["slots"] = [await slots(given) for given in (1, 2, 4)]
    return found


def main() -> None:
    """Measure, keep the figures, and write the page from all that were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", type=int, default=0, metavar="N", help="only: ask a real model N times")
    parser.add_argument("--figures", type=Path, default=ROOT / "build" / "bench-inference.json")
    options = parser.parse_args()
    kept = json.loads(options.figures.read_text()) if options.figures.exists() else {}
    found = asyncio.run(measure(options))
    kept.update(
        {name: value for name, value in found.items() if not (options.schema and name in ("machine", "load"))}
    )
    options.figures.parent.mkdir(parents=True, exist_ok=True)
    options.figures.write_text(json.dumps(kept, indent=1))
    if "overhead" in kept:
        write_page(kept)


if __name__ == "__main__":
    main()
