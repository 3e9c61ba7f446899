"""What a header or a row label contributes to the cells it governs, and a cell's readings."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plotlot.domain.districts import split_codes
from plotlot.domain.documents import Cell, Span
from plotlot.domain.standards import Status
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.table_grid import ONLY_MARK, TableGrid
from plotlot.extraction.reader.table_labels import (
    Named,
    fields_to_line,
    read_label,
    read_lot_line,
)
from plotlot.extraction.reader.table_notes import notes_of, notes_on, read_note
from plotlot.extraction.reader.table_titles import Titles
from plotlot.extraction.reader.table_values import GLUED_MARK, cell_values
from plotlot.extraction.reader.vocabulary import NOT_APPLICABLE, field_limit, limit_named

_NOTED = 0.86
_OF_NAMES = frozenset({"use", "lot", "development"})
_SETBACKS = re.compile(r"set\s?-?back|yard", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w-])[A-Z]{1,4}-?\d{1,3}[A-Z]{0,2}(?:-\d{1,3})?(?![\w-])")
_CODED = re.compile(r"[A-Z]\w*-?\d|-[A-Z]")
_LOT_COVERAGE = re.compile(r"\b(?:lot|total|site)\s+coverage\b", re.IGNORECASE)
_BUILDING_COVERAGE = re.compile(
    r"\b(?:building|structure|footprint)s?(?:\s+\w+)?\s+coverage\b|\bcoverage\s+(?:by|of)\s+(?:\w+\s+)?(?:building|structure)s?\b",
    re.IGNORECASE,
)
_ALL_DISTRICTS = re.compile(
    r"\b(?:for|in|of)\s+(?:all|every)\s+(?:zoning\s+)?districts?\b(?!\s+except)", re.IGNORECASE
)
_TITLE_REACH = 200
_PARTS = re.compile(r"\b1\s?F(?:am\.?|amily)?\s*/\s*2\s?F(?:am\.?|amily)?\b", re.IGNORECASE)
_NONRESIDENTIAL = re.compile(
    r"^\W*(?:commercial|industrial|business|office|non-?\s?residential|other)"
    r"(?:\s+(?:uses?|buildings?|permitted|non-?\s?residential))*\W*$|"
    r"\b(?:all|any)\s+other\b|\bother\s+(?:permitted\s+)?uses\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """``parts`` are cases written into a header ("1F/2F"), ``line`` the lot line a column is
    measured to, ``base`` marks the plain case of several."""

    named: Named = field(default_factory=Named)
    districts: tuple[str, ...] = ()
    conditions: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    skip: bool = False
    line: str = ""
    base: bool = False


class TableView:
    """A table's grid with the districts and sections around it."""

    def __init__(self, grid: TableGrid, context: ReadingContext, section: int, titles: Titles) -> None:
        self.grid = grid
        self.context = context
        self.section = section
        self.notes = notes_of(grid.document, grid.table)
        self.value_columns = range(grid.label_columns, grid.table.columns)
        headers = " ".join(grid.header(column) for column in range(grid.table.columns))
        self.speaks_of_setbacks = bool(_SETBACKS.search(f"{grid.caption} {headers}"))
        labels = " | ".join(grid.label(row).text for row in grid.body_rows)
        self._parts_coverage = bool(
            _LOT_COVERAGE.search(f"{labels} | {headers}")
            and _BUILDING_COVERAGE.search(f"{labels} | {headers}")
        )
        start = grid.table.start
        caption = context.named(grid.caption) if grid.caption else ()
        above = grid.document.text[max(0, start - _TITLE_REACH) : start].rstrip().rsplit("\n", 1)[-1]
        self.for_all = not caption and _ALL_DISTRICTS.search(f"{grid.caption}\n{above}") is not None
        placed = caption or context.scope(start) or titles.above(start)
        self.place_districts = () if self.for_all else placed

    def scope(self, text: str, *, bare: bool) -> Scope:
        """What a header or label names; ``bare`` lets single words name fields."""
        named = read_label(text, bare=bare)
        line = read_lot_line(text) if bare and self.speaks_of_setbacks else None
        named = line or named
        districts = self.districts(text)
        parts = ("one_family", "two_family") if _PARTS.search(text) else ()
        conditions = dict(named.conditions)
        if parts:
            conditions.pop("use", None)
        if _NONRESIDENTIAL.search(text) and not named.fields and not districts:
            conditions["use"] = "nonresidential"
        return Scope(named, districts, conditions, parts, named.foreign, line.text if line else "")

    def has_values(self, row: int) -> bool:
        """Whether a row holds more than its label and marks of notes."""
        texts = [self.grid.text(row, column) for column in self.value_columns]
        return any(text and not ONLY_MARK.fullmatch(text) for text in texts)

    def districts(self, text: str) -> tuple[str, ...]:
        """The districts that a header names; a plain list of codes names them by itself."""
        named = self.context.named(text) if text else ()
        if named or not _CODED.search(text):
            return named
        words = re.sub(r"[\W_]+$", "", _PARTS.sub("", text))
        codes = split_codes(words) or tuple(_TOKEN.findall(words))
        return codes if codes and len(" ".join(codes)) >= 0.5 * len(words) else ()

    def readings(self, row: int, cell: Cell, governed: Scope, column: Scope) -> Iterator[Reading]:
        """The readings of a cell under its row's and its column's scope."""
        fields = self._fields_under(governed.named.fields, cell.column)
        if column.line:
            fields = fields_to_line(fields, column.line)
        if not fields:
            return
        text = self.grid.text(cell.row, cell.column)
        if NOT_APPLICABLE.fullmatch(text):
            yield from self._not_applicable(row, cell, fields, governed, column)
        units = governed.named.units or column.named.units
        for value in cell_values(text, fields, units, column.parts or governed.parts):
            yield Reading(
                field=value.field,
                value=value.value,
                span=self._unmarked(self.grid.quote(row, cell)),
                source="table",
                quoted_value=value.quoted_value,
                quoted_unit=value.quoted_unit,
                conditions={
                    **column.conditions,
                    **governed.conditions,
                    **self._part_covered(value.field, governed.named, column.named),
                    **value.conditions,
                },
                districts=governed.districts or column.districts or self.place_districts,
                general=self.for_all,
                section=self.section,
                confidence=value.confidence,
                note=value.note,
            )
        if self.notes:
            yield from self._noted(row, cell, fields, governed, column)

    def _not_applicable(
        self, row: int, cell: Cell, fields: Sequence[str], governed: Scope, column: Scope
    ) -> Iterator[Reading]:
        """What a code says that it does not set, which is not the same as saying nothing."""
        for name in fields:
            yield Reading(
                field=name,
                value=None,
                span=self.grid.quote(row, cell),
                source="table",
                quoted_value=self.grid.text(cell.row, cell.column),
                conditions={**column.conditions, **governed.conditions},
                districts=governed.districts or column.districts or self.place_districts,
                status=Status.NOT_STATED,
                section=self.section,
                note="the code says that this does not apply",
            )

    def _noted(
        self, row: int, cell: Cell, fields: Sequence[str], governed: Scope, column: Scope
    ) -> Iterator[Reading]:
        """What the notes that are marked on a cell, its label or its header set for it."""
        document = self.grid.document
        label, header = self.grid.label_cells(row), self.grid.header_cells(cell.column)
        fielded = label if governed.named.text else header
        own = notes_on(document, [cell, *fielded], self.notes)
        for note in notes_on(document, [cell, *label, *header], self.notes):
            for value in read_note(document, note, fields, implied=note in own):
                yield Reading(
                    field=value.field,
                    value=value.value,
                    span=value.span,
                    source="table",
                    quoted_value=value.quoted_value,
                    quoted_unit=value.quoted_unit,
                    conditions={**column.conditions, **governed.conditions, **value.conditions},
                    districts=governed.districts or column.districts or self.place_districts,
                    section=self.section,
                    confidence=_NOTED,
                )

    def _unmarked(self, quote: Span) -> Span:
        """The quote without the mark of a note that print sets against its number: "80,0001"."""
        glued = GLUED_MARK.search(self.grid.document.slice(quote))
        return Span(quote.start, quote.end - len(glued[2])) if glued else quote

    def _part_covered(self, field: str, *labels: Named) -> Mapping[str, str]:
        """Beside a lot coverage, a building coverage limits only a part of it."""
        by_buildings = any(_BUILDING_COVERAGE.search(label.text) for label in labels)
        if field == "max_lot_coverage" and self._parts_coverage and by_buildings:
            return {"part": "buildings"}
        return {}

    def _fields_under(self, fields: Sequence[str], column: int) -> tuple[str, ...]:
        """The fields that a column headed "Minimum" or "Maximum" can hold."""
        limit = limit_named(self.grid.header(column))
        if not limit or len(self.value_columns) < 2:
            return tuple(fields)
        return tuple(name for name in fields if field_limit(name) == limit)


def settled(scopes: Mapping[int, Scope]) -> dict[int, Scope]:
    """The scopes of an axis, each read beside the others.

    "Forest/Residential" beside "Forest" and "Residential" is a district of its own name, and
    "R-2 Two-family" sets a use only where R-2 has other rows.
    """
    alone = {scope.districts[0] for scope in scopes.values() if len(scope.districts) == 1}
    counts = Counter(scope.districts for scope in scopes.values())
    result = {}
    for place, scope in scopes.items():
        if len(scope.districts) > 1 and any(code in alone for code in scope.districts):
            scope = replace(scope, skip=True)
        elif scope.districts and counts[scope.districts] == 1 and not scope.parts:
            kept = {k: v for k, v in scope.conditions.items() if k not in _OF_NAMES}
            scope = replace(scope, conditions=kept)
        result[place] = scope
    return result
