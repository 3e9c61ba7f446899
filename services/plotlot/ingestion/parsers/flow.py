"""Writes canonical text piece by piece for formats with markup, and remembers what stands where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from plotlot.domain.documents import Cell, Footnote, Span, Table

from .decode import canonical
from .draft import Heading
from .heading_lines import read_heading
from .headings import find_headings
from .lines import lines_from, split_lines
from .paragraphs import find_paragraphs
from .text import starts_inside

_SPACES = re.compile(r"[ \t\n\r\f]+")
_NOTE = re.compile(r"\(?(?P<mark>\*{1,4}|[†‡§]|\[?\d{1,2}\]?|[a-z](?=[).]))[).:]?\s*(?=[A-Z(\"“])")
_CAPTION = re.compile(r"(?:table|figure|schedule|exhibit)\b", re.I)
_MARKUP_RANKS = 10
_MOST_COLUMNS = 1000
"""A table that its spans make wider is none that anyone printed: its spans are not heeded."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell on its way into the text: its lines and how many rows and columns it covers."""

    lines: tuple[str, ...]
    row_span: int = 1
    column_span: int = 1
    header: bool = False


@dataclass(slots=True)
class Flow:
    """Canonical text under construction; a line is open until ``end_line``."""

    headings: list[Heading] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _space: bool = False
    _line_open: bool = False

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def position(self) -> int:
        return self._length

    def text_from(self, start: int) -> str:
        """What was written from an offset on, where a piece began."""
        kept: list[str] = []
        length = self._length
        for part in reversed(self._parts):
            if length <= start:
                break
            kept.append(part)
            length -= len(part)
        return "".join(reversed(kept))

    def write(self, text: str) -> None:
        """Words in a line; runs of spaces and line ends count as one space."""
        words = _SPACES.sub(" ", canonical(text))
        if not self._line_open:
            words = words.lstrip("\xa0 ")  # pages indent by hard spaces
        if not words.strip(" "):
            self._space = self._space or bool(words)
            return
        if words[0] == " ":
            self._space = True
        if self._line_open and self._space:
            self._append(" ")
        self._append(words.strip(" "))
        self._line_open, self._space = True, words[-1] == " "

    def write_lines(self, text: str) -> None:
        """Text whose line ends count."""
        for line in canonical(text).split("\n"):
            self.end_line()
            self._append(line.rstrip() if line.strip() else "")
            self._line_open = bool(line.strip())

    def end_line(self) -> None:
        """Close the open line, if there is one."""
        if self._line_open:
            self._append("\n")
        self._line_open = self._space = False

    def end_block(self) -> None:
        """Close the line and leave a blank line before what follows."""
        self.end_line()
        if self._length and not self._ends_blank():
            self._append("\n")

    def write_heading(self, text: str, rank: int, anchor: str = "") -> None:
        """A line that the markup calls a heading."""
        line = " ".join(canonical(text).split())
        if not line:
            return
        self.end_block()
        self.headings.append(replace(heading_of_line(line, self._length, rank), anchor=anchor))
        self._append(line + "\n")

    def write_table(self, rows: Sequence[Sequence[GridCell]], caption: str = "") -> None:
        """A table, a row a line; each line of a cell is a span of its own."""
        self.end_block()
        above = self._caption_above(caption)
        start = self._length
        if any(column > _MOST_COLUMNS for columns in columns_of(rows) for column in columns):
            rows = [[replace(cell, row_span=1, column_span=1) for cell in row] for row in rows]
        cells = self._write_rows(rows)
        if not cells:
            return
        self.tables.append(
            Table(
                ordinal=len(self.tables),
                start=start,
                end=self._length,
                rows=max(cell.row + cell.row_span for cell in cells),
                columns=max(cell.column + cell.column_span for cell in cells),
                cells=tuple(cells),
                caption=above,
            )
        )
        self._append("\n\n")

    def _caption_above(self, caption: str) -> Span | None:
        line = " ".join(canonical(caption).split())
        if line:
            span = Span(self._length, self._length + len(line))
            self._append(line + "\n")
            return span
        tail = "".join(self._parts[-40:]).rstrip("\n").rsplit("\n", 1)[-1]
        if not (0 < len(tail) <= 160 and _CAPTION.match(tail.strip())):
            return None
        blank = len("".join(self._parts[-40:])) - len("".join(self._parts[-40:]).rstrip("\n"))
        return Span(self._length - blank - len(tail), self._length - blank)

    def _write_rows(self, rows: Sequence[Sequence[GridCell]]) -> list[Cell]:
        cells: list[Cell] = []
        for number, (row, columns) in enumerate(zip(rows, columns_of(rows), strict=True)):
            if number:
                self._append("\n")
            for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
                if place:
                    self._append("\t")
                row_span = min(cell.row_span, len(rows) - number)
                spans = self._write_cell(cell)
                cells.append(Cell(number, column, spans, row_span, cell.column_span, cell.header))
        return cells

    def _write_cell(self, cell: GridCell) -> tuple[Span, ...]:
        spans: list[Span] = []
        for line in cell.lines:
            words = " ".join(_SPACES.sub(" ", canonical(line)).split(" ")).strip()
            if not words:
                continue
            if spans:
                self._append(" ")
            spans.append(Span(self._length, self._length + len(words)))
            self._append(words)
        return tuple(spans) or (Span(self._length, self._length),)

    def _ends_blank(self) -> bool:
        return "".join(self._parts[-3:]).endswith("\n\n")

    def _append(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)


