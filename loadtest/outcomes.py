"""What became of requests, and the report of a run: the figures of the Go kit's reports, under the same names.

Every outcome is kept, and percentiles are taken of all: locust's own statistics round times of more than 100 ms to two digits.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RANKS = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99}
WINDOW_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request; times are seconds from when it was due, which is a time of day."""

    operation: str
    due: float
    late: float  # from due to sent
    whole: float  # to the end of the answer
    first: float | None = None  # to the first event of a stream
    error: str = ""


def latency(seconds: Iterable[float]) -> dict[str, float]:
    """Percentiles in milliseconds: the smallest value that so large a share does not pass, as HDR histograms say."""
    ordered = sorted(seconds)
    if not ordered:
        return dict.fromkeys([*RANKS, "max_ms"], 0.0)
    places = {name: max(math.ceil(share * len(ordered)) - 1, 0) for name, share in RANKS.items()}
    return {name: ordered[place] * 1000 for name, place in places.items()} | {"max_ms": ordered[-1] * 1000}


def figures(outcomes: Sequence[Outcome], within: float) -> dict[str, Any]:
    """The figures of outcomes that were due within some seconds."""
    answered = [each for each in outcomes if not each.error]
    firsts = [each.first for each in answered if each.first is not None]
    found: dict[str, Any] = {
        "requests": len(outcomes),
        "answered": len(answered),
        "errors": dict(Counter(each.error for each in outcomes if each.error)),
        "offered_per_second": len(outcomes) / within if within else 0.0,
        "throughput_per_second": len(answered) / within if within else 0.0,
        "latency": latency(each.whole for each in answered),
        "service_time": latency(each.whole - each.late for each in answered),
        "sent_late": latency(each.late for each in answered),
    }
    return found | ({"first_event": latency(firsts)} if firsts else {})


def report_of(
    scenario: str, target: str, outcomes: Sequence[Outcome], climbing: bool, thresholds: Mapping[str, float]
) -> dict[str, Any]:
    """Of all, by operation and by window; the knee where rates climb; and what was missed."""
    began = min((each.due for each in outcomes), default=0.0)
    seconds = span_seconds(outcomes)
    by_name: dict[str, list[Outcome]] = {}
    by_window: dict[int, list[Outcome]] = {}
    for each in outcomes:
        by_name.setdefault(each.operation, []).append(each)
        by_window.setdefault(int((each.due - began) // WINDOW_SECONDS), []).append(each)
    windows = [
        {"from_seconds": number * WINDOW_SECONDS}
        | figures(some, min(WINDOW_SECONDS, max(seconds - number * WINDOW_SECONDS, 1.0)))
        for number, some in sorted(by_window.items())
    ]
    whole = figures(outcomes, seconds)
    return {
        "scenario": scenario,
        "target": target,
        "seconds": seconds,
        "all": whole,
        "operations": {name: figures(some, seconds) for name, some in sorted(by_name.items())},
        "windows": windows,
        "knee": knee(windows) if climbing else None,
        "missed": missed(thresholds, whole),
    }


def span_seconds(outcomes: Sequence[Outcome]) -> float:
    """How long requests came: from the first that was due to the last, and the time that one more takes to come."""
    if len(outcomes) < 2:
        return float(len(outcomes))
    moments = [each.due for each in outcomes]
    return (max(moments) - min(moments)) * len(moments) / (len(moments) - 1)


def knee(windows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The busiest window before answers fell behind: fewer than 99 in 100, or a p95 three times the first window's."""
    best: Mapping[str, Any] | None = None
    for each in windows:
        kept = each["answered"] >= 0.99 * each["requests"]
        if not kept or each["latency"]["p95_ms"] > 3 * max(windows[0]["latency"]["p95_ms"], 1):
            return best
        if best is None or each["throughput_per_second"] > best["throughput_per_second"]:
            best = each
    return best


def missed(thresholds: Mapping[str, float], found: Mapping[str, Any]) -> list[str]:
    """In words, which thresholds were not kept."""
    asked = max(found["requests"], 1)
    shares = {"errors": 1 - found["answered"] / asked}
    most = {name: found["latency"][name] for name in RANKS} | (shares if found["requests"] else {})
    words = [
        f"{name} is {most[name]:.4g}, and may be {limit:.4g}"
        for name, limit in thresholds.items()
        if name in most and most[name] > limit
    ]
    achieved = found["answered"] / asked
    if achieved < thresholds.get("achieved", 0):
        words.append(f"achieved is {achieved:.4g}, and must be {thresholds['achieved']:.4g}")
    return words if found["requests"] else [*words, "no request was sent"]
