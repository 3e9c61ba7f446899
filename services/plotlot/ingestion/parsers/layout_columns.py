"""Columns of a run of parted lines, found from the blanks that its lines share."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from plotlot.ingestion.parsers.layout_lines import Line, Segment

_WORD = re.compile(r"\S+")
_NOTE_MARK = re.compile(r"\((?:\d{1,2}|[a-z])\)|\*{1,4}")
"""The mark of a note, which belongs to the value before it and begins no column."""
_NUMBER = re.compile(r"[\d,.]*\d[½¼¾%'’]?")
_CROSSING_SHARE = 0.3
_EDGE_SLACK = 1
_VALUE_SLACK = 8
_VALUE = re.compile(r"(?<=[^\d(] )(?:\d|N/A\b)|(?<=[\d.] )\d")


@dataclass(frozen=True, slots=True)
class Gutter:
    """A strip of blanks between two columns, in page columns."""

    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment and the columns it lies in; ``last`` exceeds ``first`` where it spans several."""

    segment: Segment
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of a table: the gutters between them and where each column's words begin."""

    gutters: tuple[Gutter, ...]
    edges: tuple[Counter[int], ...]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.gutters) + 1

    def place(self, line: Line) -> list[Placed]:
        """The line's segments in their columns; words of neighbouring cells are parted."""
        placed: list[Placed] = []
        for segment in line.segments:
            placed.extend(self._split(segment))
        return placed

    def is_one_to_one(self, line: Line) -> bool:
        """Whether the line's segments stand in the columns one by one."""
        return [placed.first for placed in self.place(line)] == list(range(len(line.segments)))

    def _range(self, segment: Segment) -> tuple[int, int]:
        """First and last column that a segment overlaps."""
        lefts = [gutter.right for gutter in self.gutters]
        rights = [gutter.left for gutter in self.gutters]
        first = bisect_right(rights, segment.left)
        last = bisect_right(lefts, segment.right - 1)
        if first > last:
            # Wholly inside a gutter: it belongs to the nearer side.
            gutter = self.gutters[last]
            near_left = segment.left - gutter.left <= gutter.right - segment.right
            return (last, last) if near_left else (first, first)
        return first, last

    def _split(self, segment: Segment) -> list[Placed]:
        first, last = self._range(segment)
        if first == last:
            return [Placed(segment, first, last)]
        starts = [one.start() for one in _values(segment.text)]
        if len(starts) == last - first + 1:
            parts = zip([0, *starts[1:]], [*starts[1:], None], strict=True)
            return [
                Placed(_part(segment, start, end), column, column)
                for column, (start, end) in enumerate(parts, first)
            ]
        for column in range(first, last):
            cut = self._cut(segment, column)
            if cut is not None:
                before = self._split(_part(segment, 0, cut))
                if _values(segment.text):
                    # A value with its mark may reach over into the next column, which has one of its own.
                    before = [replace(one, last=min(one.last, column)) for one in before]
                return [*before, *self._split(_part(segment, cut))]
        return [Placed(segment, first, last)]

    def _cut(self, segment: Segment, column: int) -> int | None:
        """Where in the segment's text the next column begins, if a blank parts it there."""
        gutter, edges = self.gutters[column], self.edges[column + 1]
        starts = [one.start() for one in _WORD.finditer(segment.text) if not _NOTE_MARK.fullmatch(one[0])][1:]
        for start in starts:
            left = segment.left + start
            near = gutter.left < left <= gutter.right + _EDGE_SLACK
            if near and (edges[left] >= 2 or left == gutter.right):
                return start
        values = [start for start in starts if _VALUE.match(segment.text, start)]
        distances = [(abs(segment.left + start - gutter.right), start) for start in values]
        if distances and min(distances)[0] <= _VALUE_SLACK:
            return min(distances)[1]
        first, last = self._range(segment)
        return starts[column - first] if len(starts) == last - first else None


def _values(text: str) -> list[re.Match[str]]:
    """The words of a text but for marks of notes, where all are numbers; else none."""
    words = [one for one in _WORD.finditer(text) if not _NOTE_MARK.fullmatch(one[0])]
    return words if all(_NUMBER.fullmatch(one[0]) for one in words) else []


