"""A table as rows with label paths and columns with header paths, whatever format it came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from plotlot.domain.documents import Cell, Document, Span, Table
from plotlot.extraction.reader.field_names import fields_named

_MARKUP = re.compile(r"<[^>]{1,40}>|\*\*|__|&(?:nbsp|#160);")
_BLANKS = re.compile(r"\s+")
_NUMERIC = re.compile(
    r"^\W*(?:(?!\d[\s-]*(?:br|bed)\w*\W*$)[\d¼½¾⅓⅔⅛.]|n/?a\b|none\b|no\s(?:min|max|req|limit)|-+$|—$|–$)"
    r"|^(?:one|two|three|four|five|six)\b.*\b(?:spaces?|stor(?:y|ies)|acres?|feet)",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"\W*[\d,.¼½¾]+\s*(?:acres?|ac\b|feet|ft\b|sq|sf\b|s\.f|%|['’′]|stor)", re.IGNORECASE)
_COUNTED = re.compile(r"^\W*(?:number|stor(?:y|ies)|units|bedrooms|district|zone|use)\b", re.IGNORECASE)
ONLY_MARK = re.compile(r"[(\[]\s*\^?(?:\d{1,2}|[a-zA-Z])\s*[)\]]|\*+")
"""A cell that holds nothing but the mark of a note."""
_SHARED = re.compile(
    r"\W*(?:(?:minimum|maximum|min\.?|max\.?|building|required)\s+)?"
    r"(?:lots?|heights?|yards?|set\s?backs?|coverage|yard\s+set\s?backs?)\W*",
    re.IGNORECASE,
)
_LONGEST_HEADER = 80
_MAX_HEADER_ROWS = 5


def plain(text: str) -> str:
    """A cell's words without markup."""
    return _BLANKS.sub(" ", _MARKUP.sub(" ", text)).strip()


def is_numeric(text: str) -> bool:
    """Whether a cell holds a value: it begins with a number, or says that there is none."""
    return _NUMERIC.match(text) is not None


@dataclass(frozen=True, slots=True)
class Label:
    """A row's label and how far it is indented on its line."""

    text: str
    indent: int
    span: Span | None


