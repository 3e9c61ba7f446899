"""Measures docs/performance.md and loadtest/costs.json: python loadtest/performance.py, 34 minutes on a quiet machine.

Steps, each of which writes what it found at once: made (answers made anew, one replica), agree (both tools in turn), kept (the
gateway keeps answers), three (replicas), soak. `--quick` tries all of it in three minutes, and writes to build/ alone.
"""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import agree
import capacity
import costs
import kits
import psutil
import soak
from performance_page import write_page
from sampling import settle
from stalling import stalling
from stand import ROOT, Stand, standing

BUILD = ROOT / "build" / "performance"
SCENARIOS = ("steady", "spike")
SOAK_SHARE = 0.7
CLIMB = 1.4  # a ramp goes so far beyond the rate that is expected to be the last
RAMP_WINDOWS = 15


@dataclass(frozen=True)
class Plan:
    """Seconds and rates of each part."""

    cost_seconds: float = 6
    cost_rate: float = 15
    rounds: int = 5
    agree_seconds: float = 30
    agree_rate: float = 15
    steady_seconds: float = 20
    ramp_seconds: float = 45
    soak_seconds: float = 1200
    look_seconds: float = 5


QUICK = Plan(1.5, 15, 1, 4, 15, 4, 9, 20, 1)
Found = dict[str, Any]


def made(stand: Stand, plan: Plan, found: Found) -> None:
    """Answers made anew: costs, scenarios, the knee."""
    found["costs"] = {"made": costs.measured(stand, plan.cost_rate, plan.cost_seconds)}
    found["megabytes"] = costs.megabytes(stand)
    found["bytes_per_analysis"] = costs.bytes_per_analysis(stand)
    found["scenarios"] = {"made": scenarios(stand, plan)}
    found["knees"] = {"one": knee(stand, plan, found, 1)}


def agreement(stand: Stand, plan: Plan, found: Found) -> None:
    """Whether locust and the Go kit say the same: p95 rests on so few requests that it wants long rounds."""
    gateway = agree.measured(stand.urls[0], plan.rounds, plan.agree_rate, plan.agree_seconds)
    with stalling() as url:
        found["agree"] = {"gateway": gateway, "stalling": agree.measured(url, 1, 100, plan.agree_seconds)}


def kept(stand: Stand, plan: Plan, found: Found) -> None:
    """The gateway keeps answers."""
    found["costs"]["kept"] = costs.measured(stand, plan.cost_rate, plan.cost_seconds)
    found["scenarios"]["kept"] = scenarios(stand, plan)
    found["knees"]["kept"] = knee(stand, plan, found, 1, "kept")


def three(stand: Stand, plan: Plan, found: Found) -> None:
    """Three gateways, retrievals and extractions."""
    found["knees"]["three"] = knee(stand, plan, found, 3)


def long(stand: Stand, plan: Plan, found: Found) -> None:
    """Seven tenths of what one replica can, for long."""
    best = found["knees"]["one"]["report"].get("knee")
    rate = SOAK_SHARE * best["throughput_per_second"] if best else 10.0
    found["soak"] = soak.measured(stand, rate, SOAK_SHARE, plan.soak_seconds, plan.look_seconds)


STEPS: dict[str, tuple[Callable[[Stand, Plan, Found], None], int, bool]] = {
    "made": (made, 1, False),
    "agree": (agreement, 1, False),
    "kept": (kept, 1, True),
    "three": (three, 3, False),
    "soak": (long, 1, False),
}


def scenarios(stand: Stand, plan: Plan) -> Found:
    """Reports by scenario."""
    length = {"steady": ("-seconds", str(plan.steady_seconds))}
    reports = {}
    for name in SCENARIOS:
        reports[name] = kits.go(stand.target, name, *length.get(name, ()))
        settle(stand)
    return reports


def knee(stand: Stand, plan: Plan, found: Found, replicas: int, how: str = "made") -> Found:
    """More and more until it breaks, from a tenth of what is expected to be the last to beyond it."""
    by_kind = found["costs"][how]["by_kind"]
    limit = capacity.expected_limit(by_kind, "ramp", replicas, psutil.cpu_count() or 1)
    options = (
        "-rate",
        f"{limit.rate / 10:.1f}",
        "-to",
        f"{limit.rate * CLIMB:.1f}",
        "-seconds",
        str(plan.ramp_seconds),
    )
    report = kits.go(stand.target, "ramp", *options, window_seconds=plan.ramp_seconds / RAMP_WINDOWS)
    return {"report": report, "expected": limit.rate, "full": limit.by, "replicas": replicas}


def machine() -> Found:
    """What it was measured on."""
    return {
        "cores": psutil.cpu_count(),
        "gigabytes": round(psutil.virtual_memory().total / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def costs_of(found: Mapping[str, Any]) -> Found:
    """What capacity and scale are reckoned with."""
    ways = {way: rounded(each["by_kind"]) for way, each in found["costs"].items()}
    return {
        "measured": found["machine"],
        **ways,
        "megabytes": {name: round(each) for name, each in found["megabytes"].items()},
        "bytes_per_analysis": round(found["bytes_per_analysis"]),
        "knees": {name: knee_of(each) for name, each in found["knees"].items()},
    }


def knee_of(found: Mapping[str, Any]) -> Found:
    """A knee as the page on scale needs it."""
    best = found["report"].get("knee")
    rate = round(best["throughput_per_second"], 1) if best else None
    return {"measured": rate, "expected": round(found["expected"], 1), "full": found["full"]}


def rounded(by_kind: Mapping[str, Mapping[str, float]]) -> Found:
    """Seconds to the tenth of a millisecond: they are not known better."""
    return {kind: {name: round(each, 5) for name, each in some.items()} for kind, some in by_kind.items()}


def main() -> int:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="try everything, and keep nothing")
    parser.add_argument("--steps", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument(
        "--page-only", action="store_true", help="write the pages of what was measured before"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started for it ends with it
    plan, name = (QUICK, "quick.json") if options.quick else (Plan(), "results.json")
    results = BUILD / name
    BUILD.mkdir(parents=True, exist_ok=True)
    found: Found = json.loads(results.read_text()) if results.exists() else {}
    if not options.page_only:
        found |= {"machine": machine()}
        kits.build_kit()
        for step in options.steps:
            measure, replicas, keeps = STEPS[step]
            with standing(replicas, keeps) as stand:
                measure(stand, plan, found)
            results.write_text(json.dumps(found))
            print(f"{step}: measured", flush=True)
    return finish(found, options.quick)


def finish(found: Found, quick: bool) -> int:
    """Write the pages; the exit status is 1 where something that they are held to was missed."""
    folder = BUILD if quick else ROOT / "docs"
    reckoned = BUILD / "costs.json" if quick else capacity.COSTS
    if {"costs", "knees"} <= set(found) and "kept" in found["costs"]:
        reckoned.write_text(json.dumps(costs_of(found), indent=2) + "\n")
    missed = write_page(found, folder / "performance.md", folder / "images" / "performance")
    for words in missed:
        print(f"Missed: {words}")
    return 1 if missed and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
