"""Tables that a text announces and does not hold, as where an export of a page left its tables behind."""

import re
from collections.abc import Sequence

from plotlot.domain.documents import Table

_ANNOUNCED = re.compile(
    r"\b(?:following|below)\s+(?!this\b|that\b|the\b)(?:[a-z]+\s+){0,2}(?:schedule|table|chart)s?\s*[.:]"
    r"(?P<gap>[ \t\r]*\n\s*)(?=(?P<next>\S[^\n]{0,12}))",
    re.IGNORECASE,
)
_EMPTY_PARAGRAPH = re.compile(r"\n[ \t\xa0]+(?=\n)")
_GOES_ON = re.compile(r"[*†‡;]|\(?\w{1,4}[.)]\s|(?:sec|section|article|chapter|§)\b", re.IGNORECASE)
_REACH = 400


def missing_tables(text: str, tables: Sequence[Table]) -> tuple[str, ...]:
    """A warning where announcements are followed by an empty paragraph and a note or a new item."""
    missing = [match.start() for match in _ANNOUNCED.finditer(text) if _is_left_out(match, tables)]
    if not missing:
        return ()
    lines = ", ".join(str(text.count("\n", 0, start) + 1) for start in missing[:5])
    count = f"{len(missing)} tables that the text announces are" if len(missing) > 1 else "a table that the text announces is"  # fmt: skip
    more = " and more" if len(missing) > 5 else ""
    return (
        f"{count} not in the file (line {lines}{more}): nothing is read from there; "
        "ingest a copy of the code that has its tables",
    )


def _is_left_out(match: re.Match[str], tables: Sequence[Table]) -> bool:
    empty = _EMPTY_PARAGRAPH.search(match["gap"])
    if empty is None or not ("\xa0" in empty[0] or _GOES_ON.match(match["next"])):
        return False
    return not any(table.end > match.start() and table.start < match.end() + _REACH for table in tables)