class TableGrid:
    """The cells of one table, addressed by row and column, header rows apart."""

    def __init__(self, document: Document, table: Table) -> None:
        self.document = document
        self.table = table
        self.cells: dict[tuple[int, int], Cell] = {}
        for cell in table.cells:
            if document.cell_text(cell):
                self.cells.setdefault((cell.row, cell.column), cell)
        self._texts = {place: plain(document.cell_text(c)) for place, c in self.cells.items()}
        self.header_rows = self._header_rows()

    def text(self, row: int, column: int) -> str:
        """The words of the cell that begins here."""
        return self._texts.get((row, column), "")

    @cached_property
    def caption(self) -> str:
        """The line that names the table."""
        return plain(self.document.slice(self.table.caption)) if self.table.caption else ""

    @cached_property
    def title(self) -> str:
        """The words in the header over most of the columns."""
        wide = [
            cell
            for cell in self.cells.values()
            if cell.row == 0 and 2 * cell.column_span > self.table.columns - 2
        ]
        first = [cell for cell in wide if cell.column_span > 1 and self.header_rows]
        return self._texts[first[0].row, first[0].column] if len(first) == 1 else ""

    @property
    def body_rows(self) -> range:
        """The rows below the header."""
        return range(self.header_rows, self.table.rows)

    def _header_rows(self) -> int:
        """Rows marked as header, and rows below them that hold no values."""
        marked = [cell.row for cell in self.cells.values() if cell.header]
        count = self._before_values(max(marked) + 1) if marked else 0
        if self._is_marked_throughout(count) or (count == 1 and self._holds_values(0)):
            count = 0
        while count < min(_MAX_HEADER_ROWS, self.table.rows - 1) and self._heads(count):
            count += 1
        return count

    def _before_values(self, count: int) -> int:
        """How many of so many rows come before one that the page marks as no header, and that holds values."""
        marked = {cell.row for cell in self.cells.values() if cell.header}
        plain = (row for row in range(1, count) if row not in marked and self._states_values(row))
        return next(plain, count)

    def _states_values(self, row: int) -> bool:
        texts = [self.text(row, column) for column in range(1, self.table.columns)]
        return any(_NUMERIC.match(text) for text in texts if text)

    def _is_marked_throughout(self, count: int) -> bool:
        """Some pages mark every cell, or the row labels, as header cells."""
        return count >= self.table.rows

    def _holds_values(self, row: int) -> bool:
        """Whether a row that a page marks as header is a label with values: "1 acre", "30%"."""
        texts = [self.text(row, column) for column in range(1, self.table.columns)]
        filled = [text for text in texts if text]
        return bool(filled and self.text(row, 0)) and all(_MEASURED.match(text) for text in filled)

    def _heads(self, row: int) -> bool:
        """Whether a row goes on naming columns: several words, no values, and values below."""
        texts = [self.text(row, column) for column in range(1, self.table.columns)]
        filled = [text for text in texts if text]
        spanning = any(cell.column_span > 1 for place, cell in self.cells.items() if place[0] == row)
        if not filled or any(_NUMERIC.match(text) for text in filled):
            return False
        below = self._next_values(row)
        if len(filled) < 2 and not spanning:
            return False
        return any(_NUMERIC.match(text) for text in below if text) or spanning

    def _next_values(self, row: int) -> list[str]:
        """The words of the next row below that is more than a title over the rows that follow it."""
        for below in range(row + 1, min(row + 3, self.table.rows)):
            texts = [self.text(below, column) for column in range(1, self.table.columns)]
            if any(texts) or not self.text(below, 0):
                return texts
        return []

    def header(self, column: int) -> str:
        """The words above a column, the spanning ones first."""
        parts = [words for words in self._shared_words.get(column, ()) if words]
        own = self._own_header(column)
        if not any((row, column) in self.cells for row in range(self.header_rows)):
            own = [*own, *self._header_beside(column)]
        return " ".join([*parts, *(word for word in own if word not in parts)])

    def last_header(self, column: int) -> str:
        """The lowest of the words above a column, which narrow what the spanning ones say."""
        own = self._own_header(column)
        return own[-1] if own else ""

    def _header_beside(self, column: int) -> list[str]:
        """The header of a neighbour without values, where print set the values beside their header."""
        for beside in (column - 1, column + 1):
            if 0 < beside < self.table.columns and not self._has_values(beside):
                own = self._own_header(beside)
                if fields_named(" ".join(own)[:_LONGEST_HEADER]) and self._has_values(column):
                    return own
        return []

    def _has_values(self, column: int) -> bool:
        texts = (self.text(row, column) for row in self.body_rows)
        return any(text and not ONLY_MARK.fullmatch(text) for text in texts)

    def _own_header(self, column: int) -> list[str]:
        parts: list[str] = []
        for row in range(self.header_rows):
            for cell in self._covering(row, column):
                text = self._texts[cell.row, cell.column]
                if text not in parts:
                    parts.append(text)
        return parts

    @cached_property
    def _shared_words(self) -> dict[int, tuple[str, ...]]:
        """Words such as LOT or HEIGHT that stand between two columns, over no values of their own."""
        shared: dict[int, tuple[str, ...]] = {}
        for column in range(1, self.table.columns - 1):
            if any(self.text(row, column) for row in self.body_rows):
                continue
            words = [self.text(row, column) for row in range(self.header_rows)]
            kept = tuple(word for word in words if _SHARED.fullmatch(word))
            for beside in (column - 1, column + 1):
                shared[beside] = shared.get(beside, ()) + kept
        return shared

    def _covering(self, row: int, column: int) -> Iterator[Cell]:
        for start in range(column, -1, -1):
            cell = self.cells.get((row, start))
            if cell is not None and start + cell.column_span > column:
                yield cell
                return

    def value_share(self, column: int) -> float:
        """The share of a column's filled body cells that begin with a number or say none."""
        return self._value_shares[column]

    @cached_property
    def _value_shares(self) -> list[float]:
        filled: list[list[str]] = [[] for _ in range(self.table.columns)]
        for (row, column), text in self._texts.items():
            if row in self.body_rows and text and column < self.table.columns:
                filled[column].append(text)
        return [sum(map(is_numeric, texts)) / len(texts) if texts else 0.0 for texts in filled]

    @cached_property
    def label_columns(self) -> int:
        """How many leading columns hold labels rather than values; none where all are values."""
        if self.value_share(0) > 0.7 and len(self.header(0)) > 3 and not self._is_odd_first():
            return 0
        count = 1
        while count < self.table.columns - 1:
            filled = any(self.text(row, count) for row in self.body_rows)
            if filled and self.value_share(count) > 0.25:
                break
            if not any(self.value_share(c) > 0.25 for c in range(count + 1, self.table.columns)):
                break
            count += 1
        return count

    def _is_odd_first(self) -> bool:
        """Whether the first column's numbers name the rows: stories, lot sizes, counts."""
        return bool(_COUNTED.search(self.header(0)))

    def label(self, row: int, column: int = 0) -> Label:
        """The label of a row in one of the label columns."""
        cell = self.cells.get((row, column)) or self._merged.get((row, column))
        if cell is None:
            return Label("", 0, None)
        span = cell.spans[0] if cell.spans else None
        return Label(plain(self.document.cell_text(cell)), self._indent(span), span)

    @cached_property
    def _merged(self) -> dict[tuple[int, int], Cell]:
        """The cells that reach down over rows below their own, by the places that they cover."""
        merged: dict[tuple[int, int], Cell] = {}
        for (start, column), cell in self.cells.items():
            for row in range(start + 1, start + cell.row_span):
                merged.setdefault((row, column), cell)
        return merged

    def label_cells(self, row: int) -> list[Cell]:
        """The cells that label a row."""
        places = ((row, column) for column in range(self.label_columns))
        return [cell for place in places if (cell := self.cells.get(place) or self._merged.get(place))]

    def header_cells(self, column: int) -> list[Cell]:
        """The cells above a column, the spanning ones too."""
        return [cell for row in range(self.header_rows) for cell in self._covering(row, column)]

    def _indent(self, span: Span | None) -> int:
        if span is None:
            return 0
        line = self.document.text.rfind("\n", 0, span.start) + 1
        return span.start - line

    def quote(self, row: int, cell: Cell) -> Span:
        """The contiguous text from the row's label, where it shares the line, to the value."""
        start = cell.spans[0].start
        end = max(span.end for span in cell.spans)
        line = self.document.text.rfind("\n", 0, start) + 1
        for column in range(self.label_columns):
            label = self.cells.get((row, column))
            for span in label.spans if label is not None else ():
                if line <= span.start < start:
                    start = min(start, span.start)
        return Span(start, end)
