"""What the inference service adds to an engine, and how it holds under more load than there is room for.

An engine without a model stands for one on a GPU, each of client, service and engine in a process of its own; direct
and through the service alternate in one run. Writes docs/benchmarks-inference.md; ``--schema`` asks a real small
model instead, on llama.cpp, for answers that follow a schema.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from plotlot.evaluation.serving.figures import Objective, figures
from plotlot.evaluation.serving.load import ask_of, closed_loop, open_loop
from plotlot.evaluation.serving.targets import Ask, EngineTarget, Outcome, ServiceTarget, Target

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks-inference.md"
OBJECTIVE = Objective(first_token_seconds=1.0, token_seconds=0.1)
PROMPT_WORDS, MAX_TOKENS = 200, 32
ANSWER_SECONDS = 0.05 + 0.02 * MAX_TOKENS  # of the engine of the overhead, alone
SCHEMA = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "maxLength": 80},
        "value": {"type": "number", "minimum": 0, "maximum": 1000},
        "unit": {"enum": ["ft", "sqft", "percent", "stories"]},
    },
    "required": ["quote", "value", "unit"],
    "additionalProperties": False,
}


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def engine(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The engine without a model: its URL and process."""
    command = [sys.executable, str(ROOT / "evals" / "fake_engine.py"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1], process
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def service(url: str, **settings: Any) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The inference service before an engine: its address and process."""
    address = f"127.0.0.1:{free_port()}"
    named = {"GENERATION_URL": url, "GENERATION_MODEL": "fake", "GRPC_ADDRESS": address, **settings}
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, **{f"PLOTLOT_{name}": str(value) for name, value in named.items()}}
        command = [
            sys.executable,
            "-c",
            "from plotlot.cli import main; main()",
            "serve",
            "inference",
            "--data",
            data,
        ]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
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
    with engine("--first-token-ms", "50", "--token-ms", "20") as (url, _), service(url) as (address, _):
        async with targets(url, address) as both:
            for warm in both:
                await closed_loop(warm, asks(users), users, ANSWER_SECONDS)
            for block in range(blocks):
                for one in random.sample(both, 2):
                    begun = time.perf_counter()
                    outcomes[one.name] += await closed_loop(
                        one, asks(each, block * each), users, ANSWER_SECONDS
                    )
                    seconds[one.name] += time.perf_counter() - begun
    result = {}
    for name, found in outcomes.items():
        tokens = sum(outcome.tokens for outcome in found)
        result[name] = {**figures(found, OBJECTIVE), "tokens_per_second": tokens / seconds[name]}
    return {"users": users, **result}


async def many_streams(count: int) -> dict[str, Any]:
    """So many streams at once: what is lost, what the service's memory is, and what it adds."""
    pace = ("--first-token-ms", "1000", "--token-ms", "1000")
    with engine(*pace) as (url, _), service(url, GENERATION_CONCURRENCY=count) as (address, process):
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
    with engine(*pace) as (url, _), service(url, **limits) as (address, _):
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
                for number, ask in enumerate(asks(round(rate * 20), max_tokens=tokens))
            ]
            outcomes = await open_loop(through, mixed, rate, lambda: 0.5)
    urgent = [each for each in outcomes if each.priority == "interactive"]
    return {
        "times": times,
        "queue": queue,
        "capacity": full,
        "all": figures(outcomes, objective),
        "interactive": figures(urgent, objective),
    }


async def killed() -> dict[str, float]:
    """Milliseconds from an engine's death, and from its hanging, to the callers' errors."""
    found = {}
    for name, signal_ in (("killed", 9), ("hangs", 19)):
        with engine("--token-ms", "50") as (url, process), service(url) as (address, _):
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


