"""Pieces of a document for search: they follow its sections and keep its tables whole."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Document, Section, Table

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|\f\s*")
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+(?=[\"“(A-Z0-9])")
_LINE = re.compile(r"\n")
_SPACE = re.compile(r"\s+")
_LEAST_SHARE = 3
_TINY_SHARE = 6


@dataclass(frozen=True, slots=True)
class Chunk:
    """A range of the text; ``section`` is the ordinal of the section that holds all of it."""

    ordinal: int
    section: int
    heading_path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    section: int
    start: int
    end: int
    whole: bool

    def __len__(self) -> int:
        return self.end - self.start


def chunk_document(document: Document, max_characters: int = 1200) -> list[Chunk]:
    """Chunks in the order of the text; together they hold all of it but white space.

    A small section is one chunk with its subsections. A larger one is cut between subsections, then
    between paragraphs, rows of tables, sentences. No chunk holds text of two sections.
    """
    if max_characters < 1:
        raise ValueError("max_characters must be at least 1")
    cutter = _Cutter(document, max_characters)
    paths = [""] * len(document.sections)
    for section in document.sections[1:]:
        above = paths[section.parent or 0]
        paths[section.ordinal] = " > ".join(filter(None, (above, section.title)))
    return [
        Chunk(ordinal, piece.section, paths[piece.section], piece.start, piece.end)
        for ordinal, piece in enumerate(cutter.pieces(document.sections[0]))
    ]


class _Cutter:
    """Cuts one document; holds what is looked up again and again."""

    def __init__(self, document: Document, limit: int) -> None:
        self._text = document.text
        self._limit = limit
        self._children: list[list[Section]] = [[] for _ in document.sections]
        for section in document.sections[1:]:
            self._children[section.parent or 0].append(section)
        self._breaks = _Breaks(document, limit)
        self._holds_sections = self._mark_holders(document.sections)

    def _mark_holders(self, sections: Sequence[Section]) -> list[bool]:
        """Whether a section holds others that no chunk may join."""
        holds = [False] * len(sections)
        for section in reversed(sections[1:]):
            if section.kind != "subsection" or holds[section.ordinal]:
                holds[section.parent or 0] = True
        return holds

    def pieces(self, section: Section) -> list[_Piece]:
        """The pieces of a section and all below it."""
        whole = self._trimmed(section.ordinal, section.start, section.end, True)
        if whole is None:
            return []
        if len(whole) <= self._limit and not self._holds_sections[section.ordinal]:
            return [whole]
        done: list[_Piece] = []
        open_run: list[_Piece] = []
        position = section.start
        for child in self._children[section.ordinal]:
            open_run += self._cut(section.ordinal, position, child.start)
            if child.kind == "subsection" and not self._holds_sections[child.ordinal]:
                open_run += self.pieces(child)
            else:
                done += [*self._merged(section.ordinal, open_run), *self.pieces(child)]
                open_run = []
            position = child.end
        open_run += self._cut(section.ordinal, position, section.end)
        return [*done, *self._merged(section.ordinal, open_run)]

    def _merged(self, parent: int, pieces: list[_Piece]) -> list[_Piece]:
        """Neighbours joined where they fit and are whole subsections, or where one is tiny."""
        merged: list[_Piece] = []
        for piece in pieces:
            if merged and self._may_join(parent, merged[-1], piece):
                merged[-1] = _Piece(parent, merged[-1].start, piece.end, merged[-1].whole and piece.whole)
            else:
                merged.append(piece)
        return merged

    def _may_join(self, parent: int, left: _Piece, right: _Piece) -> bool:
        if right.end - left.start > self._limit:
            return False
        if not (self._joins(parent, left.section) and self._joins(parent, right.section)):
            return False
        tiny = min(len(left), len(right)) * _TINY_SHARE < self._limit
        return tiny or (left.whole and right.whole)

    def _joins(self, parent: int, section: int) -> bool:
        return section == parent or section in self._breaks.subsections

    def _trimmed(self, section: int, start: int, end: int, whole: bool) -> _Piece | None:
        while start < end and self._text[start].isspace():
            start += 1
        while end > start and self._text[end - 1].isspace():
            end -= 1
        return _Piece(section, start, end, whole) if start < end else None

    def _cut(self, section: int, start: int, end: int) -> Iterator[_Piece]:
        """A stretch of a section's own text, cut where it is too long."""
        rest = self._trimmed(section, start, end, True)
        while rest is not None and len(rest) > self._limit:
            at = self._breaks.last_within(rest.start, rest.start + self._limit)
            piece = self._trimmed(section, rest.start, at, False)
            if piece is not None:
                yield piece
            rest = self._trimmed(section, at, rest.end, False)
        if rest is not None:
            yield rest


