"""Reads dimensional tables: which cell sets which field of which district, under what conditions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from plotlot.domain.documents import Document, Table
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.scopes import is_whole_code
from plotlot.extraction.reader.table_columns import read_by_columns
from plotlot.extraction.reader.table_grid import TableGrid
from plotlot.extraction.reader.table_labels import Named, case_of, narrowed, read_label
from plotlot.extraction.reader.table_parking import is_parking, read_parking
from plotlot.extraction.reader.table_rows import read_by_rows, row_label
from plotlot.extraction.reader.table_scope import Scope, TableView, settled
from plotlot.extraction.reader.table_split import split_table
from plotlot.extraction.reader.table_titled import read_by_title, titled_field
from plotlot.extraction.reader.table_titles import Titles
from plotlot.extraction.reader.vocabulary import FOREIGN

_CLASSES = re.compile(
    r"\blots?\s+(?:class\w*|types?|designations?|categor\w+)|\bclass(?:es)?\s+of\s+lots?\b", re.IGNORECASE
)
_UNITS_ALONE = re.compile(r"\W*(?:in\s+)?(?:feet|ft)\W*", re.IGNORECASE)
_SHORT_CLASS = 6
_FEWEST_FIELDS = 2
_FEWEST_DISTRICTS = 2
_TITLE_REACH = 120
_QUICK = re.compile(
    r"yard|set\s?back|lot\b|height|coverage|density|area|spaces?\b|parking|acres?\b", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"dimension|lot\s+(?:area|size|requirement)|area\s+(?:and|,)|setback|yard|bulk|height|density|"
    r"development\s+standards|schedule\s+of",
    re.IGNORECASE,
)
_SPECIAL = re.compile(
    r"\b(?:mobile|manufactured)\s+(?:home|housing)\s+(?:parks?|communit)|\bcampgrounds?\b|"
    r"\brecreational\s+vehicle|\btelecommunication|\bwireless\b|\bsigns?\b|\bwind\s+energy|\bsolar\b|"
    r"\baccessory\s+(?:dwelling|building|structure|use)",
    re.IGNORECASE,
)
_DISTRICT = re.compile(r"\b(?:district|zone|principal|dimensional|main)s?\b", re.IGNORECASE)
_NOT_MAIN = re.compile(r"accessory|sign|fence", re.IGNORECASE)


def read_tables(document: Document, context: ReadingContext) -> list[Reading]:
    """Every reading of the document's tables, in the order of the tables."""
    readings: list[Reading] = []
    titles = Titles(document, context)
    for table in document.tables:
        if _QUICK.search(document.text, max(0, table.start - _TITLE_REACH), table.end):
            for part in split_table(document, table):
                readings.extend(read_table(document, part, context, titles))
    return readings


def read_table(document: Document, table: Table, context: ReadingContext, titles: Titles) -> list[Reading]:
    """The readings of one table; none where it speaks of something other than lots and houses."""
    if table.rows < 1 or table.columns < 2:
        return []
    grid = TableGrid(document, table)
    section = document.section_at(table.start)
    headings = [
        s.title for s in list(document.ancestors(section.ordinal))[:3] if not is_whole_code(document, s)
    ]
    if is_parking(grid, headings):
        return read_parking(grid, section.ordinal, context)
    # "Lakes District" and "Airport Zone" head districts, not rules for lakes and airports.
    title = grid.caption or grid.title
    if _heads_districts(grid, context):
        headings = []  # what a table says of several districts is no matter of the heading over it
    above = [words for words in (title, *headings) if not context.named(words)]
    if _is_foreign(above):
        return []
    return _read(TableView(grid, context, section.ordinal, titles))


def _heads_districts(grid: TableGrid, context: ReadingContext) -> bool:
    """Whether several columns, or several rows, are headed by districts."""
    columns = range(grid.label_columns, grid.table.columns)
    heads = {context.named(grid.header(column)) for column in columns}
    labels = {context.named(grid.label(row).text) for row in grid.body_rows}
    return max(len(heads - {()}), len(labels - {()})) >= _FEWEST_DISTRICTS