def memory_mib(pid: int, what: str) -> float:
    """A figure of /proc of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return float("nan")


async def structured(requests: int) -> dict[str, Any]:
    """Answers of a real small model that must follow a schema: each is valid, or reported."""
    sys.path.insert(0, str(ROOT / "services" / "tests"))
    import llamacpp_server
    from jsonschema import Draft202012Validator

    from plotlot.api.inference.v1 import inference_pb2 as messages
    from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub

    valid = Draft202012Validator(SCHEMA).is_valid
    results: Counter[str] = Counter()
    named = {"GENERATION_MODEL": llamacpp_server.MODEL, "GENERATION_ENGINE": "llamacpp"}
    with llamacpp_server.served() as (url, _), service(url, **named) as (address, _):
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = InferenceServiceStub(channel)
            waiting = iter(range(requests))

            async def user() -> None:
                for number in waiting:
                    text = f"The rear yard shall be {number} feet deep. Quote it, and give its value and unit as JSON."
                    request = messages.GenerateRequest(
                        messages=[messages.Message(role="user", content=text)],
                        json_schema=json.dumps(SCHEMA),
                        sampling=messages.Sampling(max_tokens=48, temperature=0.8, seed=number),
                    )
                    try:
                        answer = await stub.Generate(request, timeout=300)
                    except grpc.aio.AioRpcError as error:
                        results[error.code().name] += 1
                        continue
                    if not valid(json.loads(answer.answer)):
                        results["invalid and passed on"] += 1
                    else:
                        results["valid" if answer.attempts == 1 else "valid when asked again"] += 1

            begun = time.perf_counter()
            await asyncio.gather(*(user() for _ in range(4)))
    return {"requests": requests, "results": dict(results), "seconds": time.perf_counter() - begun}


def shown(value: float | None, digits: int = 1) -> str:
    """A figure, or a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"


