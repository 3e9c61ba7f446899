"""Tables whose title names the field: "Minimum lot width (feet)" over districts and uses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from plotlot.extraction.reader.readings import Reading
from plotlot.extraction.reader.table_labels import Named, case_of, read_label
from plotlot.extraction.reader.table_rows import BASE_LABEL
from plotlot.extraction.reader.table_scope import Scope, TableView
from plotlot.extraction.reader.vocabulary import uses_named

_FEWEST_DISTRICTS = 2
_LONGEST = 90
_MARK = re.compile(r"\s*\[\^?\w{1,3}\]\s*$")


def titled_field(view: TableView) -> Named | None:
    """What the caption, or else the line above a table, names: one field and nothing else."""
    document, start = view.grid.document, view.grid.table.start
    above = document.text[max(0, start - 300) : start].rstrip().rsplit("\n", 1)[-1].strip()
    for title in (view.grid.caption, above):
        words = _MARK.sub("", title)
        if 0 < len(words) <= _LONGEST and words[0].isupper():
            named = read_label(words, bare=True)
            if len(named.fields) == 1 and not (named.foreign or named.other or named.conditions):
                return named
    return None


def read_by_title(view: TableView, columns: Mapping[int, Scope], named: Named) -> Iterator[Reading]:
    """The readings of a table of one field: districts on one side, uses or other cases on the other."""
    heads = {column: scope for column, scope in columns.items() if scope.districts}
    labels = {row: view.scope(view.grid.label(row).text, bare=False) for row in view.grid.body_rows}
    rows = {row: scope for row, scope in labels.items() if scope.districts}
    if len(heads) >= _FEWEST_DISTRICTS:
        for row, scope in labels.items():
            case = Scope(named, conditions=_case(view.grid.label(row).text, scope))
            for column in heads:
                yield from _cell(view, row, column, case, replace(heads[column], named=Named()))
    elif len(rows) >= _FEWEST_DISTRICTS:
        for row, scope in rows.items():
            for column in view.value_columns:
                case = Scope(conditions=_case(view.grid.header(column), columns[column]))
                yield from _cell(view, row, column, replace(scope, named=named), case)


def _cell(view: TableView, row: int, column: int, governed: Scope, beside: Scope) -> Iterator[Reading]:
    cell = view.grid.cells.get((row, column))
    if cell is not None and cell.column_span <= 2:
        yield from view.readings(row, cell, governed, beside)


def _case(words: str, scope: Scope) -> Mapping[str, str]:
    """What a row or column without a district is for; a list of uses that holds houses is for houses."""
    if not words or BASE_LABEL.match(words):
        return {}
    if "one_family" in uses_named(words):
        return {"use": "one_family"}
    return scope.conditions or {"case": case_of(words)}