def _is_foreign(above: Sequence[str]) -> bool:
    """Whether the words above a table, nearest first, speak of signs, sheds and the like."""
    if any(_SPECIAL.search(words) and not _DISTRICT.search(words) for words in above):
        return True
    for words in above[:2]:
        if _SUBJECT.search(words) and not _NOT_MAIN.search(words):
            return False
        if FOREIGN.search(words):
            return True
    return False


def _read(view: TableView) -> list[Reading]:
    """The readings by rows or by columns, whichever axis names more fields."""
    columns = settled(_told_apart(view, {c: _head(view, c) for c in view.value_columns}))
    labels = [read_label(row_label(view, row).text, bare=True) for row in view.grid.body_rows]
    row_fields = {name for label in labels for name in label.fields}
    columns = {place: _lined(scope, bool(row_fields)) for place, scope in columns.items()}
    column_fields = {name for scope in columns.values() for name in scope.named.fields}
    valued = [label for row, label in zip(view.grid.body_rows, labels, strict=True) if view.has_values(row)]
    titled = not column_fields and not any(label.fields for label in valued)
    named = titled_field(view) if titled else None
    if named is not None:
        return list(read_by_title(view, columns, named))
    has_districts = any(scope.districts for scope in columns.values())
    if len(column_fields | row_fields) < _FEWEST_FIELDS and not has_districts:
        return []
    if len(column_fields) > len(row_fields):
        return list(read_by_columns(view, columns))
    return list(read_by_rows(view, columns))


def _head(view: TableView, column: int) -> Scope:
    """What heads a column; under "Lot class", a letter is a class and no district."""
    header = view.grid.header(column)
    corner = view.grid.header(0)
    if _CLASSES.search(corner) and len(header) <= _SHORT_CLASS:
        return Scope(conditions={"case": case_of(f"{corner} {header}")})
    scope = view.scope(header, bare=True)
    last = view.grid.last_header(column)
    named = narrowed(scope.named, read_label(last, bare=True)) if last != header else scope.named
    if _UNITS_ALONE.fullmatch(header) and column > 0:
        named = _beside_stories(view, column) or named
    return replace(scope, named=named)


def _told_apart(view: TableView, columns: Mapping[int, Scope]) -> dict[int, Scope]:
    """The columns of one district, or of one measure, under what tells them apart: ``R-3 | 1 BR``, ``Riparian lots | Area``."""
    counts = Counter((scope.districts, scope.named.fields) for scope in columns.values() if _speaks(scope))
    found = {}
    for column, scope in columns.items():
        case = _case_apart(view, column, scope)
        if counts[scope.districts, scope.named.fields] > 1 and _speaks(scope) and case:
            scope = replace(scope, conditions={"case": case})
        found[column] = scope
    return found


def _speaks(scope: Scope) -> bool:
    """Whether a header names a district or one measure, and no condition."""
    one = bool(scope.districts) != (len(scope.named.fields) == 1)
    return one and not (scope.conditions or scope.skip or scope.line or scope.parts)


def _case_apart(view: TableView, column: int, scope: Scope) -> str:
    """The words of a header besides its district or its measure, where two rows make it up."""
    last, header = view.grid.last_header(column), view.grid.header(column)
    above = header.removesuffix(last).strip()
    if scope.districts:
        return case_of(last) if re.search(r"[A-Za-z]{2}", last) and not view.districts(last) else ""
    is_measure = read_label(last, bare=True).fields == scope.named.fields
    return case_of(above) if above and is_measure and not read_label(above, bare=True).fields else ""


def _beside_stories(view: TableView, column: int) -> Named | None:
    """A column that is headed ``Feet`` beside one of stories holds the same heights."""
    beside = read_label(view.grid.header(column - 1), bare=True)
    return Named(("max_height",), ("ft",)) if "max_stories" in beside.fields else None


def _lined(scope: Scope, rows_name_fields: bool) -> Scope:
    """Columns "to street", "to other lot line" are fields only where no row names one."""
    if not scope.line:
        return scope
    if rows_name_fields:
        return replace(scope, named=replace(scope.named, fields=()))
    return replace(scope, line="")
