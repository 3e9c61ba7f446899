"""What a parser of one format hands on, and how it becomes a Document with a section tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from plotlot.domain.documents import Document, Section, Table, check_document
from plotlot.domain.instructions import is_planted

from .decode import canonical
from .missing_tables import missing_tables


@dataclass(frozen=True, slots=True)
class Heading:
    """A place where a section starts; a smaller ``rank`` holds every larger one that follows."""

    start: int
    body_start: int
    kind: str
    label: str
    text: str
    rank: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Canonical text with the headings, tables and pages found in it."""

    text: str
    title: str
    media_type: str
    headings: Sequence[Heading] = ()
    tables: Sequence[Table] = ()
    page_starts: tuple[int, ...] = ()
    effective_date: str | None = None
    warnings: tuple[str, ...] = ()


def assemble(name: str, content: bytes, draft: Draft) -> Document:
    """The draft as a checked Document; tables are numbered in the order of the text."""
    tables = sorted(draft.tables, key=lambda table: (table.start, table.end))
    document = Document(
        name=name,
        title=usable_title(draft.title) or name,
        media_type=draft.media_type,
        source_sha256=sha256(content).hexdigest(),
        text=draft.text,
        sections=section_tree(draft),
        tables=tuple(replace(table, ordinal=place) for place, table in enumerate(tables)),
        page_starts=draft.page_starts,
        effective_date=draft.effective_date,
        warnings=(*draft.warnings, *missing_tables(draft.text, tables)),
    )
    check_document(document)
    return document


def usable_title(title: str) -> str:
    """A title in one line; empty for one that speaks to a machine, as it would over every quote."""
    line = " ".join(canonical(title).split())
    return "" if is_planted(line) else line


def section_tree(draft: Draft) -> tuple[Section, ...]:
    """Sections in text order, each under the nearest earlier heading of a smaller rank."""
    headings = sorted(draft.headings, key=lambda heading: (heading.start, heading.rank))
    parents, ends = _nest(headings, len(draft.text))
    pages = _Pages(draft.page_starts)
    root = Section(0, None, "document", "", usable_title(draft.title), 0, len(draft.text), 0, pages.at(0))
    sections = [root]
    for place, heading in enumerate(headings):
        sections.append(
            Section(
                ordinal=place + 1,
                parent=parents[place],
                kind=heading.kind,
                label=heading.label,
                heading=heading.text,
                start=heading.start,
                end=ends[place],
                body_start=min(heading.body_start, ends[place]),
                page=pages.at(heading.start),
                anchor=heading.anchor,
            )
        )
    return tuple(sections)


def _nest(headings: Sequence[Heading], size: int) -> tuple[list[int], list[int]]:
    """The parent's ordinal and the end of every heading."""
    parents = [0] * len(headings)
    ends = [size] * len(headings)
    open_places: list[int] = []
    for place, heading in enumerate(headings):
        while open_places and headings[open_places[-1]].rank >= heading.rank:
            ends[open_places.pop()] = heading.start
        parents[place] = open_places[-1] + 1 if open_places else 0
        open_places.append(place)
    return parents, ends


class _Pages:
    """Pages of ascending offsets, found without searching from the start each time."""

    def __init__(self, starts: tuple[int, ...]) -> None:
        self._starts = starts
        self._page = 0

    def at(self, offset: int) -> int | None:
        if not self._starts:
            return None
        while self._page < len(self._starts) and self._starts[self._page] <= offset:
            self._page += 1
        return self._page or 1
