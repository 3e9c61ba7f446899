"""A municipal code as canonical text with a section tree and tables, all addressed by character spans.

Offsets count code points of ``Document.text``; ends are exclusive. Parsers produce these values,
the reader and the index consume them, and nothing in between may shift a character.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

SECTION_KINDS = (
    "document",
    "title",
    "part",
    "chapter",
    "article",
    "division",
    "section",
    "subsection",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters of the canonical text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Section:
    """One node of the section tree; ``start``..``end`` covers its heading, body and descendants.

    ``anchor`` is what its publisher finds it by: the address where it shows it, or the id of its node; mostly empty.
    """

    ordinal: int
    parent: int | None
    kind: str
    label: str
    heading: str
    start: int
    end: int
    body_start: int
    page: int | None = None
    anchor: str = ""

    @property
    def title(self) -> str:
        """Label and heading as one line, e.g. ``Sec. 3-201 Lot area``."""
        return " ".join(part for part in (self.label, self.heading) if part)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; its text may lie in several spans where layout text wraps it over lines."""

    row: int
    column: int
    spans: tuple[Span, ...]
    row_span: int = 1
    column_span: int = 1
    header: bool = False


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note tied to a table by its mark (``*``, ``1``, ``a``)."""

    mark: str
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells; ``caption`` is the line that names it, ``footnotes`` the notes below it."""

    ordinal: int
    start: int
    end: int
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    caption: Span | None = None
    footnotes: tuple[Footnote, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An ordinance snapshot. ``sections[0]`` is the document itself and spans the whole text."""

    name: str
    title: str
    media_type: str
    source_sha256: str
    text: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...] = ()
    page_starts: tuple[int, ...] = ()
    effective_date: str | None = None
    warnings: tuple[str, ...] = ()
    text_sha256: str = field(default="")

    def __post_init__(self) -> None:
        if not self.text_sha256:
            digest = sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
            object.__setattr__(self, "text_sha256", digest)

    def slice(self, span: Span) -> str:
        """The text at a span."""
        return self.text[span.start : span.end]

    def cell_text(self, cell: Cell) -> str:
        """The text of a cell, its lines joined by one space."""
        return " ".join(filter(None, (self.slice(span).strip() for span in cell.spans)))

    def ancestors(self, ordinal: int) -> Iterator[Section]:
        """The section and its ancestors, innermost first, without the document node."""
        return ancestors(self.sections, ordinal)

    def section_path(self, ordinal: int) -> str:
        """Where a section stands, e.g. ``Part 3 > Article II > Sec. 3-201 Lot area > (b) > (2)``."""
        return " > ".join(section.title for section in reversed(list(self.ancestors(ordinal))))

    def own_text(self, ordinal: int) -> str:
        """The text of a section down to its first subsection, or to its end."""
        section = self.sections[ordinal]
        following = self.sections[ordinal + 1] if ordinal + 1 < len(self.sections) else None
        inside = following is not None and following.parent == ordinal
        return self.text[section.start : following.start if following and inside else section.end]

    def section_at(self, offset: int) -> Section:
        """The innermost section whose span holds the offset."""
        return section_at(self.sections, offset)

    def page_at(self, offset: int) -> int | None:
        """The 1-based page that holds the offset, or None for a document without pages."""
        if not self.page_starts:
            return None
        return sum(1 for start in self.page_starts if start <= offset) or 1


def section_at(sections: Sequence[Section], offset: int) -> Section:
    """The innermost of a document's sections whose span holds the offset."""
    section = sections[max(bisect_right(sections, offset, key=lambda one: one.start) - 1, 0)]
    while section.parent is not None and offset >= section.end:
        section = sections[section.parent]
    return section


def ancestors(sections: Sequence[Section], ordinal: int) -> Iterator[Section]:
    """A section and its ancestors, innermost first, without the document node."""
    section = sections[ordinal]
    while section.parent is not None:
        yield section
        section = sections[section.parent]


_RECOGNISED = "read by OCR, so compare it with the print: pages "


def recognised_warning(pages: Iterable[int]) -> tuple[str, ...]:
    """The warning that marks pages, counted from nought, as read by OCR; none for no pages."""
    listed = ", ".join(str(page + 1) for page in sorted(pages))
    return (f"{_RECOGNISED}{listed}",) if listed else ()


def recognised_pages(document: Document) -> frozenset[int]:
    """The pages, counted from one, whose text was read by OCR, so that every span on them is less sure."""
    marked = [one.removeprefix(_RECOGNISED) for one in document.warnings if one.startswith(_RECOGNISED)]
    return frozenset(int(page) for one in marked for page in one.split(", "))


def check_document(document: Document) -> None:
    """Raise ValueError where a span leaves the text or a child leaves its parent."""
    size = len(document.text)
    if not document.sections or document.sections[0].parent is not None:
        raise ValueError("the first section must be the document itself")
    if (document.sections[0].start, document.sections[0].end) != (0, size):
        raise ValueError("the document section must span the whole text")
    previous = 0
    for position, section in enumerate(document.sections):
        if section.ordinal != position:
            raise ValueError(f"section {section.ordinal} stands at position {position}")
        if not 0 <= section.start <= section.body_start <= section.end <= size:
            raise ValueError(f"section {position} has a broken span")
        if section.kind not in SECTION_KINDS:
            raise ValueError(f"section {position} has unknown kind {section.kind!r}")
        if section.start < previous:
            raise ValueError(f"section {position} starts before the one it follows")
        previous = section.start
        if position:
            parent = section.parent
            if parent is None or not 0 <= parent < position:
                raise ValueError(f"section {position} has no parent before it")
            outer = document.sections[parent]
            if section.start < outer.start or section.end > outer.end:
                raise ValueError(f"section {position} leaves its parent's span")
    for table in document.tables:
        for cell in table.cells:
            for span in cell.spans:
                if not table.start <= span.start <= span.end <= table.end:
                    raise ValueError(f"table {table.ordinal} has a cell outside its span")
