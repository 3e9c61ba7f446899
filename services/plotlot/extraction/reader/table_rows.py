"""Tables whose row labels name fields: columns are districts, uses, cases, or one of values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from plotlot.domain.districts import CODE
from plotlot.domain.documents import Cell
from plotlot.domain.quantities import find_quantities
from plotlot.domain.standards import FIELD_UNITS
from plotlot.extraction.reader.readings import Reading
from plotlot.extraction.reader.table_grid import Label, is_numeric
from plotlot.extraction.reader.table_labels import Named, case_of, is_plain_part, read_label, sub_field
from plotlot.extraction.reader.table_scope import Scope, TableView
from plotlot.extraction.reader.vocabulary import NOT_APPLICABLE

_CODE = re.compile(CODE)
_LONGEST_LABEL = 160
_FOR_USES = re.compile(r"\buses?\b", re.IGNORECASE)
_METRIC_COLUMN = re.compile(r"\W*(?:in\s+)?(?:met(?:er|re)s?|metric|m\.?)\W*", re.IGNORECASE)
_NOTES_COLUMN = re.compile(r"\b(?:reference|section|notes?|see|remarks|comments)\b", re.IGNORECASE)
BASE_LABEL = re.compile(
    r"^\W*(?:residential(?:\s+uses?)?|(?:all\s+)?(?:permitted\s+|principal\s+)?uses?|minimum|required|"
    r"requirements?|standards?|principal(?:\s+(?:buildings?|structures?|uses?))?|all(?:\s+lots)?|"
    r"base|general|district|dimensions?|maximum|main\s+buildings?|dimensional\s+\w+|(?:in\s+)?(?:feet|ft\.?|imperial))\W*$",
    re.IGNORECASE,
)
_OF_HEIGHT = re.compile(r"height|high|tall", re.IGNORECASE)
_ENUMERATED = re.compile(r"\W*\d{1,2}[.)]\s+[A-Za-z]")
_SUB_ROW = re.compile(
    r"^\W*(?:[a-z]|(?i:each|total|one|both|corner|interior|with|w/|per|along|from|single|two|multi|"
    r"abutting|adjacent|adjoining|all\s+other|other|(?:non-?\s?)?residential|lots?\s+(?:with|served)|if|when|"
    r"\d\s*-?\s*(?:stor|famil|unit|bed)|\d\s*-))"
)


def read_by_rows(view: TableView, columns: Mapping[int, Scope]) -> Iterator[Reading]:
    """The readings of a table whose rows name fields, in row order."""
    any_district = any(scope.districts for scope in columns.values())
    usable = {
        column: scope
        for column, scope in columns.items()
        if not scope.skip
        and not _is_for_notes(view.grid.header(column))
        and not (len(columns) > 1 and _METRIC_COLUMN.fullmatch(view.grid.header(column)))
        and (scope.districts or not any_district)
    }
    track = RowTrack()
    for row in view.grid.body_rows:
        places = [column for column in view.value_columns if (row, column) in view.grid.cells]
        governed = track.follow(row_label(view, row), bool(places))
        if governed is None:
            continue
        for column in places:
            cell = view.grid.cells[row, column]
            if cell.column_span > 1 and _holds_several(view.grid.text(row, column)):
                continue
            scope = _scope_of_cell(view, usable, cell, any_district)
            if scope is not None:
                yield from view.readings(row, cell, governed, scope)


def _is_for_notes(header: str) -> bool:
    """Whether a column refers to sections; "For uses in Section 7.3" heads one of values."""
    return _NOTES_COLUMN.search(header) is not None and _FOR_USES.search(header) is None


def _holds_several(text: str) -> bool:
    """Whether a cell over several columns is several cells that print too close together."""
    return len({quantity.value for quantity in find_quantities(text)}) > 1


def row_label(view: TableView, row: int) -> Label:
    """A row's label over all label columns; empty where every column holds values."""
    if view.grid.label_columns == 0:
        return Label("", 0, None)
    label = view.grid.label(row)
    more = [view.grid.label(row, column).text for column in range(1, view.grid.label_columns)]
    return Label(" ".join(filter(None, [label.text, *more])), label.indent, label.span)


def _scope_of_cell(
    view: TableView, usable: Mapping[int, Scope], cell: Cell, any_district: bool
) -> Scope | None:
    """The column's scope; a cell that spans columns speaks for the districts of all."""
    scope = usable.get(cell.column)
    if scope is None:
        return None
    if cell.column_span > 1 and any_district:
        covered = range(cell.column, cell.column + cell.column_span)
        districts = [d for c in covered if c in usable for d in usable[c].districts]
        return replace(scope, districts=tuple(dict.fromkeys(districts)))
    if not any_district and not scope.conditions and not scope.line and len(usable) > 1:
        return _scope_among_cases(view, usable, cell)
    return scope


