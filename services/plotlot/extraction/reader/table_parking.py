"""Reads parking schedules: the spaces that each residential use needs for a dwelling unit."""

import re
from collections.abc import Iterator, Sequence

from plotlot.domain.documents import Cell
from plotlot.domain.quantities import find_quantities
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.table_grid import TableGrid
from plotlot.extraction.reader.vocabulary import FOREIGN, uses_named

_PARKING = re.compile(r"\bparking\b|\bspaces\b", re.IGNORECASE)
_OF_LOTS = re.compile(
    r"\b(?:yards?|set-?backs?|heights?|lot\s+(?:area|size|width|depth|coverage))\b", re.IGNORECASE
)
_REQUIRED = re.compile(r"spaces?\b|required|requirement|minimum|ratio|parking", re.IGNORECASE)
_NOT_SPACES = re.compile(
    r"\b(?:width|aisle|angle|stall|dimension|depth|loading|handicap|accessible|bicycle|ada)\b",
    re.IGNORECASE,
)
_PER_DWELLING = re.compile(
    r"(?:per|for\s+each|for\s+every|each|/|a)\s*(?:\w+\s+){0,2}"
    r"(?:dwelling|d\.?u\.?\b|unit|apartment|famil|residence|home)",
    re.IGNORECASE,
)
_OTHER_USE = re.compile(
    r"\b(?:rented|rooms?\b|retirement|elderly|senior|assisted|group|boarding|lodging|tourist|guest|"
    r"accessory|home\s+(?:occupation|business|office|based)|care|congregate|student|dormitor)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\W*(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)]\s+")
_BEDROOMS = re.compile(r"bedroom|efficiency|studio|\bbr\b", re.IGNORECASE)
_DWELLING = re.compile(
    r"^\W*(?:residential(?:\s+(?:uses?|dwellings?|structures?|units?|and\b[^;]*))?(?:\s*[-–—(,].*)?|dwellings?|dwelling\s+units?|residences?|households?(?:\s+uses?)?)\W*$",
    re.IGNORECASE,
)
_ONE_OR_TWO = re.compile(r"\b(?:one|single|1)\W{1,3}(?:or|and|&)\W{1,3}(?:two|2)\W{0,2}famil", re.IGNORECASE)
_RESIDENTIAL = {"one_family", "two_family", "multi_family", "townhouse", "three_family", "four_family"}


def is_parking(grid: TableGrid, headings: Sequence[str]) -> bool:
    """Whether a table lists parking spaces by use."""
    headers = " ".join(grid.header(column) for column in range(grid.table.columns))
    above = " ".join([grid.caption, *headings[:1]])
    if _NOT_SPACES.search(headers) or _OF_LOTS.search(headers):
        return False
    if re.search(r"spaces|parking", headers, re.IGNORECASE):
        return grid.table.columns <= 5
    return bool(_PARKING.search(above)) and not _NOT_SPACES.search(above)


def read_parking(grid: TableGrid, section: int, context: ReadingContext) -> list[Reading]:
    """One reading for each residential use whose row states spaces for a dwelling unit."""
    column = _spaces_column(grid)
    readings: list[Reading] = []
    for row in grid.body_rows:
        cell = grid.cells.get((row, column))
        if cell is not None:
            readings.extend(_row(grid, row, cell, section, context))
    return readings


def _spaces_column(grid: TableGrid) -> int:
    for column in range(1, grid.table.columns):
        if _REQUIRED.search(grid.header(column)):
            return column
    return grid.label_columns


def _row(grid: TableGrid, row: int, cell: Cell, section: int, context: ReadingContext) -> Iterator[Reading]:
    label = _ITEM.sub("", grid.label(row).text)
    text = grid.text(row, cell.column)
    uses = [use for use in uses_named(label) if use != "nonresidential"]
    if "one_or_two_family" in uses or _ONE_OR_TWO.search(label):
        uses = ["one_family", "two_family"]
    uses = [use for use in uses if use in _RESIDENTIAL]
    if "townhouse" in uses:
        uses = [use for use in uses if use != "one_family"]
    plain = bool(_DWELLING.match(label))
    if not (uses or plain) or _OTHER_USE.search(label) or FOREIGN.search(label):
        return
    value = _spaces(text, grid.header(cell.column), uses)
    if value is None:
        return
    for use in uses or [""]:
        yield Reading(
            field="parking_per_unit",
            value=value[0],
            span=grid.quote(row, cell),
            source="table",
            quoted_value=value[1],
            quoted_unit=value[2],
            conditions={"use": use} if use else {},
            districts=context.named(grid.caption) if grid.caption else (),
            general=True,
            section=section,
            note=text if len(text) > 40 else "",
        )


def _spaces(text: str, header: str, uses: Sequence[str]) -> tuple[float, str, str] | None:
    """The spaces for one dwelling unit with the words that state them; None where unclear."""
    if _BEDROOMS.search(text):
        return None
    found = [q for q in find_quantities(text) if q.unit in ("", "spaces")]
    if not found or found[0].start > 25:
        return None
    first = found[0]
    per_unit = _PER_DWELLING.search(text[first.end :]) or _PER_DWELLING.search(header)
    alone = list(uses) == ["one_family"] and not re.search(r"\bper\b|\beach\b", text, re.IGNORECASE)
    if not (per_unit or alone or first.per_unit) or not 0 <= first.value <= 5:
        return None
    return first.value, first.number_text.strip(), first.unit_text
