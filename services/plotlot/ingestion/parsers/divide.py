"""Divides tables that a heading runs through, so that no table reaches into another section."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from plotlot.domain.documents import Cell, Span, Table

_FEWEST_ROWS = 3


def divide(tables: Sequence[Table], headings: Sequence[tuple[int, int]]) -> list[Table]:
    """The tables in parts between the headings, given by start and end; scraps are dropped."""
    divided: list[Table] = []
    for table in tables:
        crossing = [span for span in headings if table.start < span[1] and span[0] < table.end]
        divided += list(_parts(table, crossing)) if crossing else [table]
    return divided


def _parts(table: Table, headings: Sequence[tuple[int, int]]) -> Iterator[Table]:
    edges = sorted({table.start, *(edge for span in headings for edge in span), table.end})
    for start, end in pairwise(edges):
        if any(span[0] <= start < span[1] for span in headings):
            continue
        part = _part(table, start, end)
        if part is not None:
            yield part


def _part(table: Table, start: int, end: int) -> Table | None:
    cells = [
        cell for cell in table.cells if _lies(cell, start, end) and any(len(span) for span in cell.spans)
    ]
    rows = sorted({cell.row for cell in cells})
    if len(rows) < _FEWEST_ROWS or len({cell.column for cell in cells}) < 2:
        return None
    number = {row: place for place, row in enumerate(rows)}
    kept = [replace(cell, row=number[cell.row], row_span=1) for cell in cells]
    spans = [span for cell in kept for span in cell.spans]
    return replace(
        table,
        start=min(span.start for span in spans),
        end=max(span.end for span in spans),
        rows=len(rows),
        cells=tuple(kept),
        caption=table.caption if table.caption and _holds(table.caption, start - 400, start) else None,
        footnotes=tuple(note for note in table.footnotes if note.span.start >= end == table.end),
    )


def _lies(cell: Cell, start: int, end: int) -> bool:
    return all(start <= span.start and span.end <= end for span in cell.spans)


def _holds(span: Span, start: int, end: int) -> bool:
    return start <= span.start and span.end <= end
