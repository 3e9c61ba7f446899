"""Writes docs/scale.md from loadtest/costs.json: python loadtest/scale.py; --rates and --gpu-tokens try other figures.

What is reckoned here rests on measurements of one machine and on the figures below, each with its source; change them and run
it again.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import capacity
from stand import ROOT

from plotlot.evaluation.capacity.model import DATABASE, Need, Sizing, blended, gpus_at, needs_at
from plotlot.evaluation.capacity.queues import wait_percentile_seconds

PAGE = ROOT / "docs" / "scale.md"
RATES = (10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
WITHOUT_DATABASE = frozenset({"inference"})
WAYS = {"made": "answers made anew", "kept": "answers kept"}


@dataclass(frozen=True)
class Ceilings:
    """Where engines stop, as their makers say."""

    primary_cores: int = 64  # db.r7g.16xlarge of RDS: one writer, and few classes are larger
    connections: int = 5_000  # RDS for Postgres' own most: least(memory / 9,531,392, 5000)
    pool: int = 8  # PLOTLOT_POOL_SIZE
    gpu_tokens_per_second: float = 800.0  # Qwen2.5-7B, one A10G of eight (andygolubev.com, 2026-06)
    answer_tokens: float = 200.0  # that an answer in a model's own words writes


@dataclass(frozen=True)
class Stop:
    """Where a part stops: the requests a second, and what is done then."""

    part: str
    rate: float
    engine: str


def seconds_of(costs: Mapping[str, Any], way: str) -> dict[str, float]:
    """Seconds of a core by service of the average request."""
    return blended(costs[way], capacity.mix_of(capacity.MIX))


def sizing_of(costs: Mapping[str, Any], ceilings: Ceilings) -> Sizing:
    """How parts are sized: with the memory that processes were seen to take."""
    return Sizing(megabytes=costs["megabytes"], connections=ceilings.pool)


def needs_of(costs: Mapping[str, Any], way: str, rate: float, ceilings: Ceilings) -> list[Need]:
    """What each service takes; those that a request does not touch have their two replicas."""
    return needs_at(rate, seconds_of(costs, way), sizing_of(costs, ceilings), WITHOUT_DATABASE)


def stops(costs: Mapping[str, Any], way: str, ceilings: Ceilings) -> list[Stop]:
    """Where parts stop, the first first."""
    seconds, sizing = seconds_of(costs, way), sizing_of(costs, ceilings)
    python = sum(each for name, each in seconds.items() if name not in (DATABASE, "client", "inference"))
    connected = ceilings.connections / ceilings.pool * sizing.busy / python
    found = [
        Stop(
            "one process of the gateway: one core of Python",
            1 / seconds["gateway"],
            "replicas of the gateway, by `autoscaling`",
        ),
        Stop("one process of extraction", 1 / seconds["extraction"], "replicas of extraction"),
        Stop("one process of retrieval", 1 / seconds["retrieval"], "replicas of retrieval"),
        Stop(
            f"connections: {ceilings.connections:,} at the database, {ceilings.pool} a process",
            connected,
            "PgBouncer or RDS Proxy in transaction mode before the database",
        ),
        Stop(
            f"one Postgres of {ceilings.primary_cores} cores",
            ceilings.primary_cores * sizing.busy / seconds[DATABASE],
            "read replicas for parcels, standards and search (what writes, stays with the primary); Aurora; then towns in"
            " several regions",
        ),
    ]
    if seconds.get("inference"):
        found.append(
            Stop(
                "one process of inference",
                1 / seconds["inference"],
                "replicas of inference, which KEDA scales on its queue",
            )
        )
    return sorted(found, key=lambda stop: stop.rate)


def page(costs: Mapping[str, Any], rates: Sequence[float], ceilings: Ceilings) -> str:
    """The whole page."""
    parts = (
        head_lines(costs),
        cost_lines(costs),
        check_lines(costs),
        size_lines(costs, rates, ceilings),
        stop_lines(costs, ceilings),
        again_lines(),
    )
    return "\n".join(line for lines in parts for line in [*lines, ""]).rstrip() + "\n"


def head_lines(costs: Mapping[str, Any]) -> list[str]:
    """What the page is and is not."""
    machine = costs["measured"]
    return [
        "# Scale",
        "",
        "Written by `make scale` from `loadtest/costs.json`, which `make performance` measures. What was measured is the first two",
        f"sections: {machine['measured']}, {machine['cores']} cores, Python {machine['python']}. What follows is reckoned from that and from the figures that",
        "`loadtest/scale.py` names with their sources; nothing above one machine was run.",
    ]


def cost_lines(costs: Mapping[str, Any]) -> list[str]:
    """Milliseconds of a core by kind and service."""
    names = [*(name for name in costs["made"]["analyze"] if name != "client"), "client"]
    lines = [
        "## What a request costs",
        "",
        "Milliseconds of one core, as the kernel counts them for the processes of each service, what they take while nobody",
        "asks taken off. `client` is the load tool.",
        "",
    ]
    for way, words in WAYS.items():
        lines += [
            f"| {words} | {' | '.join(names)} | all but client |",
            f"|---|{'---:|' * (len(names) + 1)}",
        ]
        lines += [cost_row(kind, each, names) for kind, each in costs[way].items()]
        lines += [cost_row("**the mix of `ramp`**", seconds_of(costs, way), names), ""]
    return lines[:-1]


def cost_row(kind: str, seconds: Mapping[str, float], names: Sequence[str]) -> str:
    """One kind."""
    cells = " | ".join(f"{seconds.get(name, 0) * 1000:.1f}" for name in names)
    whole = sum(each for name, each in seconds.items() if name != "client") * 1000
    return f"| {kind} | {cells} | {whole:.1f} |"


def check_lines(costs: Mapping[str, Any]) -> list[str]:
    """What the costs let expect of a machine, beside what load found."""
    lines = [
        "## Checked against load",
        "",
        "At most so many a second, by the seconds above (a Python process has one core, all processes together those of the",
        "machine), beside the knee that a ramp found ([performance.md](performance.md)). A knee lies below what is possible at most, for",
        "near it answers already wait.",
        "",
        "| what | expected at most | full then | knee measured | measured / expected |",
        "|---|---:|---|---:|---:|",
    ]
    names = {
        "one": "one replica, made anew",
        "kept": "one replica, kept",
        "three": "three replicas, made anew",
    }
    for name, each in costs["knees"].items():
        measured = each["measured"]
        cells = f"{measured:.0f} | {measured / each['expected']:.2f}" if measured else "none found | "
        lines.append(f"| {names[name]} | {each['expected']:.0f} | {each['full']} | {cells} |")
    return lines


def size_lines(costs: Mapping[str, Any], rates: Sequence[float], ceilings: Ceilings) -> list[str]:
    """What rates take."""
    busy = sizing_of(costs, ceilings).busy
    lines = [
        "## What a rate takes",
        "",
        f"Cores are those that are busy, over {busy:.0%}: at that a replica's p95 of waiting, as M/M/1, is {waiting(costs, busy):.0f} ms before the",
        "gateway. Each service has a replica more than it needs. Memory is what processes were seen to take. GPUs are for questions",
        f"answered in a model's own words, {ceilings.answer_tokens:g} tokens each at {ceilings.gpu_tokens_per_second:g} tokens a second and GPU; answers in quotes take none.",
        "",
        "| requests a second | answers | cores of services | replicas: gateway, retrieval, extraction, inference | memory | database: cores | connections | stored a day | GPUs |",
        "|---:|---|---:|---|---:|---:|---:|---:|---:|",
    ]
    return lines + [size_row(costs, way, rate, ceilings) for rate in rates for way in WAYS]


def waiting(costs: Mapping[str, Any], busy: float) -> float:
    """Milliseconds before a gateway that is so busy, within which 95 in 100 are taken up."""
    seconds = seconds_of(costs, "made")["gateway"]
    return wait_percentile_seconds(1, busy / seconds, seconds, 0.95) * 1000


def size_row(costs: Mapping[str, Any], way: str, rate: float, ceilings: Ceilings) -> str:
    """One rate, one way."""
    found = {need.service: need for need in needs_of(costs, way, rate, ceilings)}
    services = [need for need in found.values() if need.service != DATABASE]
    replicas = ", ".join(
        f"{found[name].replicas:,}" for name in ("gateway", "retrieval", "extraction", "inference")
    )
    mix = capacity.mix_of(capacity.MIX)
    share = {kind: weight / sum(mix.values()) for kind, weight in mix.items()}
    made = 1.0 if way == "made" else 0.0
    gpus = gpus_at(rate * share.get("ask", 0) * made, ceilings.answer_tokens, ceilings.gpu_tokens_per_second)
    stored = rate * share.get("analyze", 0) * made * costs.get("bytes_per_analysis", 0) * 86_400 / 1e9
    return (
        f"| {rate:,.0f} | {WAYS[way]} | {sum(need.cores for need in services):,.1f} | {replicas}"
        f" | {sum(need.gigabytes for need in services):,.1f} GB | {found[DATABASE].cores:,.1f}"
        f" | {sum(need.connections for need in services):,} | {stored:,.0f} GB | {gpus:,.1f} |"
    )


def stop_lines(costs: Mapping[str, Any], ceilings: Ceilings) -> list[str]:
    """Where each part stops, and which existing engine takes over."""
    lines = [
        "## Where each part stops, and what takes over",
        "",
        "Of answers made anew, the mix of `ramp`; the first that is full comes first.",
        "",
        "| part | stops at requests a second | what takes over |",
        "|---|---:|---|",
    ]
    lines += [
        f"| {stop.part} | {stop.rate:,.0f} | {stop.engine} |" for stop in stops(costs, "made", ceilings)
    ]
    return [
        *lines,
        "",
        "What does not grow with requests but with towns and years:",
        "",
        "- **The index.** One statement over 100,000 chunks takes 12 ms in all and 2 ms in a town of 1 % ([benchmarks.md](benchmarks.md)); a town's search",
        "  reads its own chunks whatever the others are. Search over all towns needs the graph in memory: at about 13 KB a chunk, ten million chunks are",
        "  130 GB. Before that the table is partitioned by municipality; a search over all then goes to pgvectorscale's DiskANN, which keeps",
        "  its graph on disk and is an extension of the same Postgres.",
        "- **Analyses.** Each is a row that is kept; the table above says what a day stores. Beyond some hundred GB a day it is partitioned by day, and old parts",
        "  go to object storage. Answers that are kept store nothing.",
        "- **The answer cache.** In the gateway's process, or in Redis, which all gateways share: one Valkey answers some 100,000 a second a core; a cluster of",
        "  it takes more, and what rests on a town is kept under that town.",
        "- **Models.** One replica of an engine takes `slots` answers at a time; KEDA adds replicas. From some ten GPUs on, requests that begin alike should meet",
        "  the replica that has read them: an InferencePool with its endpoint picker does it, and inference sends to that address.",
        "- **One region.** A cluster of Kubernetes is tested to 5,000 nodes; before it, towns are put in several regions: each town's code, parcels and analyses",
        "  are its own, so a region is a whole PlotLot with the towns near it, and what is before them sends by town. Nothing is shared",
        "  but bundles, and those are files.",
    ]


def again_lines() -> list[str]:
    """How to reckon it again."""
    return [
        "## Reckon it again",
        "",
        "```",
        "make performance                                             # measures, 34 minutes on a quiet machine",
        "make scale                                                   # this page",
        "python loadtest/scale.py --rates 50 500 --gpu-tokens 2500 --print",
        "python loadtest/capacity.py --rate 20 40 60 --replicas 3 --cores 2",
        "```",
        "",
        "The last simulates each request through processes that share the cores, each of which serves one call at a time. Its arithmetic",
        "is tested against closed forms: Erlang's C, Jackson's networks, processor sharing (`services/tests/unit/evaluation/capacity`).",
    ]


def main() -> None:
    """Write the page, or print it for other figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--gpu-tokens", type=float, default=Ceilings.gpu_tokens_per_second)
    parser.add_argument("--answer-tokens", type=float, default=Ceilings.answer_tokens)
    parser.add_argument("--costs", type=Path, default=capacity.COSTS)
    parser.add_argument("--print", action="store_true", help="do not write the page")
    options = parser.parse_args()
    ceilings = Ceilings(gpu_tokens_per_second=options.gpu_tokens, answer_tokens=options.answer_tokens)
    text = page(capacity.costs(options.costs), options.rates, ceilings)
    if options.print:
        print(text)
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
