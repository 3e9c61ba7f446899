"""The title of a document whose format names none."""

import re
from collections.abc import Collection, Sequence

from .draft import Heading
from .lines import Line, is_page_number

_WORD = re.compile(r"[A-Za-z]{3,}")
_TITLE_WORD = re.compile(
    r"\b(?:codes?|ordinances?|by-?laws?|local law)\b"
    r"|\b(?:zoning|land use|development|subdivision)\b.*\bregulations?\b",
    re.I,
)
_LOOKED_AT = 25
_LONGEST = 140


def names_code(text: str) -> bool:
    """Whether a title says that it is that of a code."""
    return _TITLE_WORD.search(text) is not None


def first_title(
    lines: Sequence[Line], running: Collection[int] = (), headings: Sequence[Heading] = ()
) -> str:
    """The first line that names a code, otherwise the first heading or the first line of words."""
    worded = [
        " ".join(line.text.split())
        for line in lines[:_LOOKED_AT]
        if line.start not in running and _WORD.search(line.text) and not is_page_number(line.text)
    ]
    short = [text.strip("#*_ ") for text in worded if len(text) <= _LONGEST]
    named = next((text for text in short if _TITLE_WORD.search(text)), "")
    if not named and headings:
        first = min(headings, key=lambda heading: (heading.rank, heading.start))
        return f"{first.label} {first.text}".strip()
    return named or (short[0] if short else (worded[0][:_LONGEST] if worded else ""))