def overhead_rows(results: Sequence[dict[str, Any]]) -> list[str]:
    """The table of what the service adds."""
    rows = [
        "| users | way | TTFT p50 ms | p99 ms | per token p50 ms | p99 ms | tokens/s | added p50 | added p99 | of direct |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results:
        direct, through = each["direct"], each["through PlotLot"]
        added = [through["first_token_ms"][rank] - direct["first_token_ms"][rank] for rank in ("p50", "p99")]
        share = through["tokens_per_second"] / direct["tokens_per_second"]
        last = [f"{added[0]:+.1f}", f"{added[1]:+.1f}", f"{share:.1%}"]
        for name, found, more in (("direct", direct, ["", "", ""]), ("PlotLot", through, last)):
            times = [found[kind][rank] for kind in ("first_token_ms", "token_ms") for rank in ("p50", "p99")]
            cells = [*(shown(time_) for time_ in times), shown(found["tokens_per_second"], 0), *more]
            rows.append(f"| {each['users']} | {name} | " + " | ".join(cells) + " |")
    return rows


def overload_rows(load: dict[str, Any]) -> list[str]:
    """What became of all requests, and of the interactive ones, with one length of the queue."""
    rows = []
    for name in ("all", "interactive"):
        each = load[name]
        share = each["goodput_per_second"] / load["capacity"]["goodput_per_second"]
        displaced = each["errors"].get("displaced", 0)
        times = [each[kind][rank] for kind in ("first_token_ms", "refusal_ms") for rank in ("p50", "p99")]
        rows.append(
            f"| {load['queue']} | {name} | {each['requests']} | {each['answered']} | {each['goodput_per_second']:.1f} | "
            f"{share:.0%} | {shown(times[0])} | {shown(times[1])} | {displaced} | "
            f"{sum(each['errors'].values()) - displaced} | {shown(times[2])} | {shown(times[3])} |"
        )
    return rows


def page(found: dict[str, Any]) -> str:
    """The page of figures."""
    streams, load = found["streams"], found["overload"][0]
    through, direct = streams["through PlotLot"], streams["direct"]
    full = load["capacity"]
    added = through["first_token_ms"]["p99"] - direct["first_token_ms"]["p99"]
    lines = [
        "# Benchmarks of inference",
        "",
        "What the inference service adds to an engine, and how it holds. Written by `python evals/bench_inference.py`; "
        "any engine, and any inference service, is measured by `plotlot bench inference --url ...`.",
        "",
        f"Machine: {found['machine']}, shared with other work: the load average before the run was {found['load']}. What "
        "another process takes shows in p99 first. The engine is one without a model (`evals/fake_engine.py`) that streams tokens at a set pace, so that what is "
        "measured is the service. Client, service and engine are three processes on the same cores.",
        "",
        "## Overhead",
        "",
        f"First token after 50 ms, one more each 20 ms, {MAX_TOKENS} tokens, prompts of {PROMPT_WORDS} words; direct and "
        "through the service in turn, blocks in a drawn order, in one run; users begin spread over one answer's time. Held to: p50 of TTFT at most +3 ms, p99 at "
        "most +10 ms, and 97 % of the throughput, at 32 users.",
        "",
        *overhead_rows(found["overhead"]),
        "",
        "## A thousand streams",
        "",
        f"{streams['streams']:,} at once, begun over 10 s, first token after 1 s, then 1 a second, 20 tokens. Answered: "
        f"{through['answered']:,} (direct {direct['answered']:,}); errors: {through['errors'] or 'none'}. The service's "
        f"memory was {streams['before_mib']:.0f} MiB before and {streams['peak_mib']:.0f} MiB at its peak, "
        f"{(streams['peak_mib'] - streams['before_mib']) * 1024 / streams['streams']:.0f} KiB a stream. TTFT p99 "
        f"{shown(through['first_token_ms']['p99'])} ms, direct {shown(direct['first_token_ms']['p99'])} ms: {added:+.1f} ms.",
        "",
        "## Three times as much as there is room for",
        "",
        f"An engine of 16 slots. Capacity, in closed loop with 16 users: {full['requests_per_second']:.1f} requests/s. Then "
        f"{load['times']:g} times that in open loop for 20 s, a tenth of them interactive. Objective: the first token within "
        "2 s. Once with a queue as long as half a second of work, once with one of 512, which for this engine is far "
        "too long.",
        "",
        "| queue | | sent | answered | in time, a second | of capacity | TTFT p50 ms | p99 ms | made room later "
        "| refused on arrival | after p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(row for each in found["overload"] for row in overload_rows(each)),
        "",
        f"Of the interactive requests {load['interactive']['good_share']:.1%} were answered in time with the short queue, "
        f"{found['overload'][-1]['interactive']['good_share']:.1%} with the long one. Held to: 90 % of capacity in time; "
        "refusals within 20 ms at p99; interactive requests keep their objective.",
        "",
        "## An engine that dies, or hangs",
        "",
        f"Eight streams, in the middle. Killed: the last caller has its status after {found['lost']['killed']:.0f} ms "
        f"(held to 2,000). Stopped, so that it hangs: after {found['lost']['hangs']:.0f} ms (held to 5,000).",
        "",
        *structured_lines(found.get("structured")),
    ]
    return (
        "\n".join(line if line.startswith("|") else textwrap.fill(line, 125) for line in lines).rstrip()
        + "\n"
    )


def structured_lines(found: dict[str, Any] | None) -> list[str]:
    """What became of answers that had to follow a schema."""
    if not found:
        return []
    counts = "; ".join(f"{name}: {count}" for name, count in sorted(found["results"].items()))
    return [
        "## Structured output",
        "",
        f"{found['requests']} requests to SmolLM2-135M on llama.cpp (4 slots, one thread, temperature 0.8, 48 tokens at most), "
        f"in {found['seconds']:.0f} s. {counts}. None that breaks its schema may be passed on; INTERNAL is `invalid-output`, "
        "reported after a second attempt.",
    ]


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
        await overhead(users, blocks, each) for users, blocks, each in ((1, 4, 8), (8, 4, 40), (32, 6, 96))
    ]
    found["streams"] = await many_streams(1000)
    found["overload"] = [await overload(3, queue) for queue in (16, 512)]
    found["lost"] = await killed()
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
        PAGE.write_text(page(kept))


if __name__ == "__main__":
    main()
