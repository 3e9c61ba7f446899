"""Which districts a place in a code speaks of, and which places speak of something else."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from plotlot.domain.documents import Document, Section
from plotlot.extraction.reader.districts import DistrictIndex

_CAPTION = re.compile(
    r"(?<![\w.])(?:(?:ILLUSTRATION|TABLE|FIGURE|SECTION|ARTICLE)\s+[\dA-Z][\w.-]*|\d{1,3}\.\d{1,2})\.?[\s:–—-]+"
    r"(?P<title>[A-Z][^a-z]{6,110}?\((?P<codes>[^()a-z]{1,30})\))"
)
_CAPTION_END = re.compile(
    r"(?<![\w.])(?:ILLUSTRATION|TABLE|FIGURE|DIAGRAM|SECTION|ARTICLE|APPENDIX)\s+[\dA-Z][\w.-]*\s+[A-Z][A-Z]"
)
_OPENING = re.compile(
    r"\W*(?:\(?\w{1,2}[.)]\s+)?(?:(?:with)?in|for|all|every|each|no|the\s+following)\b[^.;:]{0,60}?"
    r"(?:districts?|zones?)\b(?=[^.;]*(?:shall|must|apply|following|are|is)\b)",
    re.IGNORECASE,
)
_CAPTION_LINE = re.compile(
    r"^[ \t]*(?:Table|TABLE|Figure|FIGURE|Schedule|SCHEDULE)\s+[\dA-Z][\w.()-]*[\s.:–—-]*(?P<title>[^\n.]{3,90})$",
    re.MULTILINE,
)
_LONG_LINE = 600
_CAPTION_REACH = 8_000
ASIDE = re.compile(
    r"""\b(?:definitions?|non-?conform\w*|accessory|signs?|signage|fenc\w+|walls|pud|planned|clusters?|conditional\s+uses?|special\s+(?:uses?|exceptions?|permits?)
    |mobile\s+home\s+parks?|manufactured\s+home\s+parks?|home\s+occupations?|home\s+business\w*|subdivisions?|flood\w*|wireless|telecommunicat\w*|towers?|landscap\w+|buffer\w*
    |screening|administrat\w+|variances?|waivers?|appeals?|amendments?|enforcement|performance\s+standards|exceptions?|exemptions?|projections?|encroachments?
    |overlay|temporary|wind|solar|swimming|pools?|animals?|streets?\s+(?:design|standards)|sidewalks?|drainage|stormwater|erosion|adult|kennels?|extraction|gravel
    |lighting|bed\s+and\s+breakfast|schools?|church\w*|parking\s+(?:lots?|areas?|design|structures?)|loading|driveways?|access\s+management|docks?|rv\s+parks?|campgrounds?|travel\s+trailers?
    |alcohol\w*|beer|animals|taxation|cemeter\w*|utilities|water\s+system|nuisance\w*|traffic|garages?|bonus\w*|incentives?|history|table\s+of\s+contents|cottage|zero\s+lot\s+line|tiny)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Headings under which a number is not the district's own standard."""
