"""Reads dimensional tables: which cell sets which field of which district, under what conditions."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plotlot.domain.districts import CODE, split_codes
from plotlot.domain.documents import Cell, Document, Table
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.table_grid import Label, TableGrid
from plotlot.extraction.reader.table_labels import (
    Named,
    case_of,
    fields_to_line,
    is_plain_part,
    read_label,
    read_lot_line,
    sub_field,
)
from plotlot.extraction.reader.table_parking import is_parking, read_parking
from plotlot.extraction.reader.table_split import split_table
from plotlot.extraction.reader.table_values import cell_values
from plotlot.extraction.reader.vocabulary import FOREIGN, field_limit, limit_named

_FEWEST_FIELDS = 2
_OF_NAMES = frozenset({"use", "lot", "development"})
_SETBACKS = re.compile(r"set\s?-?back|yard", re.IGNORECASE)
_QUICK = re.compile(
    r"yard|set\s?back|lot\b|height|coverage|density|area|spaces|parking|acres?\b", re.IGNORECASE
)
_CODE = re.compile(CODE)
_TOKEN = re.compile(r"(?<![\w-])[A-Z]{1,4}-?\d{1,3}[A-Z]{0,2}(?:-\d{1,3})?(?![\w-])")
_PARTS = re.compile(r"\b1\s?F(?:am\.?|amily)?\s*/\s*2\s?F(?:am\.?|amily)?\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"dimension|lot\s+(?:area|size|requirement)|area\s+(?:and|,)|setback|yard|bulk|height|density|"
    r"development\s+standards|schedule\s+of",
    re.IGNORECASE,
)
_SPECIAL = re.compile(
    r"\b(?:mobile|manufactured)\s+(?:home|housing)\s+(?:parks?|communit)|\bcampgrounds?\b|\brecreational\s+vehicle|"
    r"\btelecommunication|\bwireless\b|\bsigns?\b|\bwind\s+energy|\bsolar\b|\baccessory\s+(?:dwelling|building|structure|use)",
    re.IGNORECASE,
)
_DISTRICT = re.compile(r"\b(?:district|zone|principal|dimensional|main)s?\b", re.IGNORECASE)
_NOTES_COLUMN = re.compile(r"\b(?:reference|section|notes?|see|remarks|comments)\b", re.IGNORECASE)
_BASE_LABELS = re.compile(
    r"^\W*(?:residential(?:\s+uses?)?|(?:all\s+)?(?:permitted\s+|principal\s+)?uses?|minimum|required|"
    r"requirements?|standards?|principal(?:\s+(?:buildings?|structures?|uses?))?|all(?:\s+lots)?|base|general|district|"
    r"dimensions?|maximum|main\s+buildings?|dimensional\s+\w+)\W*$",
    re.IGNORECASE,
)
_NONRESIDENTIAL = re.compile(
    r"^\W*(?:commercial|industrial|business|office|non-?\s?residential|other)(?:\s+(?:uses?|buildings?))?\W*$|"
    r"\b(?:all|any)\s+other\b|\bother\s+(?:permitted\s+)?uses\b",
    re.IGNORECASE,
)
_SUB_ROW = re.compile(
    r"^\W*(?:[a-z]|(?i:each|total|one|both|corner|interior|with|w/|per|along|from|single|two|multi|"
    r"abutting|adjacent|adjoining|all\s+other|other|lots?\s+(?:with|served)|if|when|\d\s*-?\s*(?:stor|famil|unit|bed)|\d\s*-))"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a header or label contributes to the cells it governs."""

    named: Named = field(default_factory=Named)
    districts: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    skip: bool = False
    line: str = ""
    base: bool = False


def read_tables(document: Document, context: ReadingContext) -> list[Reading]:
    """Every reading of the document's tables, in the order of the tables."""
    readings: list[Reading] = []
    for table in document.tables:
        if not _QUICK.search(_text_of(document, table)):
            continue
        for part in split_table(document, table):
            readings.extend(read_table(document, part, context))
    return readings


def read_table(document: Document, table: Table, context: ReadingContext) -> list[Reading]:
    """The readings of one table; none where it speaks of something other than lots and houses."""
    if table.rows < 1 or table.columns < 2:
        return []
    grid = TableGrid(document, table)
    section = document.section_at(table.start)
    headings = [s.title for s in list(document.ancestors(section.ordinal))[:3]]
    if is_parking(grid, headings):
        return read_parking(grid, section.ordinal, context)
    if _is_foreign(grid.caption, headings):
        return []
    reader = _TableReader(grid, context, section.ordinal)
    return reader.read()


