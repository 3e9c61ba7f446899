"""How PlotLot would do at a rate, from what a request costs it: python loadtest/capacity.py --rate 60 --replicas 3 --cores 2

The costs are those of costs.json, which `make performance` measures; the arithmetic is plotlot.evaluation.capacity.
"""

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios import scenarios

from plotlot.evaluation.capacity.model import CLIENT, DATABASE, Limit, blended, limit_of
from plotlot.evaluation.capacity.simulation import Pool, Visit, evenly, percentile_seconds, response_seconds

COSTS = Path(__file__).parent / "costs.json"
MIX = "ramp"  # the scenario whose mix is meant where nothing else is said
SCALED = ("gateway", "retrieval", "extraction")
STAGES = 4  # of Erlang's distribution, by which a service takes now longer and now shorter: its variation is one half
WIDTHS = {
    DATABASE: 8,
    CLIENT: 8,
    "inference": 2,
}  # calls that one process works on at a time; the others, one
SHORTEST_SECONDS = 1e-5


@dataclass(frozen=True)
class Curve:
    """One point of the curve that the simulation expects."""

    rate: float
    p50_ms: float
    p95_ms: float


def costs(path: Path = COSTS) -> dict[str, Any]:
    """What was measured. Raises FileNotFoundError where nothing was."""
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def mix_of(name: str) -> dict[str, float]:
    """A scenario's mix."""
    return {kind: float(weight) for kind, weight in scenarios()[name]["mix"].items()}


def replicas_of(count: int) -> dict[str, int]:
    """So many of what is scaled, one of each other service."""
    return dict.fromkeys(SCALED, count)


def expected_limit(by_kind: Mapping[str, Mapping[str, float]], mix: str, count: int, cores: float) -> Limit:
    """The rate that the costs allow on a machine, the client's among them."""
    return limit_of(blended(by_kind, mix_of(mix)), replicas_of(count), cores)


def visits_of(costs_of_kind: Mapping[str, float], draw: random.Random) -> list[Visit]:
    """A request's way: the gateway before and after the services that it asks."""

    def seconds(mean: float) -> float:
        return draw.gammavariate(STAGES, mean / STAGES)

    whole = costs_of_kind["gateway"] / 2
    between = [name for name in costs_of_kind if name not in ("gateway", CLIENT)]
    way = [CLIENT, "gateway", *between, "gateway"]
    means = [costs_of_kind.get(name, 0.0) if name != "gateway" else whole for name in way]
    return [
        Visit(name, seconds(mean)) for name, mean in zip(way, means, strict=True) if mean > SHORTEST_SECONDS
    ]


def simulated(
    by_kind: Mapping[str, Mapping[str, float]],
    mix: Mapping[str, float],
    count: int,
    cores: float,
    rate: float,
    seconds: float,
    seed: int = 1,
) -> Curve:
    """One rate for some seconds, of which the first fifth is left out."""
    draw = random.Random(f"{seed}-{rate}")
    kinds, weights = list(mix), list(mix.values())
    services = {service for kind in kinds for service in by_kind[kind]} | {CLIENT}
    pools = {name: Pool(replicas_of(count).get(name, 1), WIDTHS.get(name, 1)) for name in services}
    arrivals = [
        (due, visits_of(by_kind[draw.choices(kinds, weights)[0]], draw)) for due in evenly(rate, seconds)
    ]
    ended = response_seconds(arrivals, pools, cores)
    p50, p95 = (percentile_seconds(ended, share, seconds / 5) * 1000 for share in (0.5, 0.95))
    return Curve(rate, p50, p95)


def curve(
    by_kind: Mapping[str, Mapping[str, float]],
    mix: str,
    count: int,
    cores: float,
    rates: Sequence[float],
    seconds: float,
) -> list[Curve]:
    """Every rate."""
    return [simulated(by_kind, mix_of(mix), count, cores, rate, seconds) for rate in rates]


def main() -> None:
    """Print the limit and the latencies that are expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, nargs="+", default=[10, 20, 40, 60])
    parser.add_argument("--replicas", type=int, default=1, help=f"of {', '.join(SCALED)}")
    parser.add_argument("--cores", type=float, default=2)
    parser.add_argument("--mix", default=MIX, choices=sorted(scenarios()))
    parser.add_argument("--kept", action="store_true", help="with answers that are kept")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    by_kind = costs()["kept" if options.kept else "made"]
    limit = expected_limit(by_kind, options.mix, options.replicas, options.cores)
    print(f"at most {limit.rate:.0f} a second; what is full then: {limit.by}")
    for each in curve(by_kind, options.mix, options.replicas, options.cores, options.rate, options.seconds):
        print(f"{each.rate:8.0f} a second: p50 {each.p50_ms:8.1f} ms, p95 {each.p95_ms:8.1f} ms")


if __name__ == "__main__":
    main()
