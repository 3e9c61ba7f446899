"""Lines of the canonical text with their offsets, and which of them repeat on every page."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"[^\n\f]+")
_PAGE_NUMBER = re.compile(r"(?:[-–—]\s*)?(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*[-–—])?", re.I)
_EDGE_NUMBER = re.compile(r"^\d{1,4}\s{2,}|\s{2,}(?:page\s+)?\d{1,4}$", re.I)
_EDGE_LINES = 3
_FEWEST_REPEATS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds text; ``blank_before`` counts the empty lines above it."""

    start: int
    text: str
    blank_before: int = 0
    page: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())


def split_lines(text: str, start: int = 0, end: int | None = None) -> list[Line]:
    """The lines of a range that are not blank."""
    return [*lines_from(text, start, end)]


def lines_from(text: str, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """The lines of a range that are not blank, one after the other."""
    page, previous_end = 0, start
    for match in _LINE.finditer(text, start, len(text) if end is None else end):
        if not match[0].strip():
            continue
        between = text[previous_end : match.start()]
        page += between.count("\f")
        blank = max(0, between.count("\n") - 1) + between.count("\f")
        yield Line(match.start(), match[0], blank, page)
        previous_end = match.end()


def page_starts(text: str) -> tuple[int, ...]:
    """Where each page of a text with form feeds starts; none for a text without."""
    breaks = [at for at, character in enumerate(text) if character == "\f"] if "\f" in text else []
    if not breaks:
        return ()
    if not text[breaks[-1] :].strip():
        breaks.pop()  # pdftotext ends every page with a form feed, the last one too
    return (0, *(at + 1 for at in breaks))


def is_page_number(text: str) -> bool:
    """Whether a line is nothing but a page number."""
    return _PAGE_NUMBER.fullmatch(text.strip()) is not None


def furniture(lines: list[Line]) -> set[int]:
    """Starts of the lines that repeat at the top or bottom of pages, and of bare page numbers."""
    edges = [line for page in _by_page(lines) for line in (*page[:_EDGE_LINES], *page[-_EDGE_LINES:])]
    counts = Counter(pair for pair in {(line.page, _without_page_number(line)) for line in edges})
    repeats = Counter(text for _, text in counts)
    return {
        line.start
        for line in edges
        if repeats[_without_page_number(line)] >= _FEWEST_REPEATS or is_page_number(line.text)
    }


def _by_page(lines: list[Line]) -> list[list[Line]]:
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    return list(pages.values()) if len(pages) > 1 else []


def _without_page_number(line: Line) -> str:
    return " ".join(_EDGE_NUMBER.sub("", line.text.strip()).split())
