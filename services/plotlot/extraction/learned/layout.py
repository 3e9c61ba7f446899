"""Lines set in columns: what stands over a number, and the titles under which it stands."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Document
from plotlot.extraction.reader.district_index import DistrictIndex

_CHUNK = re.compile(r"\S+(?:[ \u00a0]\S+)*")
_LETTERS = re.compile(r"[A-Za-z]{2,}|\b[A-Z]\b")
_TITLE = re.compile(r"[^\n]{2,90}")
_PASSING = re.compile(
    r"\.{3,}|\s\d{1,3}$|[,;]$|\b(?:shall|is|are|the|any|all|see|may|must|than|will|feet|acres?|uses?)\b",
    re.IGNORECASE,
)
_LINES_UP = 60
_MOST_OVER = 5
_PROSE = 62
_SLACK = 2
_LINED = ("text/plain", "application/pdf")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words of a line between wide gaps, with the columns that they take."""

    left: int
    right: int
    text: str


class Layout:
    """The lines of a document whose text keeps the columns of its pages; empty for other kinds."""

    def __init__(self, document: Document) -> None:
        text = document.text if document.media_type in _LINED else ""
        self._lines = text.split("\n") if text else []
        self._starts = [0]
        for line in self._lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._chunks: dict[int, tuple[Chunk, ...]] = {}

    def over(self, start: int, end: int) -> tuple[str, ...]:
        """The words in the columns of a span on the lines above it, the nearest first."""
        if not self._lines:
            return ()
        line = bisect_right(self._starts, start) - 1
        left, right = start - self._starts[line] - _SLACK, end - self._starts[line] + _SLACK
        found: list[str] = []
        for above in range(line - 1, max(line - 1 - _LINES_UP, -1), -1):
            chunks = self._chunks_of(above)
            there = [chunk for chunk in chunks if chunk.left < right and left < chunk.right]
            if any(chunk.right - chunk.left > _PROSE for chunk in there):
                break
            found += [chunk.text for chunk in there if _LETTERS.search(chunk.text)]
            if len(found) >= _MOST_OVER:
                break
        return tuple(found[:_MOST_OVER])

    def beside(self, start: int) -> int:
        """How many chunks the line of an offset has."""
        if not self._lines:
            return 0
        return len(self._chunks_of(bisect_right(self._starts, start) - 1))

    def _chunks_of(self, line: int) -> tuple[Chunk, ...]:
        found = self._chunks.get(line)
        if found is None:
            found = tuple(Chunk(m.start(), m.end(), m[0]) for m in _CHUNK.finditer(self._lines[line]))
            self._chunks[line] = found
        return found


class DistrictTitles:
    """Short lines that name one district, each of which may head what follows it."""

    def __init__(self, document: Document, index: DistrictIndex) -> None:
        self._starts: list[int] = []
        self._codes: list[str] = []
        offset = 0
        for line in document.text.split("\n"):
            words = line.strip(" \t\f|#*")
            if _TITLE.fullmatch(words) and not _PASSING.search(words):
                codes = index.find(words)
                if len(codes) == 1:
                    self._starts.append(offset)
                    self._codes.append(codes[0])
            offset += len(line) + 1

    def before(self, offset: int, most: int = 2) -> Sequence[tuple[str, int]]:
        """The last districts so named before an offset, the nearest first, with their distances."""
        position = bisect_right(self._starts, offset) - 1
        found: dict[str, int] = {}
        while position >= 0 and len(found) < most:
            found.setdefault(self._codes[position], offset - self._starts[position])
            position -= 1
        return tuple(found.items())
