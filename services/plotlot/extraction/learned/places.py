"""The numbers of a document, each with the words around it that may say what it measures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plotlot.domain.documents import Cell, Document, Span, Table
from plotlot.domain.quantities import Quantity, find_quantities
from plotlot.extraction.learned.layout import Layout
from plotlot.extraction.reader.passages import Passage, passages
from plotlot.extraction.reader.table_grid import TableGrid
from plotlot.extraction.reader.table_labels import read_label
from plotlot.extraction.reader.table_split import split_table

_WORDS_BEFORE = 320
_WORDS_AFTER = 90
_LONGEST_PASSAGE = 2_500
_LONGEST_CELL = 600
_NUMERIC = re.compile(r"\W*[\d¼½¾.]")
_SPEAKS = re.compile(
    r"yard|set\s?-?back|lot\b|height|coverage|area|spaces|parking|acre|front|side|rear|stor(?:y|ies)|impervious|size",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grid:
    """The table that a number stands in: its size, the number's row, and how much of it is numbers."""

    rows: int
    columns: int
    row: int
    column: int
    numeric_share: float
    fields_across: int
    fields_down: int


@dataclass(frozen=True, slots=True)
class Place:
    """A number with the words of its row or sentence, of its column, and of what stands over both.

    ``before`` ends where the number starts; ``own`` is what of it follows the number before.
    """

    quantity: Quantity
    offset: int
    quote: Span
    section: int
    own: str
    before: str
    after: str
    column: str = ""
    over: tuple[str, ...] = ()
    group: str = ""
    caption: str = ""
    beside: int = 0
    position: int = 0
    of: int = 1
    grid: Grid | None = None
    passage: Passage | None = None


def places(document: Document) -> Iterator[Place]:
    """Every number of a document that could be a standard, those of tables first."""
    layout = Layout(document)
    for table in document.tables:
        if table.columns > 1 and _SPEAKS.search(document.text, table.start, table.end):
            for part in split_table(document, table):
                yield from _of_table(document, part, layout)
    yield from _of_prose(document, layout)


def _of_table(document: Document, table: Table, layout: Layout) -> Iterator[Place]:
    if table.columns < 2 or table.rows < 1:
        return
    grid = TableGrid(document, table)
    headers = {column: grid.header(column) for column in range(table.columns)}
    labels = {row: _row_label(grid, row) for row in grid.body_rows}
    across = len({name for words in headers.values() for name in read_label(words, bare=True).fields})
    down = len({name for words in labels.values() for name in read_label(words, bare=True).fields})
    group = ""
    for row in grid.body_rows:
        texts = [grid.text(row, column) for column in range(grid.label_columns, table.columns)]
        filled = [text for text in texts if text]
        if not filled and labels[row]:
            group = labels[row]
            continue
        share = sum(bool(_NUMERIC.match(text)) for text in filled) / len(filled) if filled else 0.0
        for column in range(table.columns):
            cell = grid.cells.get((row, column))
            if cell is None:
                continue
            shape = Grid(table.rows, table.columns, row, column, share, across, down)
            label = labels[row] if column >= grid.label_columns else ""
            yield from _of_cell(document, grid, cell, label, headers[column], group, shape, layout)


def _row_label(grid: TableGrid, row: int) -> str:
    texts = (grid.label(row, column).text for column in range(grid.label_columns))
    return " ".join(filter(None, texts))


def _of_cell(
    document: Document,
    grid: TableGrid,
    cell: Cell,
    label: str,
    header: str,
    group: str,
    shape: Grid,
    layout: Layout,
) -> Iterator[Place]:
    text = grid.text(cell.row, cell.column)
    if len(text) > _LONGEST_CELL:
        return
    found = list(find_quantities(text))
    if not found:
        return
    first = cell.spans[0]
    quote = grid.quote(cell.row, cell)
    over = layout.over(first.start, first.end)
    beside = layout.beside(first.start)
    section = document.section_at(first.start).ordinal
    taken = 0
    for position, quantity in enumerate(found):
        yield Place(
            quantity=quantity,
            offset=first.start,
            quote=quote,
            section=section,
            own=" ".join(filter(None, (label if position == 0 else "", text[taken : quantity.start]))),
            before=" ".join(filter(None, (label, text[: quantity.start])))[-_WORDS_BEFORE:],
            after=text[quantity.end : quantity.end + _WORDS_AFTER],
            column=header,
            over=over,
            group=group,
            caption=grid.caption,
            beside=beside,
            position=position,
            of=len(found),
            grid=shape,
        )
        taken = quantity.end


def _of_prose(document: Document, layout: Layout) -> Iterator[Place]:
    for passage in passages(document):
        if passage.text and len(passage.text) <= _LONGEST_PASSAGE:
            yield from _of_passage(passage, layout)


def _of_passage(passage: Passage, layout: Layout) -> Iterator[Place]:
    text = passage.text
    found = list(find_quantities(text))
    taken = 0
    for position, quantity in enumerate(found):
        start = passage.start + quantity.start
        end = passage.start + quantity.end
        yield Place(
            quantity=quantity,
            offset=start,
            quote=Span(passage.start, min(end + _clause(text[quantity.end :]), passage.start + len(text))),
            section=passage.section.ordinal,
            own=text[taken : quantity.start],
            before=text[max(0, quantity.start - _WORDS_BEFORE) : quantity.start],
            after=text[quantity.end : quantity.end + _WORDS_AFTER],
            over=layout.over(start, end),
            group=passage.lead,
            beside=layout.beside(start),
            position=position,
            of=len(found),
            passage=passage,
        )
        taken = quantity.end


def _clause(after: str) -> int:
    """How many characters after a number its quote keeps: to the end of the line or the clause."""
    stop = re.search(r"[.;\n](?:\s|$)|\n", after)
    return min(stop.start() if stop else len(after), 120)
