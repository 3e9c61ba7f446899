"""Whether locust and the Go kit say the same of one server at one constant rate: python loadtest/agree.py URL

They run in turn, the first changing from round to round, so that what else the machine does falls on both.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import kits

TOLERANCE = 0.05
FIGURES = {"throughput": "throughput_per_second", "p50": "p50_ms", "p95": "p95_ms"}
HELD = ("throughput", "p95")


def measured(target: str, rounds: int, rate: float, seconds: float) -> dict[str, Any]:
    """The figures of both by round."""
    sides: dict[str, list[dict[str, float]]] = {"go": [], "locust": []}
    for number in range(rounds):
        for side in sorted(sides, reverse=bool(number % 2)):
            sides[side].append(figures_of(asked(side, target, rate, seconds)))
    return {"rate": rate, "seconds": seconds, **sides}


def asked(side: str, target: str, rate: float, seconds: float) -> dict[str, Any]:
    """One run of one tool."""
    if side == "go":
        return kits.go(target, "constant", "-rate", str(rate), "-seconds", str(seconds))
    return kits.locust(target, "constant", "--rate", str(rate), "--seconds", str(seconds))


def figures_of(report: Mapping[str, Any]) -> dict[str, float]:
    """What is compared, and how many failed."""
    whole = report["all"]
    flat = whole | whole["latency"]
    found = {name: float(flat[key]) for name, key in FIGURES.items()}
    return found | {"errors": float(sum(whole["errors"].values()))}


def median_of(rounds: Sequence[Mapping[str, float]], name: str) -> float:
    """A figure's median over rounds."""
    return statistics.median(each[name] for each in rounds)


def ratios(found: Mapping[str, Any]) -> dict[str, float]:
    """locust's figure over the Go kit's: the median of rounds over the median of rounds."""
    return {name: median_of(found["locust"], name) / median_of(found["go"], name) for name in FIGURES}


def disagreements(found: Mapping[str, Any], tolerance: float = TOLERANCE) -> list[str]:
    """In words, what they do not agree on."""
    words = [
        f"{name}: locust says {ratio:.3f} of what the Go kit says, and may say {1 - tolerance:.2f} to {1 + tolerance:.2f}"
        for name, ratio in ratios(found).items()
        if name in HELD and abs(ratio - 1) > tolerance
    ]
    failed = sum(each["errors"] for side in ("go", "locust") for each in found[side])
    return [*words, f"{failed:.0f} requests failed"] if failed else words


def main() -> int:
    """Print the ratios; the exit status is 1 where they do not agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=25)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    kits.build_kit()
    found = measured(options.url, options.rounds, options.rate, options.seconds)
    words = disagreements(found)
    print(json.dumps(found | {"ratios": ratios(found), "missed": words}, indent=2))
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main())
