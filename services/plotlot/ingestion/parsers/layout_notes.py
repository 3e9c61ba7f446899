"""Captions above a layout table and footnotes below it."""

import re
from collections.abc import Sequence

from plotlot.domain.documents import Footnote, Span
from plotlot.ingestion.parsers.layout_lines import Line

_NOTE = re.compile(
    r"(?:(?:foot)?notes?\s*:?\s*)?"
    r"(?:\((\d{1,2}|[a-zA-Z]|\*{1,4})\)|(\*{1,4}|[†‡§]|[¹²³⁴⁵⁶⁷⁸⁹]+)|(\d{1,2}|[a-zA-Z])(?=[.)]|\s{1,3}[A-Z]))"
    r"[.):]?\s*(?=\S)",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:table|figure|schedule|chart|exhibit)\b", re.IGNORECASE)
_TITLE = re.compile(r"(?![a-z]|See\b)(?!.*[.;,]$)")
_SUPERSCRIPTS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")
_REACH = 30
_CAPTION_REACH = 8
_CAPTION_WIDTH = 90


def find_caption(lines: Sequence[Line], first: int) -> Span | None:
    """The short undivided lines above a table that name it, from "Table 3" where there is one."""
    above: list[Line] = []
    for index in range(first - 1, max(first - _CAPTION_REACH, -1), -1):
        line = lines[index]
        if line.blank:
            continue
        if line.many or line.page != lines[first].page or len(above) == 3:
            break
        if line.segments[0].right - line.segments[0].left > _CAPTION_WIDTH:
            break
        above.append(line)
        if _CAPTION.match(line.segments[0].text):
            return Span(line.segments[0].start, above[0].segments[0].end)
    nearest = above[0].segments[0] if above else None
    return nearest.span if nearest and _TITLE.match(nearest.text) else None


def find_footnotes(lines: Sequence[Line], after: int, marks: frozenset[str]) -> list[Footnote]:
    """Notes below a table that begin with a mark its cells carry; each runs to the next."""
    notes: list[Footnote] = []
    blanks = 0
    for line in lines[after : after + _REACH]:
        if line.blank:
            blanks += 1
            continue
        text = line.segments[0].text
        found = _NOTE.match(text)
        mark = next((g for g in found.groups() if g), "").translate(_SUPERSCRIPTS) if found else ""
        span = Span(line.segments[0].start, line.segments[-1].end)
        if mark and mark.lower() in marks:
            notes.append(Footnote(mark.lower(), span))
        elif notes and not blanks:
            notes[-1] = Footnote(notes[-1].mark, Span(notes[-1].span.start, span.end))
        elif not notes and blanks < 3 and not found and len(text) < 40:
            pass
        else:
            break
        blanks = 0
    return notes