class _Breaks:
    """Where a text may be cut, the better places in the earlier lists."""

    def __init__(self, document: Document, limit: int) -> None:
        text = document.text
        self.subsections = frozenset(s.ordinal for s in document.sections if s.kind == "subsection")
        tables = list(_extents(document))
        self._fitting = [(start, end) for _, start, end in tables if end - start <= limit]
        large = [(table, start, end) for table, start, end in tables if end - start > limit]
        inside = _Inside([(start, end) for _, start, end in tables])
        edges = [edge for _, start, end in tables for edge in (start, end)]
        rows = [at for table, start, _ in large for at in _row_starts(text, table) if at > start]
        self._levels = [
            sorted({*inside.without(m.end() for m in _PARAGRAPH.finditer(text)), *edges}),
            sorted(set(rows)),
            inside.without(m.end() for m in _SENTENCE.finditer(text)),
            inside.without(m.end() for m in _LINE.finditer(text)),
            [m.end() for m in _SPACE.finditer(text)],
        ]

    def last_within(self, start: int, end: int) -> int:
        """The best place to cut after ``start`` and not after ``end``."""
        table = self._cut_table(end)
        if table is not None and start < table[0]:
            return table[0]
        least = start + (end - start) // _LEAST_SHARE
        for places in self._levels:
            at = bisect_right(places, end) - 1
            if at >= 0 and places[at] > least:
                return places[at]
        for places in self._levels:
            at = bisect_right(places, end) - 1
            if at >= 0 and places[at] > start:
                return places[at]
        return end

    def _cut_table(self, offset: int) -> tuple[int, int] | None:
        """The table small enough to stay whole that a cut at the offset would divide."""
        at = bisect_left(self._fitting, (offset, -1)) - 1
        return self._fitting[at] if at >= 0 and offset < self._fitting[at][1] else None


class _Inside:
    """Ranges that no cut may divide."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._ranges = ranges

    def without(self, places: Iterable[int]) -> list[int]:
        """The places, ascending, that lie in none of the ranges."""
        outside: list[int] = []
        current = 0
        for place in places:
            while current < len(self._ranges) and self._ranges[current][1] <= place:
                current += 1
            if current == len(self._ranges) or place <= self._ranges[current][0]:
                outside.append(place)
        return outside


def _extents(document: Document) -> Iterator[tuple[Table, int, int]]:
    """Tables with their captions and whole lines, ascending and apart."""
    previous = 0
    for table in sorted(document.tables, key=lambda table: (table.start, table.end)):
        start = table.start
        if table.caption is not None and previous <= table.caption.start < start:
            start = table.caption.start
        start = max(document.text.rfind("\n", 0, start) + 1, previous)
        if table.end > start:
            yield table, start, table.end
            previous = table.end


def _row_starts(text: str, table: Table) -> list[int]:
    """Where the line of each row's first cell starts."""
    firsts: dict[int, int] = {}
    for cell in table.cells:
        for span in cell.spans:
            if len(span):
                firsts[cell.row] = min(firsts.get(cell.row, span.start), span.start)
    return sorted(text.rfind("\n", 0, start) + 1 for start in firsts.values())