def _scope_among_cases(view: TableView, usable: Mapping[int, Scope], cell: Cell) -> Scope | None:
    """Columns that differ in something other than the district: the plain one is the base.

    One without a header speaks where the others do not: "Lot coverage | n/a | 10% max".
    """
    column = cell.column
    header = view.grid.header(column)
    if not header:
        main = _main(view, usable)
        beside = [view.grid.text(cell.row, other) for other in usable if other != column]
        silent = NOT_APPLICABLE.fullmatch(view.grid.text(cell.row, main)) or not any(beside)
        return usable[column] if column == main or silent else None
    if BASE_LABEL.match(header) or usable[column].named.fields:
        return usable[column]
    if _CODE.fullmatch(header):
        return None
    return replace(usable[column], conditions={"case": case_of(header)})


def _is_value(text: str) -> bool:
    return is_numeric(text) and not _ENUMERATED.match(text)


def _main(view: TableView, usable: Mapping[int, Scope]) -> int:
    """The first column with many values; one with few holds what a long label left behind."""
    rows = view.grid.body_rows
    counts = {column: sum(_is_value(view.grid.text(row, column)) for row in rows) for column in usable}
    return min(column for column in usable if 2 * counts[column] >= max(counts.values()))


class RowTrack:
    """Follows the rows of a table whose labels name fields; a label may continue one above."""

    def __init__(self) -> None:
        self.group: tuple[Label, Named] | None = None
        self.parent: tuple[Label, Named] | None = None

    def follow(self, label: Label, has_values: bool) -> Scope | None:
        """What the row's label, in its place, says of its cells; None to pass them over."""
        if len(label.text) > _LONGEST_LABEL:
            self.parent = None
            return None
        named = read_label(label.text, bare=True)
        if not has_values:
            self._open_group(label, named)
            return None
        if self.group and label.indent < self.group[0].indent:
            self.group = None
        if named.foreign or named.other or (self.group and self.group[1].foreign):
            self.parent = None
            return None
        if named.fields and not (self.parent and is_plain_part(label.text)):
            return self._own(label, named)
        if self.parent is None or not self._continues(label):
            self.parent = None
            return None
        return self._continued(label, named, self.parent[1])

    def _open_group(self, label: Label, named: Named) -> None:
        """A label without values heads the rows below, or a case of the group it stands in."""
        if named.fields == ("max_height",) and not _OF_HEIGHT.search(label.text):
            named = replace(named, fields=())  # "Principal building" alone heads all that is asked of it
        group = self.group[1] if self.group else None
        if group and group.fields and named.conditions and not named.fields and self.parent:
            conditions = {**group.conditions, **named.conditions}
            self.parent = (self.parent[0], replace(group, conditions=conditions))
            return
        self.group = (label, named)
        self.parent = (label, named) if named.fields and not named.other else None

    def _own(self, label: Label, named: Named) -> Scope:
        conditions = {**self._group_conditions(), **named.conditions}
        fields = named.fields
        group = self.group[1] if self.group else None
        if group and "side_setback" in group.fields and fields == ("side_setback",):
            fields = (sub_field("side_setback", label.text),)
        units = named.units or (group.units if group and _measures_alike(group.fields, fields) else ())
        own = replace(named, fields=fields, units=units)
        self.parent = (label, own)
        return Scope(own, conditions=conditions)

    def _continues(self, label: Label) -> bool:
        parent = self.parent[0] if self.parent else None
        if parent is None:
            return False
        return bool(_SUB_ROW.match(label.text)) or label.indent > parent.indent + 1

    def _continued(self, label: Label, named: Named, parent: Named) -> Scope:
        fields = tuple(sub_field(name, label.text) for name in parent.fields)
        conditions = {**self._group_conditions(), **parent.conditions, **named.conditions}
        plain = is_plain_part(label.text) or BASE_LABEL.match(label.text)
        if not named.conditions and not plain and fields == parent.fields:
            conditions["case"] = case_of(label.text)
        units = named.units or parent.units
        return Scope(replace(named, fields=fields, units=units), conditions=conditions)

    def _group_conditions(self) -> Mapping[str, str]:
        return self.group[1].conditions if self.group else {}


def _measures_alike(over: Sequence[str], fields: Sequence[str]) -> bool:
    """Whether the unit of a label may be that of one below: not where it is that of a field without values."""
    return not over or bool({FIELD_UNITS[name] for name in over} & {FIELD_UNITS[name] for name in fields})
