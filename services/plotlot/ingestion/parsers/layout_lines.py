"""Lines of fixed-width text, cut into segments wherever two blanks or a tab part them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from plotlot.domain.documents import Span
from plotlot.domain.texts import whole_number

_SEPARATOR = re.compile(
    r"[ \u00a0\r\v]*(?:(?:\.[ \u00a0]?){4,}|…[….]*)[ \u00a0…]*|[ \u00a0\r\v]{2,}|[ \u00a0]*\t[ \t\u00a0]*"
)
_ENUMERATOR = re.compile(r"(?:\(?(?:[0-9]{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|[•·▪●■○◦\uf0b7-])$")
_LINE = re.compile(r"[^\n\f]*[\n\f]?")
_CONTENTS = re.compile(
    r"\s*(?:(?:ARTICLE|SECTION|CHAPTER|PART|APPENDIX|TABLE|FIGURE)\b|§|\d+\.\d|\d{3,}).*?(?:\.\s?){4,}\s*[\dA-Z-]{1,6}\s*$",
    re.IGNORECASE,
)
_RULED = re.compile(r"(?=.*[-=_–—]{4})[\s=_+|–—-]+")
"""A line that is drawn under a header or between rows."""
_DIGITS = re.compile(r"[\d-]+")
_TAB_STOP = 8
_ENUMERATOR_GAP = 12


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words; ``left``..``right`` are columns of the page, ``start``..``end`` offsets."""

    left: int
    right: int
    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        """The segment's offsets."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text; ``page`` counts the form feeds before it."""

    index: int
    start: int
    end: int
    page: int
    segments: tuple[Segment, ...]

    @property
    def blank(self) -> bool:
        """Whether nothing is printed on the line."""
        return not self.segments

    @property
    def many(self) -> bool:
        """Whether the line is parted into columns."""
        return len(self.segments) > 1


def split_lines(text: str) -> list[Line]:
    """Every line with its segments; margin line numbers and running heads are left out."""
    lines = list(_lines(text))
    if _is_numbered(lines):
        lines = [_without_number(line) for line in lines]
    lines = [replace(line, segments=_join_enumerator(line.segments, text)) for line in lines]
    running = _running_heads(lines)
    return [
        replace(line, segments=()) if line.index in running or _is_contents(text, line) else line
        for line in lines
    ]


def _is_contents(text: str, line: Line) -> bool:
    """Whether a line is an entry of a table of contents."""
    return line.many and _CONTENTS.match(text[line.start : line.end]) is not None


def _lines(text: str) -> Iterator[Line]:
    page = 0
    for index, match in enumerate(_LINE.finditer(text)):
        start, end = match.span()
        if start == end:
            return
        content = match.group().rstrip("\n\f")
        segments = _segments(content, start) if content.strip() and not _RULED.fullmatch(content) else ()
        yield Line(index, start, start + len(content), page, segments)
        page += match.group().endswith("\f")


def _segments(content: str, offset: int) -> tuple[Segment, ...]:
    tabbed = "\t" in content
    found, position = [], 0
    for start, end in [*_separators(content), (len(content), len(content))]:
        first = position + (content[position:start][:1].isspace())
        last = start - (content[first:start][-1:].isspace())
        if last > first:
            left = _column(content, first) if tabbed else first
            right = left + last - first
            found.append(Segment(left, right, offset + first, offset + last, content[first:last]))
        position = end
    return tuple(found)


def _separators(content: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _SEPARATOR.finditer(content))


def _column(content: str, position: int) -> int:
    return len(content[:position].expandtabs(_TAB_STOP))


def _join_enumerator(segments: tuple[Segment, ...], text: str) -> tuple[Segment, ...]:
    """An enumerator, "(3)" or "b.", belongs to the words after it."""
    if len(segments) < 2 or not _ENUMERATOR.match(segments[0].text):
        return segments
    first, second = segments[0], segments[1]
    if second.left - first.right > _ENUMERATOR_GAP:
        return segments
    words = text[first.start : second.end]
    return (Segment(first.left, second.right, first.start, second.end, words), *segments[2:])


def _number(line: Line) -> int | None:
    if not line.segments:
        return None
    first = line.segments[0]
    return whole_number(first.text) if len(first.text) < 3 and first.left < 4 else None


def _is_numbered(lines: list[Line]) -> bool:
    """Whether most lines start with a number that counts the lines of a page."""
    numbers = [number for line in lines if not line.blank for number in [_number(line)]]
    steps = [
        True
        for before, after in pairwise(numbers)
        if before is not None and after is not None and after == before + 1
    ]
    return len(numbers) > 40 and len(steps) > 0.25 * len(numbers)


def _without_number(line: Line) -> Line:
    if _number(line) is None:
        return line
    return Line(line.index, line.start, line.end, line.page, line.segments[1:])


def _running_heads(lines: list[Line]) -> frozenset[int]:
    """The lines at page edges that many pages repeat, numbers aside, and bare page numbers."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        if not line.blank:
            pages.setdefault(line.page, []).append(line)
    edges = [line for page in pages.values() for line in {*page[:3], *page[-3:]}]
    counts = Counter(_face(line) for line in edges)
    floor = max(4, len(pages) // 8)
    return frozenset(line.index for line in edges if counts[_face(line)] >= floor and len(pages) > 3)


def _face(line: Line) -> str:
    """What a line says, without numbers and the sides it stands on."""
    return " ".join(sorted(_DIGITS.sub("", segment.text).strip() for segment in line.segments))
