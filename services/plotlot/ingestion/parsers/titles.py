"""The title of a document whose format names none."""

import re
from collections.abc import Collection, Sequence

from .lines import Line, is_page_number

_WORD = re.compile(r"[A-Za-z]{3,}")
_TITLE_WORD = re.compile(
    r"\b(?:code|ordinances?|bylaws?|regulations?|zoning|land use|development|chapter|article)\b", re.I
)
_LOOKED_AT = 25
_LONGEST = 140


def first_title(lines: Sequence[Line], running: Collection[int] = ()) -> str:
    """The first line that names a code, otherwise the first line of words."""
    worded = [
        " ".join(line.text.split())
        for line in lines[:_LOOKED_AT]
        if line.start not in running and _WORD.search(line.text) and not is_page_number(line.text)
    ]
    short = [text.strip("#*_ ") for text in worded if len(text) <= _LONGEST]
    named = next((text for text in short if _TITLE_WORD.search(text)), "")
    return named or (short[0] if short else (worded[0][:_LONGEST] if worded else ""))