PARKING_HEADING = re.compile(r"\bparking\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """The districts in force at a place, and whether its headings lead away from them."""

    districts: tuple[str, ...]
    aside: str = ""
    parking: bool = False
    caption: bool = False


class Scopes:
    """The districts that each section and each inline caption of a document speaks of."""

    def __init__(self, document: Document, index: DistrictIndex) -> None:
        self._document = document
        self._titles = {
            section.ordinal: index.find(section.title)
            for section in document.sections
            if section.parent is not None and section.kind != "subsection"
        } | {
            section.ordinal: index.find(section.heading, strict=True)
            for section in document.sections
            if section.parent is not None and section.kind == "subsection" and section.heading
        }
        root = document.sections[0]
        self._titles[root.ordinal] = index.find(document.title) if len(document.title) < 200 else ()
        self._openings = {
            section.ordinal: self._opening(section, index)
            for section in document.sections
            if section.parent is not None and not self._titles.get(section.ordinal)
        }
        self._tabled = self._find_tabled(index)
        self._captions = self._find_captions(index)
        self._starts = [start for start, _, _ in self._captions]

    def _opening(self, section: Section, index: DistrictIndex) -> tuple[str, ...]:
        """``In RMF-10 and RMF-15 Districts, ...`` as the first words of a section's body."""
        start = section.body_start
        match = _OPENING.match(self._document.text, start, min(section.end, start + 260))
        return index.find(match[0], strict=True) if match else ()

    def _of_tables(self, section: Section) -> tuple[str, ...]:
        """The districts that head the tables of a section, for the sentences beside them."""
        return self._tabled.get(section.ordinal, ())

    def _find_tabled(self, index: DistrictIndex) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        for table in self._document.tables:
            heads = [self._document.cell_text(c) for c in table.cells if c.row == 0 and c.column]
            cells = [index.find(head) for head in heads if len(head) < 40]
            # "To R1 District Line" names what a lot abuts, not what it is in.
            codes = tuple(dict.fromkeys(code for cell in cells for code in cell))
            if sum(bool(cell) for cell in cells) < 2:
                continue
            section = self._document.section_at(table.start)
            if len(codes) > 1 and section.parent is not None:
                found[section.ordinal] = found.get(section.ordinal, ()) + codes
        return found

    def _find_captions(self, index: DistrictIndex) -> list[tuple[int, int, tuple[str, ...]]]:
        """Captions that stand inside running text, as an export without line breaks has them."""
        text = self._document.text
        if len(text) / (text.count("\n") + 1) < _LONG_LINE:
            return self._line_captions(index)
        found = []
        for match in _CAPTION.finditer(text):
            codes = index.find(match["codes"])
            if codes:
                found.append((match.start(), match.end(), codes))
        ends = sorted({m.start() for m in _CAPTION_END.finditer(text)} | {m[0] for m in found})
        return [
            (start, min([body + _CAPTION_REACH, *ends[bisect_right(ends, body) :][:1]]), codes)
            for start, body, codes in found
        ]

    def _line_captions(self, index: DistrictIndex) -> list[tuple[int, int, tuple[str, ...]]]:
        """Lines such as ``Table 203.04: "V" Village District`` that head what follows them."""
        found = []
        for match in _CAPTION_LINE.finditer(self._document.text):
            codes = index.find(match["title"])
            words = re.findall(r"[A-Za-z]{2,}", match["title"])
            if len(codes) == 1 and len(words) <= 9:
                found.append((match.start(), match.end(), codes))
        ends = sorted(
            {section.start for section in self._document.sections if section.kind != "subsection"}
            | {match.start() for match in _CAPTION_LINE.finditer(self._document.text)}
        )
        return [
            (start, min([body + _CAPTION_REACH, *ends[bisect_right(ends, start) :][:1]]), codes)
            for start, body, codes in found
        ]

    def caption_at(self, offset: int) -> tuple[str, ...]:
        """The districts of the inline caption that governs an offset."""
        position = bisect_right(self._starts, offset) - 1
        if position < 0:
            return ()
        _, end, codes = self._captions[position]
        return codes if offset < end else ()

    def at(self, offset: int) -> tuple[str, ...]:
        """The districts that the place at an offset speaks of."""
        return self.place(self._document.section_at(offset), offset).districts

    def place(self, section: Section, offset: int) -> Place:
        """Districts, and the heading that leads away from them, nearest first."""
        caption = self.caption_at(offset)
        if caption:
            return Place(caption, caption=True)
        aside, parking = "", False
        for ancestor in [*self._document.ancestors(section.ordinal), self._document.sections[0]]:
            heading = ancestor.title if ancestor.parent is not None else self._document.title
            codes = self._titles.get(ancestor.ordinal, ())
            parking = parking or bool(PARKING_HEADING.search(heading))
            codes = codes or self._openings.get(ancestor.ordinal, ()) or self._of_tables(ancestor)
            if codes:
                return Place(codes, aside, parking)
            match = ASIDE.search(heading[:160])
            if match and not aside:
                aside = match[0]
        return Place((), aside, parking)
