"""Unnumbered titles that name a district above its table, where no section heading does."""

import re
from bisect import bisect_right
from functools import cached_property

from plotlot.domain.documents import Document
from plotlot.extraction.reader.district_words import standing_alone
from plotlot.extraction.reader.readings import ReadingContext

_LINE = re.compile(r"(?m)^[ \t\f]*(?:\d{1,2}[ \t]{2,})?(\S[^\n]{2,88})$")
_GAP = re.compile(r"\S {3,}\S|\t|\.{3}")
_DISTRICT = re.compile(r"\b(?:districts?|zones?|zoning)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:table|section|sec\.|article|chapter|figure|part|§|\(?[A-Z0-9][A-Z0-9.]{0,7}[.):])\s*", re.IGNORECASE
)
_SENTENCE = re.compile(
    r"\b(?:shall|is|are|may|must|will|which|that|where|when|than|if|within|any|all|each|for|from|see|"
    r"feet|foot|ft|acres?|adopted|amended|map|boundar\w+)\b",
    re.IGNORECASE,
)
_ENDS_OPEN = re.compile(r"[.;,]\s*$|\s\d{1,3}\s*$")
_REACH = 15_000
_FEW_WORDS = 9
_CLOSED = ("title", "part", "chapter", "article", "division", "section")


class Titles:
    """The title lines of a document that name one district."""

    def __init__(self, document: Document, context: ReadingContext) -> None:
        self._document = document
        self._context = context

    def above(self, offset: int) -> tuple[str, ...]:
        """The district of the nearest title above an offset, in the same numbered section."""
        starts, districts = self._titles
        position = bisect_right(starts, offset) - 1
        floor = max(self._opened(offset), offset - _REACH)
        if position < 0 or starts[position] < floor:
            return ()
        return districts[position]

    def _opened(self, offset: int) -> int:
        section = self._document.section_at(offset)
        around = self._document.ancestors(section.ordinal)
        return max((one.start for one in around if one.kind in _CLOSED), default=0)

    @cached_property
    def _titles(self) -> tuple[list[int], list[tuple[str, ...]]]:
        found = [
            (match.start(1), match.end(1), named)
            for match in _LINE.finditer(self._document.text)
            if (named := self._district(match[1].rstrip()))
        ]
        alone = standing_alone(self._document.text, found)
        return [start for start, _, _ in alone], [named for _, _, named in alone]

    def _district(self, line: str) -> tuple[str, ...]:
        """The one district that a line is the title of; nothing for sentences and entries."""
        if not (line[0].isupper() or line[0] in '§(“"' or line[0].isdigit()):
            return ()
        if _GAP.search(_NUMBERED.sub("", line, count=1)) or _ENDS_OPEN.search(line) or _SENTENCE.search(line):
            return ()
        numbered = _NUMBERED.match(line)
        titled = _DISTRICT.search(line)
        words = re.findall(r"[A-Za-z]{2,}", line)
        if len(words) > _FEW_WORDS or not (titled or numbered or len(words) <= 4):
            return ()
        named = self._context.named(line)
        if len(named) != 1 or not (titled or numbered or self._is_name(line, named[0])):
            return ()
        return named

    def _is_name(self, line: str, code: str) -> bool:
        """Whether a bare line says little but the district: "Conservation (CON)"."""
        return (line.endswith(")") and f"({code})" in line) or line.strip() == code