def _text_of(document: Document, table: Table) -> str:
    return document.text[table.start : table.end]


def _is_foreign(caption: str, headings: Sequence[str]) -> bool:
    """Whether the words above a table speak of signs, sheds and the like."""
    if any(_SPECIAL.search(words) and not _DISTRICT.search(words) for words in [caption, *headings]):
        return True
    for words in [caption, *headings[:1]]:
        if _SUBJECT.search(words) and not re.search(r"accessory|sign|fence", words, re.IGNORECASE):
            return False
        if FOREIGN.search(words):
            return True
    return False


class _TableReader:
    """Reads one table by its rows, with what its columns name."""

    def __init__(self, grid: TableGrid, context: ReadingContext, section: int) -> None:
        self.grid = grid
        self.context = context
        self.section = section
        self.value_columns = range(grid.label_columns, grid.table.columns)
        headers = " ".join(grid.header(c) for c in range(grid.table.columns))
        self.speaks_of_setbacks = bool(_SETBACKS.search(f"{grid.caption} {headers}"))
        self.caption_districts = context.named(grid.caption) if grid.caption else ()

    def read(self) -> list[Reading]:
        """The readings in row order."""
        columns = _settled({c: self._column(c) for c in self.value_columns})
        self._name_lines(columns)
        column_fields = {f for scope in columns.values() for f in scope.named.fields}
        row_fields = {f for row in self.grid.body_rows for f in self._row_named(row).fields}
        districts = any(scope.districts for scope in columns.values())
        if len(column_fields | row_fields) < _FEWEST_FIELDS and not districts:
            return []
        if len(column_fields) > len(row_fields) or (column_fields and not row_fields):
            return list(self._by_columns(columns))
        return list(self._by_rows(columns))

    def _name_lines(self, columns: dict[int, Scope]) -> None:
        """Columns "to street", "to other lot line" are fields only where no row names one."""
        named = {f for row in self.grid.body_rows for f in self._row_named(row).fields}
        for place, scope in columns.items():
            if scope.line and named:
                columns[place] = replace(scope, named=replace(scope.named, fields=()))
            elif scope.line:
                columns[place] = replace(scope, line="")

    def _column(self, column: int) -> Scope:
        header = self.grid.header(column)
        return self._scope(header, bare=True)

    def _scope(self, text: str, *, bare: bool) -> Scope:
        named = read_label(text, bare=bare)
        line = read_lot_line(text) if bare and self.speaks_of_setbacks else None
        if line is not None:
            named = line
        districts = self._districts(text)
        parts = ("one_family", "two_family") if _PARTS.search(text) else ()
        conditions = dict(named.conditions)
        if parts:
            conditions.pop("use", None)
        if _NONRESIDENTIAL.search(text) and not named.fields and not districts:
            conditions["use"] = "nonresidential"
        return Scope(named, districts, conditions, parts, named.foreign, line.text if line else "")

    def _districts(self, text: str) -> tuple[str, ...]:
        """The districts that a header names; a plain list of codes names them by itself."""
        if not text:
            return ()
        named = self.context.named(text)
        if named or not re.search(r"[A-Z]\w*-?\d|-[A-Z]", text):
            return named
        words = re.sub(r"[\W_]+$", "", _PARTS.sub("", text))
        codes = split_codes(words) or tuple(_TOKEN.findall(words))
        return codes if codes and len(" ".join(codes)) >= 0.5 * len(words) else ()

    def _row_named(self, row: int) -> Named:
        label = self.grid.label(row)
        return read_label(label.text, bare=True)

    # Fields in rows: the columns are districts, uses, conditions, or one column of values.

    def _by_rows(self, columns: Mapping[int, Scope]) -> Iterator[Reading]:
        any_district = any(scope.districts for scope in columns.values())
        usable = {
            column: scope
            for column, scope in columns.items()
            if not scope.skip
            and not _NOTES_COLUMN.search(self.grid.header(column))
            and (scope.districts or not any_district)
        }
        track = _RowTrack()
        for row in self.grid.body_rows:
            cells = [
                (column, cell)
                for column in self.value_columns
                if (cell := self.grid.cells.get((row, column))) is not None
            ]
            label = self._row_label(row)
            governed = track.follow(label, bool(cells))
            if governed is None:
                continue
            for column, cell in cells:
                scope = self._scope_of_cell(usable, column, cell, any_district)
                if scope is not None:
                    yield from self._cell_readings(row, cell, governed, scope)

    def _scope_of_cell(
        self, usable: Mapping[int, Scope], column: int, cell: Cell, any_district: bool
    ) -> Scope | None:
        """The column's scope; a cell that spans columns speaks for the districts of all."""
        if column not in usable:
            return None
        scope = usable[column]
        if cell.column_span > 1 and any_district:
            covered = range(column, column + cell.column_span)
            districts = [d for c in covered if c in usable for d in usable[c].districts]
            return replace(scope, districts=tuple(dict.fromkeys(districts)))
        if not any_district and not scope.conditions and not scope.line and len(usable) > 1:
            return self._scope_among_cases(usable, column)
        return scope

    def _scope_among_cases(self, usable: Mapping[int, Scope], column: int) -> Scope | None:
        """Columns that differ in something other than the district: the plain one is the base."""
        header = self.grid.header(column)
        if not header:
            return usable[column] if column == min(usable) else None
        if _BASE_LABELS.match(header) or usable[column].named.fields:
            return usable[column]
        if _CODE.fullmatch(header):
            return None
        return replace(usable[column], conditions={"case": case_of(header)})

    def _row_label(self, row: int) -> Label:
        label = self.grid.label(row)
        more = [self.grid.label(row, column).text for column in range(1, self.grid.label_columns)]
        text = " ".join(filter(None, [label.text, *more]))
        return Label(text, label.indent, label.span)

    def _cell_readings(self, row: int, cell: Cell, governed: Scope, column: Scope) -> Iterator[Reading]:
        text = self.grid.text(cell.row, cell.column)
        units = governed.named.units or column.named.units
        conditions = {**column.conditions, **governed.conditions}
        fields = self._fields_under(governed.named.fields, cell.column)
        if column.line:
            fields = fields_to_line(fields, column.line)
        if not fields:
            return
        values = cell_values(text, fields, units, column.parts or governed.parts)
        for value in values:
            yield Reading(
                field=value.field,
                value=value.value,
                span=self.grid.quote(row, cell),
                source="table",
                quoted_value=value.quoted_value,
                quoted_unit=value.quoted_unit,
                conditions={**conditions, **value.conditions},
                districts=governed.districts or column.districts or self.caption_districts,
                section=self.section,
                confidence=value.confidence,
                note=value.note,
            )

    def _fields_under(self, fields: Sequence[str], column: int) -> tuple[str, ...]:
        """The fields that a column headed "Minimum" or "Maximum" can hold."""
        limit = limit_named(self.grid.header(column))
        if not limit or len(self.value_columns) < 2:
            return tuple(fields)
        return tuple(name for name in fields if field_limit(name) == limit)

    # Fields in columns: the rows are districts, uses or conditions.

    def _by_columns(self, columns: Mapping[int, Scope]) -> Iterator[Reading]:
        usable = {c: s for c, s in columns.items() if s.named.fields and not s.skip and not s.named.other}
        rows = _settled({row: self._row_scope(row) for row in self.grid.body_rows})
        any_district = any(scope.districts for scope in rows.values())
        current: Scope = Scope()
        for row, scope in rows.items():
            cells = [(c, self.grid.cells[row, c]) for c in usable if (row, c) in self.grid.cells]
            if scope.districts:
                current = scope
            governed = self._governed(row, scope, current, any_district)
            if governed is None:
                continue
            for column, cell in cells:
                yield from self._cell_readings(row, cell, _with_field(governed, usable[column]), Scope())

    def _row_scope(self, row: int) -> Scope:
        labels = [self.grid.label(row, c).text for c in range(self.grid.label_columns)]
        text = " ".join(filter(None, labels))
        scope = self._scope(text, bare=False)
        stories = re.fullmatch(r"\W*(\d(?:[ -]?1/2)?)(?:\s*-?\s*stor\w+)?\W*", text)
        if stories and "stories" in self.grid.header(0).lower():
            first = row == self.grid.body_rows.start
            case = {} if first else {"stories": stories[1]}
            return replace(scope, conditions={**scope.conditions, **case}, skip=False, base=first)
        return scope

    def _governed(self, row: int, scope: Scope, current: Scope, any_district: bool) -> Scope | None:
        if scope.skip:
            return None
        label = self._row_label(row).text
        if not any_district:
            if scope.conditions or scope.base or not label or _BASE_LABELS.match(label):
                return scope
            if scope.named.fields or scope.named.other:
                return scope
            if _CODE.fullmatch(label) or not re.search(r"[A-Za-z]{2}", label):
                return None
            return replace(scope, conditions={"case": case_of(label)})
        if scope.districts:
            return scope
        if not current.districts:
            return None
        if not label:
            return replace(current, conditions={**current.conditions, "case": f"row_{row}"})
        if scope.conditions:
            return replace(scope, districts=current.districts)
        return None


