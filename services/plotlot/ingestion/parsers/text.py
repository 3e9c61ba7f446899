"""Plain text and layout text, with form feeds between pages where there are pages."""

from collections.abc import Sequence

from plotlot.domain.documents import Table

from .dates import effective_date
from .decode import decode_text, stitch
from .draft import Draft, Heading
from .headings import find_headings
from .layout_tables import find_layout_tables
from .lines import Line, furniture, page_starts, split_lines
from .paragraphs import find_paragraphs
from .running import is_running, running_headings
from .titles import first_title


def parse_text(name: str, content: bytes) -> Draft:
    """A draft of a plain text file."""
    return draft_of_text(name, stitch(decode_text(name, content)), "text/plain")


def draft_of_text(
    name: str, text: str, media_type: str, warnings: tuple[str, ...] = (), title: str = ""
) -> Draft:
    """A draft of text laid out in lines."""
    lines = split_lines(text)
    running = furniture(lines)
    tables = find_layout_tables(text)
    headings = running_structure(text, lines) if is_running(lines) else structure(lines, tables, running)
    sections = [heading for heading in headings if heading.kind != "subsection"]
    return Draft(
        text=text,
        title=title or first_title(lines, running, sections),
        media_type=media_type,
        headings=headings,
        tables=tables,
        page_starts=page_starts(text),
        effective_date=effective_date(name, text),
        warnings=warnings,
    )


def running_structure(text: str, lines: Sequence[Line]) -> list[Heading]:
    """Headings and paragraphs of a text without line ends."""
    headings = running_headings(text, lines)
    return headings + find_paragraphs(lines, headings)


def structure(
    lines: Sequence[Line], tables: Sequence[Table], running: set[int] | frozenset[int] = frozenset()
) -> list[Heading]:
    """Headings and lettered paragraphs outside tables and page headers."""
    inside = {line.start for table in tables for line in lines if table.start <= line.start < table.end}
    headings = find_headings(lines, running | inside)
    return headings + find_paragraphs(lines, headings, running | inside)
