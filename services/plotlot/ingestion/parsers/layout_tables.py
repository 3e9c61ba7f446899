"""Tables in fixed-width text, as ``pdftotext -layout`` prints them, as grids of cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from plotlot.domain.documents import Cell, Span, Table
from plotlot.ingestion.parsers.layout_columns import Grid, Placed, even_columns, find_grid
from plotlot.ingestion.parsers.layout_lines import Line, split_lines
from plotlot.ingestion.parsers.layout_notes import find_caption, find_footnotes
from plotlot.ingestion.parsers.layout_regions import find_regions, is_heading, is_lone_row, is_prose
from plotlot.ingestion.parsers.layout_rows import Entry, Row, form_rows, split_header

_MARK = re.compile(r"\((\d{1,2}|[a-z])\)|(\*{1,4}|[†‡])|([¹²³⁴⁵⁶⁷⁸⁹]+)|(?<=[a-z.:%)])(\d{1,2})$")
_OPENS_NOTE = re.compile(r"\((\d{1,2}|[a-z])\)\s+(?:\S+\s+){2}")
_TITLE = re.compile(r"(?:table|figure|schedule|district)\s", re.IGNORECASE)
_LABEL_AND_VALUE = re.compile(r"[a-z)] \(?\d")
_FURNITURE = 4
_WRAPPED = 3
_NEAR = 6
_SUPERSCRIPTS = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")


def find_layout_tables(text: str, first_ordinal: int = 0) -> list[Table]:
    """The tables of a fixed-width text, in order; cells point into ``text``."""
    lines = split_lines(text)
    tables: list[Table] = []
    before: _Draft | None = None
    for region in find_regions(lines):
        draft = _draft(lines, region)
        if draft is None:
            continue
        whole = _continued(lines, before, draft) if before is not None else None
        if whole is not None:
            draft = whole
            tables.pop()
        elif is_lone_row(region):
            continue
        tables.append(_table(lines, draft, first_ordinal + len(tables)))
        before = draft
    return tables


@dataclass(frozen=True, slots=True)
class _Draft:
    """A table's lines in rows, before it is numbered and joined to what continues it."""

    region: tuple[Line, ...]
    columns: int
    header: tuple[Entry, ...]
    rows: tuple[Row, ...]


def _draft(lines: Sequence[Line], region: list[Line]) -> _Draft | None:
    region = _before_notes(region)
    grid = find_grid(region)
    even = even_columns(region)
    if even is not None and not all(grid.is_one_to_one(line) for line in region if line.many):
        region, grid = even, find_grid(even)
    if grid.columns < 2:
        return None
    region = _with_head(lines, region, grid)
    entries = _entries(region, grid)
    header = split_header(entries)
    rows = form_rows(entries[header:])
    return _Draft(tuple(region), grid.columns, tuple(entries[:header]), tuple(rows))


def _before_notes(region: list[Line]) -> list[Line]:
    """A table's lines up to the first undivided one that is a note which the values above it have marked."""
    for place, line in enumerate(region):
        note = None if line.blank or line.many else _OPENS_NOTE.match(line.segments[0].text)
        if note and note[1] in _marks([replace(one, segments=one.segments[1:]) for one in region[:place]]):
            return region[:place]
    return region


def _continued(lines: Sequence[Line], before: _Draft, after: _Draft) -> _Draft | None:
    """Both as one table where the second, without a header, goes on with the first; else None."""
    last, first = before.region[-1], after.region[0]
    between = [line for line in lines[last.index + 1 : first.index] if not line.blank]
    if after.header or any(is_heading(line) for line in between):
        return None
    if first.page == last.page:
        return _around(lines, before, after) if _is_long_row(lines, last, first, between) else None
    if first.page != last.page + 1 or len(between) > _FURNITURE or any(is_prose(line) for line in between):
        return None
    if before.columns == after.columns:
        region, rows = before.region + after.region, before.rows + after.rows
        return _Draft(region, before.columns, before.header, rows)
    return _regridded(lines, [*before.region, *after.region], before)


