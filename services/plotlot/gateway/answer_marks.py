"""Two answers side by side: which words of each the other one lacks."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

LONGEST = 2000
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

Marked = tuple[tuple[str, bool], ...]


def marked(stable: str, candidate: str) -> tuple[Marked, Marked]:
    """Both texts in pieces, each with whether the other text lacks it; at most 2,000 characters of each."""
    before, after = _WORDS.findall(stable[:LONGEST]), _WORDS.findall(candidate[:LONGEST])
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
