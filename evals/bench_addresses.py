"""Measures what is suggested while an address is typed, over HTTP, in a county of towns: a row of docs/benchmarks.md.

``python evals/bench_addresses.py`` prints the rows. One user types addresses letter by letter, with one that is
mistyped among three; each letter is a request on a connection that is kept, and waits for the one before it.
"""

import argparse
import csv
import io
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from bench import Row, running

TOWNS = 10
NAMES = (
    "Birch", "Cedar", "Center", "Cherry", "Chestnut", "Church", "Dogwood", "Elm", "Forest", "Franklin", "Hickory",
    "Highland", "Hill", "Jackson", "Jefferson", "Lake", "Lincoln", "Locust", "Magnolia", "Main", "Maple", "Meadow",
    "Mill", "Oak", "Park", "Pine", "Poplar", "Prospect", "Ridge", "River", "School", "Spring", "Spruce", "Station",
    "Sunset", "Sycamore", "Union", "Walnut", "Washington", "Willow",
)  # fmt: skip
STREETS = [
    f"{way}{name} {kind}"
    for way in ("", "North ", "South ")
    for name in NAMES
    for kind in ("St", "Ave", "Rd", "Dr")
]
LEAST_TYPED = 2  # letters from which the page asks


def county(parcels: int, chance: random.Random) -> dict[str, list[str]]:
    """The addresses of each town, none of them twice in it."""
    each = parcels // TOWNS
    places = [f"{number} {street}" for number in range(1, 2500, 7) for street in STREETS]
    return {f"Town {number}, OH": chance.sample(places, each) for number in range(TOWNS)}


def table_of(addresses: list[str]) -> bytes:
    """The parcels of a town as a table of CSV."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(("parcel_id", "address", "zoning", "lot_width", "lot_depth"))
    rows.writerows((f"P-{number}", address, "R-1", 80, 120) for number, address in enumerate(addresses))
    return written.getvalue().encode()


def typed(addresses: list[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """What stands in the box after each letter, and whether it is right or mistyped by then."""
    for place, address in enumerate(addresses):
        wrong = chance.randrange(len(address) - 3, len(address)) if place % 3 == 2 else len(address)
        for length in range(LEAST_TYPED, len(address) + 1):
            right = length <= wrong
            text = address[:length] if right else f"{address[:wrong]}x{address[wrong + 1 : length]}"
            yield ("as it is written" if right else "mistyped"), text


def measured(client: httpx.Client, texts: Iterator[tuple[str, str]]) -> dict[str, list[float]]:
    """Milliseconds of each request, by what was typed."""
    spent: dict[str, list[float]] = {}
    for kind, text in texts:
        started = time.perf_counter()
        answer = client.get("/v1/addresses", params={"q": text})
        spent.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"refused: {answer.text}")
    return spent


def row_of(kind: str, milliseconds: list[float], parcels: int) -> Row:
    """The figures of one way to type."""
    cuts = statistics.quantiles(milliseconds, n=100)
    figures = f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms of {len(milliseconds):,}"
    return Row(f"addresses suggested, {parcels:,} parcels, {kind}, over HTTP", figures)


def main() -> int:
    """Import the county, type, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=50_000)
    parser.add_argument("--addresses", type=int, default=60)
    options = parser.parse_args()
    chance = random.Random(7)
    towns = county(options.parcels, chance)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (client, _, _):
        for town, addresses in towns.items():
            files = {"file": ("parcels.csv", table_of(addresses))}
            client.post("/v1/parcels", files=files, data={"municipality": town}).raise_for_status()
        each = options.addresses // TOWNS
        chosen = [address for addresses in towns.values() for address in chance.sample(addresses, each)]
        measured(client, typed(chosen[:3], chance))
        for kind, milliseconds in measured(client, typed(chosen, chance)).items():
            row = row_of(kind, milliseconds, options.parcels)
            print(f"{row.name}: {row.figure}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