def columns_of(rows: Sequence[Sequence[GridCell]]) -> list[list[int]]:
    """The column in which each cell starts, beside those that reach down from the rows above it."""
    taken: list[list[tuple[int, int]]] = [[] for _ in rows]
    found: list[list[int]] = []
    for number, row in enumerate(rows):
        above = sorted(taken[number], reverse=True)
        columns: list[int] = []
        column = 0
        for cell in row:
            while above and above[-1][0] <= column:
                column = max(column, above.pop()[1])
            columns.append(column)
            for below in range(number + 1, min(number + cell.row_span, len(rows))):
                taken[below].append((column, column + cell.column_span))
            column += cell.column_span
        found.append(columns)
    return found


def heading_of_line(line: str, start: int, rank: int) -> Heading:
    """A line that is known to be a heading; its kind and label are read from its words."""
    kind, label, text = read_heading(line) or ("section", "", line)
    return Heading(start, start + len(line), kind, label, text, rank)


def structure_of_flow(flow: Flow, text: str) -> tuple[list[Heading], list[Table]]:
    """Headings of the markup, those that only the words show, paragraphs, and tables with notes."""
    lines = split_lines(text)
    marked = {heading.start for heading in flow.headings}
    taken = marked | starts_inside(lines, flow.tables)
    textual = unmarked(find_headings(lines, taken), flow.headings)
    headings = sorted(flow.headings + textual, key=lambda heading: heading.start)
    sections = [heading for heading in headings if heading.kind != "subsection"]
    paragraphs = find_paragraphs(lines, sections, taken)
    return headings + paragraphs, [with_footnotes(table, text) for table in flow.tables]


def unmarked(textual: Sequence[Heading], marked: Sequence[Heading]) -> list[Heading]:
    """Headings that only the words show, below those of the markup and without their repetitions."""
    known = {(heading.label, heading.text) for heading in marked}
    return [
        replace(heading, rank=heading.rank + _MARKUP_RANKS)
        for heading in textual
        if (heading.label, heading.text) not in known
    ]


def moved_table(table: Table, offset: int) -> Table:
    """The table of a piece of text that stands at an offset."""

    def moved(span: Span) -> Span:
        return Span(span.start + offset, span.end + offset)

    return replace(
        table,
        start=table.start + offset,
        end=table.end + offset,
        cells=tuple(replace(cell, spans=tuple(map(moved, cell.spans))) for cell in table.cells),
        caption=moved(table.caption) if table.caption else None,
        footnotes=tuple(replace(note, span=moved(note.span)) for note in table.footnotes),
    )


def starts_note(text: str) -> bool:
    """Whether a line starts with the mark of a note."""
    return _NOTE.match(text) is not None


def with_footnotes(table: Table, text: str) -> Table:
    """The table with the notes that stand right below it."""
    if table.footnotes:
        return table
    notes: list[Footnote] = []
    for line in lines_from(text, table.end, min(len(text), table.end + 6000)):
        match = _NOTE.match(line.text)
        if match is None or line.blank_before > 2:
            break
        notes.append(Footnote(match["mark"].strip("[]"), Span(line.start, line.end)))
    return replace(table, footnotes=tuple(notes)) if notes else table
