"""Plain text and layout text, with form feeds between pages where there are pages."""

import re
from collections.abc import Sequence

from plotlot.domain.documents import Table

from .dates import effective_date
from .decode import decode_text, stitch
from .divide import divide
from .draft import Draft, Heading
from .headings import find_headings
from .layout_tables import find_layout_tables
from .lines import Line, furniture, page_starts, split_lines
from .page_columns import unfolded
from .paragraphs import find_paragraphs
from .running import is_running, running_headings
from .titles import first_title

_WIDE_GAP = re.compile(r"\S[ \t]{3,}\S")


def parse_text(name: str, content: bytes) -> Draft:
    """A draft of a plain text file."""
    text = stitch(decode_text(name, content))
    return draft_of_text(name, "\f".join(map(unfolded, text.split("\f"))), "text/plain")


def draft_of_text(
    name: str, text: str, media_type: str, warnings: tuple[str, ...] = (), title: str = ""
) -> Draft:
    """A draft of text laid out in lines."""
    lines = split_lines(text)
    if is_running(lines):
        headings, tables = running_headings(text, lines), list[Table]()
        repeated: set[int] = set()
    else:
        repeated = furniture(lines)
        headings, tables = _without_clashes(text, lines, repeated)
    inside = repeated | starts_inside(lines, tables)
    return Draft(
        text=text,
        title=title or first_title(lines, repeated, headings),
        media_type=media_type,
        headings=headings + find_paragraphs(lines, headings, inside),
        tables=tables,
        page_starts=page_starts(text),
        effective_date=effective_date(name, text),
        warnings=warnings,
    )


def _without_clashes(
    text: str, lines: Sequence[Line], repeated: set[int]
) -> tuple[list[Heading], list[Table]]:
    """Headings and tables that do not cross: a heading divides a table unless it reads as a row of it."""
    found = find_headings(lines, repeated)
    sure = [h for h in found if not (h.label[0].isdigit() and _is_row(text, h))]
    divided = divide(find_layout_tables(text), [(heading.start, heading.body_start) for heading in sure])
    headings = find_headings(lines, repeated | (starts_inside(lines, divided) - {h.start for h in sure}))
    return headings, divided


def _is_row(text: str, heading: Heading) -> bool:
    """Whether the words after a number stand in several columns."""
    words = text[heading.start + len(heading.label) : heading.body_start].strip(" \t.:–-")
    return _WIDE_GAP.search(words) is not None


def starts_inside(lines: Sequence[Line], tables: Sequence[Table]) -> set[int]:
    """The starts of the lines that tables hold."""
    held: set[int] = set()
    ordered = iter(sorted(tables, key=lambda table: table.start))
    table = next(ordered, None)
    for line in lines:
        while table is not None and table.end <= line.start:
            table = next(ordered, None)
        if table is not None and table.start < line.end:
            held.add(line.start)
    return held
