"""Cells of tables that say a whole thing by themselves: ``Maximum building height - 35 ft.``"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Cell, Document, Span, Table
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.passages import Passage
from plotlot.extraction.reader.table_grid import TableGrid

_SAYS_A_VALUE = re.compile(r"^\W*[A-Za-z].{3,}\d")
_LONGEST_HEADER = 60
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class CellPassage:
    """A cell read as a passage, with the districts that its row or its column is headed by."""

    passage: Passage
    districts: tuple[str, ...]


def cell_passages(document: Document, index: DistrictIndex, taken: Sequence[Span]) -> Iterator[CellPassage]:
    """The cells of a document that nothing was read from and that name a field and a number."""
    starts = sorted(span.start for span in taken)
    for table in document.tables:
        telling = [
            (row, column, span)
            for row, column, span in _telling(document, table)
            if bisect_left(starts, span.end) == bisect_left(starts, span.start)
        ]
        if telling:
            grid = TableGrid(document, table)
            yield from (_passage(document, grid, *place, index) for place in telling)


def _telling(document: Document, table: Table) -> Iterator[tuple[int, int, Span]]:
    for cell in table.cells:
        for span in _lines(document, cell):
            words = document.slice(span)
            if 8 <= len(words) <= _LONGEST and _SAYS_A_VALUE.match(words) and fields_named(words):
                yield cell.row, cell.column, span


def _lines(document: Document, cell: Cell) -> list[Span]:
    """The cell's words, those of one line together."""
    found: list[Span] = []
    for span in cell.spans:
        if found and not document.text[found[-1].end : span.start].strip(" .\t"):
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return found


def _passage(
    document: Document, grid: TableGrid, row: int, column: int, span: Span, index: DistrictIndex
) -> CellPassage:
    header = grid.header(column)
    label = grid.label(row).text if column else ""
    heads = [words for words in (label, header, grid.caption) if 0 < len(words) <= _LONGEST_HEADER]
    districts = next((found for words in heads if (found := index.find(words))), ())
    section = document.section_at(span.start)
    headings = tuple(one.heading or "" for one in document.ancestors(section.ordinal))
    lead = header if len(header) <= _LONGEST_HEADER else ""
    return CellPassage(Passage(document.slice(span), span.start, section, lead, headings), districts)
