"""Reads codes printed from what people coded elsewhere, and tells how much of it comes back, as a table.

    python evals/read_printed.py [--data FOLDER] [--worst N]

Districts and values are those of the coded tables in FOLDER/gold; wordings and layouts are ours, so the figures tell
how codes of districts and the forms of values are read, and nothing of how well a code of that place would be.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from plotlot.domain.standards import Status
from plotlot.evaluation.coded_tables import Coded, coded_values
from plotlot.evaluation.printed import SHAPES
from plotlot.extraction.reader.assemble import CodeReading, read_code
from plotlot.ingestion.parsers import parse_document

CLOSE = 0.01


def outcomes(coded: Sequence[Coded], reading: CodeReading) -> Iterator[tuple[str, Coded]]:
    """What became of each value: right, wrong, missed, or its district not found."""
    for one in coded:
        found = reading.district(one.district)
        shown = [
            standard.value
            for standard in (reading.standards[found.code] if found else ())
            if standard.field == one.field and standard.status in (Status.STATED, Status.CONFLICTING)
        ]
        right = any(value is not None and abs(value - one.value) <= CLOSE for value in shown)
        yield "right" if right else "wrong" if shown else "missed" if found else "no district", one


def main(data: Path, worst: int) -> None:
    """Print every town in every shape, read it, and print what came back."""
    coded = sorted(coded_values(data / "gold"), key=lambda one: one.town)
    towns = [list(group) for _, group in groupby(coded, key=lambda one: one.town)]
    print("| printed as | districts | found | values | right | wrong | precision |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    failed: list[str] = []
    for name, shape in SHAPES.items():
        counts: Counter[str] = Counter()
        for town in towns:
            reading = read_code([parse_document("code.html", shape(town).encode())])
            for district in {one.district for one in town}:
                counts["districts"] += 1
                counts["found"] += reading.district(district) is not None
            for outcome, one in outcomes(town, reading):
                counts[outcome] += 1
                if outcome in ("wrong", "missed"):
                    failed.append(f"{name}, {outcome}: {one}")
        precision = counts["right"] / max(counts["right"] + counts["wrong"], 1)
        print(
            f"| {name} | {counts['districts']} | {counts['found']} | {len(coded):,} | {counts['right']:,} "
            f"| {counts['wrong']} | {precision:.3f} |"
        )
    print("\n".join(failed[:worst]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--worst", type=int, default=0)
    given = parser.parse_args()
    main(given.data, given.worst)
