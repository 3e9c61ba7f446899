"""Whether PlotLot stays as it is under load that goes on: memory, sockets, connections, queues and errors."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import kits
from sampling import Sample, watching
from stand import Stand

from plotlot.evaluation.capacity.drift import Slope, slope_of

WARMING = 0.15  # of the time, in which pools and caches fill; it is left out
MOST_MEGABYTES_PER_HOUR = 10.0  # of one process
MOST_SOCKETS_PER_HOUR = 6.0  # of one process
MOST_WAITING_PER_HOUR = 10.0


def measured(stand: Stand, rate: float, share: float, seconds: float, every_seconds: float) -> dict[str, Any]:
    """Load at a rate, which is that share of what it can, and what was held meanwhile."""
    with watching(stand, every_seconds) as watch:
        report = kits.go(
            stand.target, "soak", "-rate", f"{rate:.1f}", "-seconds", str(seconds), window_seconds=30
        )
    samples = [each for each in watch.samples if each.seconds <= seconds]
    return {
        "rate": rate,
        "share": share,
        "seconds": seconds,
        "report": report,
        "samples": [asdict(each) for each in samples],
        "failures": watch.failures,
        "slopes": {name: asdict(slope) for name, slope in slopes(samples).items()},
        "missed": missed(samples, watch.failures, report),
    }


def sample_of(told: Mapping[str, Any]) -> Sample:
    """A sample from its figures."""
    return Sample(**told)


def series(samples: Sequence[Sample]) -> dict[str, list[float]]:
    """Everything that must not grow, by its name."""
    first = samples[0]
    found = {f"memory {name}": [each.megabytes[name] for each in samples] for name in first.megabytes}
    found |= {f"sockets {name}": [float(each.sockets[name]) for each in samples] for name in first.sockets}
    found["connections to the database"] = [float(each.connections) for each in samples]
    found["waiting or under way"] = [sum(each.waiting.values()) for each in samples]
    return found


def slopes(samples: Sequence[Sample]) -> dict[str, Slope]:
    """The slope of each, in megabytes or counts per hour, once it has warmed."""
    if not samples:
        return {}
    begins = samples[-1].seconds * WARMING
    warm = [each for each in samples if each.seconds >= begins]
    seconds = [each.seconds for each in warm]
    return {name: slope_of(seconds, values) for name, values in series(warm).items()}


def most_of(name: str) -> float:
    """By how much something may grow in an hour."""
    if name.startswith("memory"):
        return MOST_MEGABYTES_PER_HOUR
    return MOST_WAITING_PER_HOUR if name.startswith("waiting") else MOST_SOCKETS_PER_HOUR


def missed(samples: Sequence[Sample], failures: Sequence[str], report: Mapping[str, Any]) -> list[str]:
    """In words, what grew or failed."""
    words = [
        f"{name} grows by {slope.per_hour:.1f} an hour ({slope.low:.1f} to {slope.high:.1f}), and may by {most_of(name):g}"
        for name, slope in slopes(samples).items()
        if slope.grows(most_of(name))
    ]
    words += [f"{count} requests ended with {kind}" for kind, count in report["all"]["errors"].items()]
    return words + [f"no look could be taken: {each}" for each in failures[:3]]
