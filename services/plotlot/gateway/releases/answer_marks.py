"""Two answers side by side: which words of each the other one lacks, and which figures differ."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from plotlot.domain.outcomes import LONGEST_TEXT

TIMES_AS_MUCH = 1.5  # time and cost are never quite the same
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Marked = tuple[tuple[str, bool], ...]


def marked(stable: str, candidate: str) -> tuple[Marked, Marked]:
    """Both texts in pieces, each with whether the other text lacks it; at most 2,000 characters of each."""
    before, after = _WORDS.findall(stable[:LONGEST_TEXT]), _WORDS.findall(candidate[:LONGEST_TEXT])
    steps = SequenceMatcher(None, before, after, autojunk=True).get_opcodes()
    return (
        tuple(_pieces((before[a:b], kind != "equal") for kind, a, b, _, _ in steps)),
        tuple(_pieces((after[c:d], kind != "equal") for kind, _, _, c, d in steps)),
    )


def _pieces(parts: Iterator[tuple[list[str], bool]]) -> Iterator[tuple[str, bool]]:
    """The parts that hold something; blanks alone are not marked."""
    for words, differs in parts:
        text = "".join(words)
        if text:
            yield text, differs and not text.isspace()


def differing(stable: Mapping[str, Any], candidate: Mapping[str, Any]) -> frozenset[str]:
    """The figures of two outcomes that people should see: scores that differ, another status, much more time."""
    scores = {*stable["scores"], *candidate["scores"]}
    found = {name for name in scores if stable["scores"].get(name) != candidate["scores"].get(name)}
    found |= {name for name in ("failed", "status") if stable[name] != candidate[name]}
    for name in ("seconds", "cost"):
        less, more = sorted((stable[name], candidate[name]))
        if more > less * TIMES_AS_MUCH:
            found.add(name)
    return frozenset(found)
