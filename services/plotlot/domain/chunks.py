"""Chunks: pieces of a document that follow its sections, each short enough to embed and to quote.

A chunk never crosses the heading of a section, carries the path of its headings, and together the
chunks hold every character of the text that is not space.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from plotlot.domain.documents import Document, Section

MAX_CHARACTERS = 1_200
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_SENTENCE = re.compile(r"(?<=[.;:!?])\s+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of the text inside one section; ``heading_path`` is the path of that section."""

    ordinal: int
    section: int
    heading_path: str
    start: int
    end: int


def chunk_document(document: Document, max_characters: int = MAX_CHARACTERS) -> list[Chunk]:
    """The chunks of a document, in the order of its text."""
    pieces: list[tuple[int, int, int]] = []
    children = _children(document)
    for section, start, end in _leaves(document, children, document.sections[0], max_characters):
        for first, last in _split(document, start, end, max_characters):
            trimmed = _trimmed(document.text, first, last)
            if trimmed is not None:
                pieces.append((section.ordinal, *trimmed))
    return [
        Chunk(ordinal, section, document.section_path(section), start, end)
        for ordinal, (section, start, end) in enumerate(pieces)
    ]


def _children(document: Document) -> list[list[Section]]:
    children: list[list[Section]] = [[] for _ in document.sections]
    for section in document.sections[1:]:
        assert section.parent is not None
        children[section.parent].append(section)
    return children


def _leaves(
    document: Document, children: list[list[Section]], section: Section, limit: int
) -> Iterator[tuple[Section, int, int]]:
    """Runs of text that belong together: small sections whole, others by their children."""
    inside = children[section.ordinal]
    whole = section.end - section.start <= limit and section.parent is not None
    if not inside or (whole and all(child.kind == "subsection" for child in inside)):
        yield section, section.start, section.end
        return
    position = section.start
    for start, end, group in _groups(inside, limit):
        if position < start:
            yield section, position, start
        if len(group) > 1:
            yield section, start, end
        else:
            yield from _leaves(document, children, group[0], limit)
        position = end
    if position < section.end:
        yield section, position, section.end


def _groups(sections: list[Section], limit: int) -> Iterator[tuple[int, int, list[Section]]]:
    """Neighbouring subsections that fit one chunk together; every other section by itself."""
    group: list[Section] = []
    for section in sections:
        fits = group and section.end - group[0].start <= limit
        if group and not (fits and section.kind == group[-1].kind == "subsection"):
            yield group[0].start, group[-1].end, group
            group = []
        group.append(section)
    if group:
        yield group[0].start, group[-1].end, group


def _split(document: Document, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """A run in pieces of at most ``limit``: cut at paragraphs, else lines, sentences, words."""
    while end - start > limit:
        cut = _cut(document, start, min(start + limit, end))
        yield start, cut
        start = cut
    yield start, end


def _cut(document: Document, start: int, most: int) -> int:
    """Where to end a piece: before a table that does not fit, else at the best break near its end."""
    text = document.text
    low = start + (most - start) // 3
    tables = document.tables
    index = bisect_right(tables, most, key=lambda table: table.start) - 1
    if index >= 0 and low < tables[index].start and tables[index].end > most:
        return tables[index].start
    for pattern in (_PARAGRAPH, re.compile(r"\n"), _SENTENCE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, low, most)]
        at = bisect_left(ends, most + 1)
        if at:
            return ends[at - 1]
    return most


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without the space around it; None where nothing is left."""
    piece = text[start:end]
    stripped = piece.strip()
    if not stripped:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(stripped)
