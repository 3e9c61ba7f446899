"""Rows of a layout table: which lines are its header, and which lines make one row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from plotlot.ingestion.parsers.layout_columns import Placed

_VALUE = re.compile(
    r"(?:[(<≥≤$±+]?\s?[\d¼½¾⅓⅔⅛]|n/?a\b|none\b|no\s(?:min|max|req|limit)|not\s|see\b|"
    r"same\b|[-–—*]+$|\.\d|varies\b|(?:one|two|three|lesser|greater)\b)",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"[a-z(&/,;]|(?:Feet|Ft\.?|Sq\.|Acres?|Stories)\b")
_UNFINISHED = re.compile(
    r"(?:[-,/(&]|\b(?:of|or|and|per|the|for|from|to|in|on|with|each|a|an|minimum|maximum|min\.?|"
    r"max\.?|lot|sq\.?|square|building|principal|accessory|from|than|is))$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\(?(?:[a-z]|\d{1,2}|[ivx]{1,4})[.)]\s+\S")
_TITLE = re.compile(r"[A-Z]")


@dataclass(slots=True)
class Entry:
    """One line of a table: its placed segments, and whether a blank line stands before it."""

    placed: list[Placed]
    after_blank: bool

    def label(self) -> str:
        """The text in the first column."""
        return " ".join(p.segment.text for p in self.placed if p.first == 0)

    def values(self) -> dict[int, Placed]:
        """What stands in the other columns."""
        return {p.first: p for p in self.placed if p.first > 0}


@dataclass(slots=True)
class Row:
    """The lines that make one row."""

    entries: list[Entry] = field(default_factory=list)

    def column_text(self, column: int) -> str:
        """The words of one column, lines joined."""
        return " ".join(p.segment.text for entry in self.entries for p in entry.placed if p.first == column)

    def has_values(self) -> bool:
        """Whether any line has a cell beside the label."""
        return any(entry.values() for entry in self.entries)


def split_header(entries: Sequence[Entry]) -> int:
    """How many leading lines are the header: those before the first line of values."""
    for position, entry in enumerate(entries):
        if _is_data(entry):
            return _before_group_labels(entries, position)
    return _first_block(entries)


def _is_data(entry: Entry) -> bool:
    values = [placed for placed in entry.values().values() if placed.first == placed.last]
    starts = sum(1 for placed in values if _VALUE.match(placed.segment.text))
    return bool(values) and starts * 2 >= len(values)


def _before_group_labels(entries: Sequence[Entry], position: int) -> int:
    """Label lines right above the first values name a group or begin its label."""
    while position > 0 and not entries[position - 1].values():
        if position == len(entries):
            break
        position -= 1
    return position


def _first_block(entries: Sequence[Entry]) -> int:
    for position, entry in enumerate(entries):
        if position and entry.after_blank:
            return position if position <= 5 else 1
    return 1


def form_rows(entries: Sequence[Entry]) -> list[Row]:
    """The body lines grouped into rows."""
    rows: list[Row] = []
    for position, entry in enumerate(entries):
        following = entries[position + 1] if position + 1 < len(entries) else None
        if rows and _belongs_below(rows[-1], entry):
            rows[-1].entries.append(entry)
        else:
            if not rows or not _joins_previous(rows[-1], entry, following):
                rows.append(Row())
            rows[-1].entries.append(entry)
    return rows


def _joins_previous(row: Row, entry: Entry, following: Entry | None) -> bool:
    label, values = entry.label(), entry.values()
    if _ITEM.match(label) and _ITEM.match(row.column_text(0)):
        return False
    if _is_unfinished(row) and not entry.after_blank and not _conflicts(row, entry):
        return True
    if label and values:
        return _is_wrapped_line(row, entry)
    if label:
        return _label_continues(row, entry)
    return _values_continue(row, entry, following)


def _is_unfinished(row: Row) -> bool:
    label = row.column_text(0)
    return label.count("(") > label.count(")") or _UNFINISHED.search(label) is not None


def _is_wrapped_line(row: Row, entry: Entry) -> bool:
    """Both label and values run on from the line above."""
    if not row.has_values():
        return _joins_open_label(row, entry)
    if entry.after_blank:
        return False
    label_runs_on = _CONTINUES.match(entry.label()) or _UNFINISHED.search(row.column_text(0))
    values_run_on = all(
        not _VALUE.match(placed.segment.text)
        and (_CONTINUES.match(placed.segment.text) or _UNFINISHED.search(row.column_text(placed.first)))
        for placed in entry.values().values()
    )
    return bool(label_runs_on) and values_run_on


def _conflicts(row: Row, entry: Entry) -> bool:
    """Whether a value starts in a column that the row has filled."""
    return any(
        row.column_text(column) and not _CONTINUES.match(placed.segment.text)
        for column, placed in entry.values().items()
    )


def _joins_open_label(row: Row, entry: Entry) -> bool:
    """A label that began on the line above, without values, goes on here."""
    label = row.column_text(0)
    if not label or entry.after_blank or label.endswith(":"):
        return not label and not entry.after_blank
    return bool(_UNFINISHED.search(label)) or label.count("(") > label.count(")")


def _label_continues(row: Row, entry: Entry) -> bool:
    before, label = row.column_text(0), entry.label()
    if not before or entry.after_blank or label.endswith(":"):
        return False
    if before.count("(") > before.count(")") or _UNFINISHED.search(before):
        return True
    return bool(re.match(r"[a-z(]", label)) and not before.endswith(":")


def _values_continue(row: Row, entry: Entry, following: Entry | None) -> bool:
    if entry.after_blank and following is not None and not following.after_blank:
        return False
    if row.column_text(0) and not row.has_values() and not row.column_text(0).endswith(":"):
        return True
    fresh = 0
    for column, placed in entry.values().items():
        text = row.column_text(column)
        if _VALUE.match(placed.segment.text) and text and not _UNFINISHED.search(text):
            fresh += 1
        elif not text and _VALUE.match(placed.segment.text) and following is not None:
            fresh += _begins_cell(column, following)
    return fresh == 0 or (fresh == 1 and len(entry.values()) == 1 and not _starts_next(entry, following))


def _begins_cell(column: int, following: Entry) -> bool:
    """Whether the next line's row has a label, and nothing or a continuation in this column."""
    if following.after_blank or not following.label():
        return False
    placed = following.values().get(column)
    return placed is None or _CONTINUES.match(placed.segment.text) is not None


def _starts_next(entry: Entry, following: Entry | None) -> bool:
    return following is not None and any(_begins_cell(column, following) for column in entry.values())


def _belongs_below(above: Row, entry: Entry) -> bool:
    """Values without a label, right above their label's line, are one row with it."""
    if above.column_text(0) or entry.after_blank or not entry.label():
        return False
    columns = [column for above_entry in above.entries for column in above_entry.values()]
    here = entry.values()
    return all(column not in here or _CONTINUES.match(here[column].segment.text) for column in columns)
