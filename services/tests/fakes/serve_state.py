"""The made-up state as a server of its own process, for measurements: prints where it listens, ends with its input.

    python serve_state.py TOWNS SECTIONS SENTENCES FAULT_SHARE

A line on its input makes it do something: ``revise SHARE`` changes a share of the sections, wherever they stand,
``supplement SHARE`` all sections of a share of the towns, and ``told`` prints what was asked.
"""

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes.state import State, Town, made_state, published

Place = tuple[Town, int, int]  # a section: its town, its chapter, and which one it is of that


def revise(state: State, share: float) -> int:
    """Give a share of all sections another text; how many."""
    places = places_of(state.towns)
    return revise_places(
        state, random.Random(f"{state.seed}:revise").sample(places, round(share * len(places)))
    )


def supplement(state: State, share: float) -> int:
    """Give all sections of a share of the towns another text; how many sections."""
    drawn = random.Random(f"{state.seed}:supplement")
    return revise_places(state, places_of(drawn.sample(state.towns, max(round(share * len(state.towns)), 1))))


def places_of(towns: Sequence[Town]) -> list[Place]:
    """Every section of some towns."""
    return [
        (town, chapter, section)
        for town in towns
        for chapter, sections in enumerate(town.chapters)
        for section in range(len(sections))
    ]


def revise_places(state: State, places: Sequence[Place]) -> int:
    """Give sections another text; how many."""
    drawn = random.Random(f"{state.seed}:widths")
    for town, chapter, section in places:
        old = town.chapters[chapter][section]
        state.revise(
            town, chapter, section, f"{old.text} The amended width shall be {drawn.randint(5, 90)} feet."
        )
    return len(places)


def main() -> None:
    """Serve until the input ends."""
    towns, sections, sentences = map(int, sys.argv[1:4])
    share = float(sys.argv[4])
    state = made_state(towns, sections, max(sections // 12, 1), fault_share=share, sentences=sentences)
    with published(state) as server:
        print(json.dumps({"host": server.host, "url": server.url}), flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word in ("revise", "supplement"):
                change = revise if word == "revise" else supplement
                print(json.dumps({"revised": change(state, float(rest))}), flush=True)
            elif word == "told":
                content = {at: times for at, times in state.answered.items() if "CodesContent" in at}
                told = {
                    "asked": state.asked.total(),
                    "faults": state.faults.total(),
                    "contents": len(content),
                    "again": sum(content.values()) - len(content),
                }
                print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