def even_columns(lines: Sequence[Line]) -> list[Line] | None:
    """Lines that are all parted alike but stand unaligned, set to shared columns; else None."""
    parted = [line for line in lines if line.many]
    counts = {len(line.segments) for line in parted}
    if len(counts) != 1 or any(len(line.segments) == 1 for line in lines):
        return None
    width = max(segment.right - segment.left for line in parted for segment in line.segments) + 4
    return [replace(line, segments=tuple(_at_column(line, width))) for line in lines]


def _at_column(line: Line, width: int) -> Iterator[Segment]:
    for place, segment in enumerate(line.segments):
        left = place * width
        yield replace(segment, left=left, right=left + segment.right - segment.left)


def find_grid(lines: Sequence[Line]) -> Grid:
    """The grid of a run; lines with more columns count more, for the others may span."""
    parted = [line for line in lines if line.many]
    gutters = _rescue_sparse(_gutters(parted), parted)
    return Grid(tuple(gutters), _edges(gutters, parted))


def _gutters(parted: Sequence[Line]) -> list[Gutter]:
    width = max(line.segments[-1].right for line in parted) + 2
    gaps, crossings = [0] * (width + 1), [0] * (width + 1)
    edges = _shared_edges(parted)
    for line in parted:
        weight = len(line.segments) - 1
        for left, right in _pieces(line, edges):
            crossings[left] += weight
            crossings[right] -= weight
        for before, after in zip(line.segments, line.segments[1:], strict=False):
            gaps[before.right] += weight
            gaps[after.left] -= weight
    floor = max(1.0, 0.12 * sum(len(line.segments) - 1 for line in parted) / 2)
    return list(_runs(gaps, crossings, floor if len(parted) > 6 else 1.0))


def _pieces(line: Line, edges: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The line's segments, parted where a word begins at an edge that other lines share."""
    for segment in line.segments:
        left = segment.left
        for match in _WORD.finditer(segment.text):
            start = segment.left + match.start()
            if start in edges and start > left:
                yield left, start - 1
                left = start
        yield left, segment.right


def _shared_edges(parted: Sequence[Line]) -> frozenset[int]:
    """Where segments after the first begin on at least two lines."""
    counts = Counter(segment.left for line in parted for segment in line.segments[1:])
    return frozenset(edge for edge, count in counts.items() if count >= 2)


def _runs(gaps: list[int], crossings: list[int], floor: float) -> Iterator[Gutter]:
    gap = crossing = 0
    start = None
    for position, (more_gaps, more_crossings) in enumerate(zip(gaps, crossings, strict=True)):
        gap += more_gaps
        crossing += more_crossings
        is_gutter = gap >= floor and crossing <= _CROSSING_SHARE * gap
        if is_gutter and start is None:
            start = position
        elif not is_gutter and start is not None:
            yield Gutter(start, position)
            start = None


def _rescue_sparse(gutters: list[Gutter], parted: Sequence[Line]) -> list[Gutter]:
    """A column with few entries looks like a gutter; its entries part the gutter in two."""
    result = []
    for gutter in gutters:
        inside = [
            segment
            for line in parted
            for segment in line.segments
            if segment.left >= gutter.left + 2 and segment.right <= gutter.right - 2
        ]
        if inside and gutter.right - gutter.left > 5:
            left = min(segment.left for segment in inside)
            right = max(segment.right for segment in inside)
            result += [Gutter(gutter.left, left), Gutter(right, gutter.right)]
        else:
            result.append(gutter)
    return result


def _edges(gutters: Sequence[Gutter], parted: Sequence[Line]) -> tuple[Counter[int], ...]:
    edges: tuple[Counter[int], ...] = tuple(Counter() for _ in range(len(gutters) + 1))
    starts = [gutter.left for gutter in gutters]
    for line in parted:
        for segment in line.segments:
            edges[bisect_right(starts, segment.left)][segment.left] += 1
    return edges


def _part(segment: Segment, start: int, end: int | None = None) -> Segment:
    """A part of a segment, without the blanks around it."""
    text = segment.text[start:end]
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    offset = segment.start + start + lead
    left = segment.left + start + lead
    return Segment(left, left + len(text), offset, offset + len(text), text)