def _settled(scopes: Mapping[int, Scope]) -> dict[int, Scope]:
    """The scopes of an axis, each read beside the others.

    "Forest/Residential" beside "Forest" and "Residential" is a district of its own name, and
    "R-2 Two-family" sets a use only where R-2 has other rows.
    """
    alone = {scope.districts[0] for scope in scopes.values() if len(scope.districts) == 1}
    counts = Counter(scope.districts for scope in scopes.values())
    settled = {}
    for place, scope in scopes.items():
        if _is_compound(scope, alone):
            scope = replace(scope, skip=True)
        elif scope.districts and counts[scope.districts] == 1 and not scope.parts:
            kept = {k: v for k, v in scope.conditions.items() if k not in _OF_NAMES}
            scope = replace(scope, conditions=kept)
        settled[place] = scope
    return settled


def _is_compound(scope: Scope, alone: set[str]) -> bool:
    return len(scope.districts) > 1 and any(code in alone for code in scope.districts)


def _with_field(governed: Scope, column: Scope) -> Scope:
    """A row's districts and conditions with the field of a column."""
    named = replace(column.named, conditions={})
    return replace(
        governed, named=named, conditions={**governed.conditions, **column.conditions}, parts=column.parts
    )


class _RowTrack:
    """Follows the rows of a table whose labels name fields; a label may continue one above."""

    def __init__(self) -> None:
        self.group: tuple[Label, Named] | None = None
        self.parent: tuple[Label, Named] | None = None

    def follow(self, label: Label, has_values: bool) -> Scope | None:
        """What the row's label, in its place, says of its cells; None to pass them over."""
        named = read_label(label.text, bare=True)
        if not has_values:
            self._open_group(label, named)
            return None
        if self.group and self._left(label, self.group[0]):
            self.group = None
        if named.foreign or named.other or (self.group and self.group[1].foreign):
            self.parent = None
            return None
        if named.fields and not (self.parent and is_plain_part(label.text)):
            return self._own(label, named)
        if self.parent is None or not self._continues(label):
            self.parent = None
            return None
        return self._continued(label, named)

    def _open_group(self, label: Label, named: Named) -> None:
        """A label without values heads the rows below, or a case of the group it stands in."""
        group = self.group[1] if self.group else None
        if group and group.fields and named.conditions and not named.fields and self.parent:
            conditions = {**group.conditions, **named.conditions}
            self.parent = (self.parent[0], replace(group, conditions=conditions))
            return
        self.group = (label, named)
        self.parent = (label, named) if named.fields and not named.other else None

    def _left(self, label: Label, group: Label) -> bool:
        return label.indent < group.indent

    def _own(self, label: Label, named: Named) -> Scope:
        conditions = {**self._group_conditions(), **named.conditions}
        fields = named.fields
        group = self.group[1] if self.group else None
        if group and "side_setback" in group.fields and fields == ("side_setback",):
            fields = (sub_field("side_setback", label.text),)
        units = named.units or (group.units if group else ())
        self.parent = (label, replace(named, fields=fields, units=units))
        return Scope(replace(named, fields=fields, units=units), conditions=conditions)

    def _continues(self, label: Label) -> bool:
        parent = self.parent[0] if self.parent else None
        if parent is None:
            return False
        return bool(_SUB_ROW.match(label.text)) or label.indent > parent.indent + 1

    def _continued(self, label: Label, named: Named) -> Scope:
        assert self.parent is not None
        parent = self.parent[1]
        fields = tuple(sub_field(name, label.text) for name in parent.fields)
        conditions = {**self._group_conditions(), **parent.conditions, **named.conditions}
        conditions.pop("lot", None) if fields == ("street_side_setback",) else None
        if not named.conditions and not is_plain_part(label.text) and fields == parent.fields:
            conditions["case"] = case_of(label.text)
        units = named.units or parent.units
        return Scope(replace(named, fields=fields, units=units), conditions=conditions)

    def _group_conditions(self) -> Mapping[str, str]:
        return self.group[1].conditions if self.group else {}