def _is_long_row(lines: Sequence[Line], last: Line, first: Line, between: Sequence[Line]) -> bool:
    """Whether one line parts two runs only because its label leaves no gap before its value."""
    long = [line.segments[0].text for line in between if is_prose(line)]
    if len(long) != 1 or len(between) > _WRAPPED or first.index - last.index > _NEAR:
        return False
    return long[0][0].isupper() and long[0][-1] not in ".:;," and _LABEL_AND_VALUE.search(long[0]) is not None


def _around(lines: Sequence[Line], before: _Draft, after: _Draft) -> _Draft | None:
    """Two runs and what stands between them, as one table."""
    region = lines[before.region[0].index : after.region[-1].index + 1]
    return _regridded(lines, region, before)


def _regridded(lines: Sequence[Line], region: Sequence[Line], before: _Draft) -> _Draft | None:
    """The lines as one table where its columns and its header stay those of the first part."""
    whole = _draft(lines, list(region))
    same = whole is not None and whole.columns == before.columns and len(whole.header) == len(before.header)
    return whole if same else None


def _table(lines: Sequence[Line], draft: _Draft, ordinal: int) -> Table:
    offset = 2 if draft.header else 0
    cells = [*_header_cells(draft.header), *_body_cells(draft.rows, offset)]
    region = draft.region
    return Table(
        ordinal=ordinal,
        start=min(span.start for cell in cells for span in cell.spans),
        end=max(span.end for cell in cells for span in cell.spans),
        rows=offset + len(draft.rows),
        columns=draft.columns,
        cells=tuple(cells),
        caption=find_caption(lines, region[0].index),
        footnotes=tuple(find_footnotes(lines, region[-1].index + 1, _marks(region))),
    )


def _with_head(lines: Sequence[Line], region: list[Line], grid: Grid) -> list[Line]:
    """Undivided header words right above the first parted line, over a column of values."""
    first = region[0].index
    blanks = 0
    head = first
    while head > 0 and first - head < 8:
        line = lines[head - 1]
        if line.blank:
            blanks += 1
        elif line.many or line.page != region[0].page or not _is_head(line, grid):
            break
        if blanks > 1:
            break
        head -= 1
    while head < first and lines[head].blank:
        head += 1
    return [*lines[head:first], *region]


def _is_head(line: Line, grid: Grid) -> bool:
    segment = line.segments[0]
    inside = segment.left >= grid.gutters[0].left and not _TITLE.match(segment.text)
    return inside and segment.right - segment.left < 45 and grid.columns > 2


def _entries(region: Sequence[Line], grid: Grid) -> list[Entry]:
    entries, blank = [], False
    for line in region:
        if line.blank:
            blank = True
            continue
        entries.append(Entry(grid.place(line), blank))
        blank = False
    return entries


def _header_cells(entries: Sequence[Entry]) -> list[Cell]:
    """Spanning header cells in row 0, the stacked words of each column in row 1."""
    spanning = [p for entry in entries for p in entry.placed if p.last > p.first]
    plain = [p for entry in entries for p in entry.placed if p.last == p.first]
    cells = [
        Cell(0, first, _spans(group), column_span=last - first + 1, header=True)
        for (first, last), group in _grouped(spanning)
    ]
    cells += [Cell(1, first, _spans(group), header=True) for (first, _), group in _grouped(plain)]
    return cells


def _body_cells(rows: Sequence[Row], offset: int) -> list[Cell]:
    cells = []
    for position, row in enumerate(rows):
        placed = [p for entry in row.entries for p in entry.placed]
        for (first, last), group in _grouped(placed):
            span = last - first + 1
            cells.append(Cell(offset + position, first, _spans(group), column_span=span))
    return cells


def _grouped(placed: Sequence[Placed]) -> list[tuple[tuple[int, int], list[Placed]]]:
    ordered = sorted(placed, key=lambda p: (p.first, p.last, p.segment.start))
    return [(key, list(group)) for key, group in groupby(ordered, lambda p: (p.first, p.last))]


def _spans(placed: Sequence[Placed]) -> tuple[Span, ...]:
    return tuple(p.segment.span for p in placed)


def _marks(region: Sequence[Line]) -> frozenset[str]:
    found = set()
    for line in region:
        for segment in line.segments:
            for groups in _MARK.findall(segment.text):
                found.add("".join(groups).translate(_SUPERSCRIPTS))
    return frozenset(found)
