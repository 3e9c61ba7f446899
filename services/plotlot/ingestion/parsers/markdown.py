"""Markdown: front matter, ATX and setext headings, pipe tables with cell offsets."""

import re
from collections.abc import Sequence
from dataclasses import replace

from plotlot.domain.documents import Cell, Footnote, Span, Table
from plotlot.domain.errors import UnreadableDocument

from .dates import effective_date
from .decode import decode_text
from .draft import Draft, Heading
from .flow import unmarked
from .heading_lines import read_heading
from .headings import find_headings
from .lines import Line, split_lines
from .markdown_hidden import without_unseen
from .paragraphs import find_paragraphs
from .text import starts_inside
from .titles import first_title

_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?P<body>.*?)\n---[ \t]*(?:\n|$)", re.S)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(?P<title>.*?)[\"']?[ \t]*$", re.M | re.I)
_ATX = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t#]*$")
_SETEXT = re.compile(r"[ ]{0,3}(?:=+|-{3,})[ \t]*$")
_FENCE = re.compile(r"[ ]{0,3}(?:```|~~~)")
_DELIMITER = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_FOOTNOTE = re.compile(
    r"[ \t]*(?:<sup>)?"
    r"(?P<mark>(?:\\?\*){1,5}|\\?†|\\?‡|\(?\d{1,2}\)?(?=</sup>|[ \t]+[A-Z])|\[\^\w+\]|\[(?:\d{1,2}|[a-z])\](?=[ \t]+[A-Z]))(?:</sup>)?:?(?=\S|[ \t])"
)
_DEFINITION = re.compile(r"[ ]{0,3}\[\^(?P<mark>\w+)\]:")
_REFERENCE = re.compile(r"\[\^(\w+)\]")
_INDENTED = 2
_MARKUP = re.compile(r"\\(?=[*_#\[\]()])|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}")


def parse_markdown(name: str, content: bytes) -> Draft:
    """A draft of a Markdown file; its text is the source itself, but for what no reader sees.

    Raises UnreadableDocument where nothing is left.
    """
    text = without_unseen(decode_text(name, content))
    if not text.strip():
        raise UnreadableDocument(
            f"{name}: the file shows no text; send the ordinance itself", field="content"
        )
    front = _FRONT_MATTER.match(text)
    body_start = front.end() if front else 0
    lines = split_lines(text, body_start)
    tables = _with_defined_notes(find_pipe_tables(text, lines), text, lines)
    inside = starts_inside(lines, tables) | _fenced(lines)
    headings = _markup_headings(lines, inside)
    heading_lines = {line.start for line in lines for h in headings if line.start <= h.start < line.end}
    taken = inside | heading_lines
    textual = unmarked(find_headings(lines, taken), headings)
    every = sorted(headings + textual, key=lambda heading: heading.start)
    paragraphs = find_paragraphs(lines, every, taken)
    return Draft(
        text=text,
        title=_title(front, headings, lines),
        media_type="text/markdown",
        headings=every + paragraphs,
        tables=tables,
        effective_date=effective_date(name, text),
    )


def _title(front: re.Match[str] | None, headings: Sequence[Heading], lines: Sequence[Line]) -> str:
    named = _FRONT_TITLE.search(front["body"]) if front else None
    if named and named["title"]:
        return named["title"]
    tops = [h for h in headings if h.rank == min(h.rank for h in headings)] if headings else []
    return f"{tops[0].label} {tops[0].text}".strip() if tops else first_title(lines)


def _markup_headings(lines: Sequence[Line], inside: set[int]) -> list[Heading]:
    """ATX and setext headings; what the text names a chapter or section is called so."""
    found: list[Heading] = []
    for place, line in enumerate(lines):
        if line.start in inside:
            continue
        atx = _ATX.match(line.text)
        if atx and atx["text"]:
            found.append(_heading(line, atx["text"], len(atx["marks"]), line.end))
        elif place + 1 < len(lines) and _is_setext(line, lines[place + 1]):
            under = lines[place + 1]
            found.append(_heading(line, line.text, 1 if "=" in under.text else 2, under.end))
    return found


def _is_setext(line: Line, under: Line) -> bool:
    return (
        under.blank_before == 0
        and _SETEXT.match(under.text) is not None
        and not re.match(r"\s*(?:[-*+>|]|\d+[.)]|\*\*)", line.text)
        and len(line.text) <= 120
    )


