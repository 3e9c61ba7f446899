"""The made-up state as a server of its own process, for measurements: prints where it listens, ends with its input.

    python serve_state.py TOWNS SECTIONS SENTENCES FAULT_SHARE

A line on its input makes it do something: ``revise SHARE`` changes a share of the sections, ``told`` prints what was asked.
"""

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes.state import State, made_state, published


def revise(state: State, share: float) -> int:
    """Give a share of all sections another text; how many."""
    drawn = random.Random(f"{state.seed}:revise")
    places = [
        (town, chapter, section)
        for town in state.towns
        for chapter, sections in enumerate(town.chapters)
        for section in range(len(sections))
    ]
    chosen = drawn.sample(places, round(share * len(places)))
    for town, chapter, section in chosen:
        old = town.chapters[chapter][section]
        state.revise(
            town, chapter, section, f"{old.text} The amended width shall be {drawn.randint(5, 90)} feet."
        )
    return len(chosen)


def main() -> None:
    """Serve until the input ends."""
    towns, sections, sentences = map(int, sys.argv[1:4])
    share = float(sys.argv[4])
    state = made_state(towns, sections, max(sections // 12, 1), fault_share=share, sentences=sentences)
    with published(state) as server:
        print(json.dumps({"host": server.host, "url": server.url}), flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "revise":
                print(json.dumps({"revised": revise(state, float(rest))}), flush=True)
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
