"""Tables whose column headers name fields: rows are districts, uses, or cases of one district."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from plotlot.domain.districts import CODE
from plotlot.extraction.reader.readings import Reading
from plotlot.extraction.reader.table_labels import case_of
from plotlot.extraction.reader.table_rows import BASE_LABEL, row_label
from plotlot.extraction.reader.table_scope import Scope, TableView, settled
from plotlot.extraction.reader.vocabulary import tract_named

_CODE = re.compile(CODE)
_TOTAL = re.compile(r"\W*(?:sub-?\s?|grand\s+)?totals?\W*", re.IGNORECASE)
_STORIES = re.compile(r"\W*(\d(?:[ -]?1/2)?)(?:\s*-?\s*stor\w+)?\W*")


def read_by_columns(view: TableView, columns: Mapping[int, Scope]) -> Iterator[Reading]:
    """The readings of a table whose columns name fields, in row order."""
    usable = {c: s for c, s in columns.items() if s.named.fields and not s.skip and not s.named.other}
    for row, governed in _governing(view).items():
        for column, scope in usable.items():
            cell = view.grid.cells.get((row, column))
            if cell is not None:
                yield from view.readings(row, cell, _with_field(governed, scope), Scope())


def _governing(view: TableView) -> dict[int, Scope]:
    """For each row that can be read, its districts and conditions."""
    rows = settled({row: _row_scope(view, row) for row in view.grid.body_rows})
    rows = _under_groups(view, rows)
    if not any(scope.districts for scope in rows.values()):
        return _kept({row: _as_case(view, row, scope) for row, scope in rows.items()})
    if _is_centred(view, rows):
        return _kept(_by_blocks(view, rows))
    current = Scope()
    found: dict[int, Scope | None] = {}
    for row, scope in rows.items():
        current = scope if scope.districts else current
        found[row] = _under(view, row, scope, current.districts)
    return _kept(found)


def _under_groups(view: TableView, rows: Mapping[int, Scope]) -> dict[int, Scope]:
    """Rows with the conditions of the label that heads them: "Well and septic tank" over three uses.

    Between two rows of districts, "Residential use" says what the row above it is for.
    """
    group: Mapping[str, str] = {}
    found: dict[int, Scope] = {}
    above: int | None = None
    for row, scope in rows.items():
        if view.has_values(row):
            found[row] = replace(scope, conditions={**group, **scope.conditions})
            above = row
            continue
        below = rows.get(row + 1)
        trails = above == row - 1 and found[above].districts and below is not None and below.districts
        if trails and above is not None and not scope.districts:
            found[above] = replace(found[above], conditions={**found[above].conditions, **scope.conditions})
        else:
            group = {} if scope.districts else scope.conditions
        found[row] = replace(scope, conditions={**group, **scope.conditions})
    return found


def _kept(scopes: Mapping[int, Scope | None]) -> dict[int, Scope]:
    return {row: scope for row, scope in scopes.items() if scope is not None and not scope.skip}


def _row_scope(view: TableView, row: int) -> Scope:
    label = row_label(view, row).text
    scope = view.scope(label, bare=False)
    stories = _STORIES.fullmatch(label)
    if stories and "stories" in view.grid.header(0).lower():
        first = row == view.grid.body_rows.start
        conditions = {} if first else {"stories": stories[1]}
        return replace(scope, conditions=conditions, skip=False, base=first)
    return scope


def _as_case(view: TableView, row: int, scope: Scope) -> Scope | None:
    """A row of a table for one district: a use, a case, or the district itself."""
    label = row_label(view, row).text
    tract = tract_named(label, view.grid.header(0))
    if tract:
        return replace(scope, conditions={**scope.conditions, "tract": tract})
    if _TOTAL.fullmatch(label):
        return None
    if scope.conditions or scope.base or not label or BASE_LABEL.match(label):
        return scope
    if scope.named.fields or scope.named.other:
        return scope
    if _CODE.fullmatch(label) or not re.search(r"[A-Za-z]{2}", label):
        return None
    return replace(scope, conditions={"case": case_of(label)})


def _under(view: TableView, row: int, scope: Scope, districts: tuple[str, ...]) -> Scope | None:
    """A row that names a district, or a case of the district named above it."""
    if not districts:
        return None
    beside = _beside_district(view, row)
    if scope.districts:
        if not beside or BASE_LABEL.match(beside):
            return scope
        conditions = view.scope(beside, bare=False).conditions or {"case": case_of(beside)}
        return replace(scope, conditions={**scope.conditions, **conditions})
    if scope.conditions:
        return replace(scope, districts=districts)
    case = {} if BASE_LABEL.match(beside) else {"case": case_of(beside) or f"row_{row}"}
    return replace(scope, districts=districts, conditions=case) if beside or not _label(view, row) else None


def _label(view: TableView, row: int) -> str:
    return view.grid.label(row).text


def _beside_district(view: TableView, row: int) -> str:
    """The words of the label columns after the first, which holds the districts."""
    columns = range(1, view.grid.label_columns)
    return " ".join(filter(None, (view.grid.label(row, column).text for column in columns)))


def _is_centred(view: TableView, rows: Mapping[int, Scope]) -> bool:
    """Whether district labels stand midway down their rows, as in merged cells."""
    valued = [row for row in rows if any((row, c) in view.grid.cells for c in view.value_columns)]
    return bool(valued) and not rows[valued[0]].districts and view.grid.label_columns > 1


def _by_blocks(view: TableView, rows: Mapping[int, Scope]) -> dict[int, Scope | None]:
    """Blocks of rows begin where the first row's use comes again; each has one district."""
    first = _beside_district(view, min(rows))
    blocks: list[list[int]] = []
    for row in rows:
        if not blocks or (first and _beside_district(view, row) == first):
            blocks.append([])
        blocks[-1].append(row)
    found: dict[int, Scope | None] = {}
    for block in blocks:
        named = {rows[row].districts for row in block if rows[row].districts}
        districts = next(iter(named)) if len(named) == 1 else ()
        for row in block:
            found[row] = _under(view, row, rows[row], districts)
    return found


def _with_field(governed: Scope, column: Scope) -> Scope:
    """A row's districts and conditions with the field of a column."""
    return replace(
        governed,
        named=replace(column.named, conditions={}),
        conditions={**governed.conditions, **column.conditions},
        parts=column.parts,
    )