def _heading(line: Line, source: str, level: int, body_start: int) -> Heading:
    plain = " ".join(_MARKUP.sub("", source).split())
    kind, label, text = read_heading(plain) or ("section", "", plain)
    return Heading(line.start + line.indent, body_start, kind, label, text, level)


def _fenced(lines: Sequence[Line]) -> set[int]:
    fenced: set[int] = set()
    is_open = False
    for line in lines:
        if _FENCE.match(line.text):
            is_open = not is_open
            fenced.add(line.start)
        elif is_open:
            fenced.add(line.start)
    return fenced


def find_pipe_tables(text: str, lines: Sequence[Line]) -> list[Table]:
    """Pipe tables, indented ones too: a header row, a row of dashes, and the rows below."""
    tables: list[Table] = []
    place = 0
    while place + 1 < len(lines):
        if not _opens_table(lines[place], lines[place + 1]):
            place += 1
            continue
        last = place + 2
        while last < len(lines) and not lines[last].blank_before and "|" in lines[last].text:
            last += 1
        tables.append(_table(len(tables), lines, place, last))
        place = last
    return tables


def _opens_table(line: Line, under: Line) -> bool:
    return (
        "|" in line.text
        and "|" in under.text
        and under.blank_before == 0
        and _DELIMITER.match(under.text) is not None
    )


def _table(ordinal: int, lines: Sequence[Line], first: int, last: int) -> Table:
    rows = [lines[first], *lines[first + 2 : last]]
    cells: list[Cell] = []
    columns = 0
    for row, line in enumerate(rows):
        spans = cell_spans(line)
        columns = max(columns, len(spans))
        cells += [Cell(row, column, (span,), header=row == 0) for column, span in enumerate(spans)]
    caption = lines[first - 1] if first and _is_caption(lines, first) else None
    return Table(
        ordinal=ordinal,
        start=lines[first].start + lines[first].indent,
        end=lines[last - 1].end,
        rows=len(rows),
        columns=columns,
        cells=tuple(cells),
        caption=Span(caption.start + caption.indent, caption.end) if caption else None,
        footnotes=_footnotes(lines, last),
    )


def _is_caption(lines: Sequence[Line], first: int) -> bool:
    above = lines[first - 1].text.strip()
    return len(above) <= 120 and (above[:1] in "*#_" or above.lower().startswith("table"))


def cell_spans(line: Line) -> list[Span]:
    """The trimmed span of each cell of a pipe row; an escaped pipe does not end a cell."""
    body = line.text.rstrip()
    start = line.indent
    if body[start : start + 1] == "|":
        start += 1
    bars = [m.start() for m in re.finditer(r"(?<!\\)\|", body) if m.start() >= start]
    ends = bars if bars and bars[-1] == len(body) - 1 else [*bars, len(body)]
    spans = []
    for end in ends:
        cell = body[start:end]
        left = start + len(cell) - len(cell.lstrip())
        right = max(left, start + len(cell.rstrip()))
        spans.append(Span(line.start + min(left, end), line.start + max(min(left, end), right)))
        start = end + 1
    return spans


def _with_defined_notes(tables: Sequence[Table], text: str, lines: Sequence[Line]) -> list[Table]:
    """The tables with the notes that their cells refer to, wherever the file defines them."""
    defined: dict[str, Span] = {}
    for place, line in enumerate(lines):
        if definition := _DEFINITION.match(line.text):
            defined.setdefault(definition["mark"], Span(line.start + line.indent, _note_end(lines, place)))
    found = []
    for table in tables:
        known = {note.mark for note in table.footnotes}
        marks = dict.fromkeys(_REFERENCE.findall(text, table.start, table.end))
        notes = [Footnote(mark, defined[mark]) for mark in marks if mark in defined and mark not in known]
        found.append(replace(table, footnotes=(*table.footnotes, *notes)))
    return found


def _note_end(lines: Sequence[Line], place: int) -> int:
    """Where a note ends: with the indented lines that go on with it."""
    end = lines[place].end
    for line in lines[place + 1 :]:
        if line.indent < _INDENTED or line.blank_before:
            break
        end = line.end
    return end


def _footnotes(lines: Sequence[Line], place: int) -> tuple[Footnote, ...]:
    notes: list[Footnote] = []
    while place < len(lines) and (match := _FOOTNOTE.match(lines[place].text)):
        if lines[place].text.strip().startswith("**") and lines[place].text.count("**") > 1:
            break
        line = lines[place]
        mark = match["mark"].replace("\\", "").strip("()[]^")
        notes.append(Footnote(mark, Span(line.start + line.indent, line.end)))
        place += 1
    return tuple(notes)
