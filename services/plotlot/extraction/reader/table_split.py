"""Cuts a printed table into the plain ones it holds: lists side by side, and headers midway."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from plotlot.domain.documents import Cell, Document, Table
from plotlot.extraction.reader.table_grid import is_numeric, plain
from plotlot.extraction.reader.table_labels import read_label

_MANY = 2
_LIST = 80
_TITLE = re.compile(
    r"\b(?:dimension(?:s|al)?|(?:lot|area|bulk|yard)\s+(?:and\s+\w+\s+)?(?:requirements|standards|regulations))\b",
    re.IGNORECASE,
)
"""A row by itself that heads dimensions below a list of uses."""


def split_table(document: Document, table: Table) -> list[Table]:
    """The plain tables in reading order; usually the table itself."""
    parts: list[Table] = []
    for band in _bands(table, _texts(document, table)):
        parts.extend(_side_by_side(band, _texts(document, band)))
    return parts


def _texts(document: Document, table: Table) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): plain(document.cell_text(cell)) for cell in table.cells}


def _bands(table: Table, texts: dict[tuple[int, int], str]) -> list[Table]:
    """The table cut above each row, after the first values, that names several fields anew."""
    cuts, valued = [0], False
    headers = [cell for cell in table.cells if cell.header]
    # A header of so many words is a list of uses that stands above.
    listed = any(len(texts[cell.row, cell.column]) > _LIST for cell in headers)
    first = max((cell.row for cell in headers), default=0) + (0 if listed else _MANY)
    by_row: dict[int, list[str]] = defaultdict(list)
    for (row, _), text in texts.items():
        by_row[row].append(text)
    for row in range(table.rows):
        words = by_row[row]
        numeric = [is_numeric(word) for word in words]
        if row > first and not valued and len(words) == 1 and _TITLE.search(words[0]):
            cuts.append(row)
            continue
        names = [bool(read_label(word, bare=True).fields) for word in words]
        if valued and sum(names) >= _MANY and not any(numeric) and len(words) >= _MANY:
            cuts.append(row)
            valued = False
        valued = valued or any(numeric)
    cuts.append(table.rows)
    if len(cuts) == 2:
        return [table]
    return [_rows(table, first, last) for first, last in pairwise(cuts)]


def _rows(table: Table, first: int, last: int) -> Table:
    cells = [
        replace(cell, row=cell.row - first, header=cell.header or (first > 0 and cell.row == first))
        for cell in table.cells
        if first <= cell.row < last
    ]
    return replace(table, rows=last - first, cells=tuple(cells))


def _side_by_side(table: Table, texts: dict[tuple[int, int], str]) -> list[Table]:
    """Lists of label and value printed next to each other, each a table of its own."""
    by_column: dict[int, list[str]] = defaultdict(list)
    for (_, column), text in sorted(texts.items()):
        by_column[column].append(text)
    naming = [_names_fields(by_column[column]) for column in range(table.columns)]
    starts = [0, *(column for column in range(2, table.columns) if naming[column] and not naming[column - 1])]
    if len(starts) == 1 or not naming[0]:
        return [table]
    ends = [*starts[1:], table.columns]
    return [_columns(table, first, last) for first, last in zip(starts, ends, strict=True)]


def _names_fields(words: Sequence[str]) -> bool:
    """Whether a column's cells are labels of fields, on several rows."""
    labels = [bool(not is_numeric(word) and read_label(word, bare=True).fields) for word in words]
    return sum(labels[1:]) >= _MANY and sum(labels) * 3 >= len(words)


def _columns(table: Table, first: int, last: int) -> Table:
    cells: Sequence[Cell] = [
        replace(
            cell,
            column=cell.column - first,
            column_span=min(cell.column_span, last - cell.column),
        )
        for cell in table.cells
        if first <= cell.column < last
    ]
    return replace(table, columns=last - first, cells=tuple(cells))
