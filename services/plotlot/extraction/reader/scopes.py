"""Which districts a place in a code speaks of, and which places speak of something else."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from plotlot.domain.documents import Document, Section
from plotlot.extraction.reader.district_index import DistrictIndex
from plotlot.extraction.reader.district_words import inside_headings, name_key, standing_alone
from plotlot.extraction.reader.passages import is_run_on

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
_SPEAKS_FOR = re.compile(
    r"[^.;:]{0,140}?\b(?:standards|regulations|requirements|provisions)\s+(?:\w+\s+){0,4}?(?:for|in|of|within|to)\s+"
    r"(?:the\s+)?[^.;:]{0,60}?(?:districts?|zones?)\b",
    re.IGNORECASE,
)
_HEADING_LINE = re.compile(
    r"^[ \t\f]*(?P<title>(?:[#*|\"“(]*[A-Z\d§])[^\n]{2,95}?)[ \t]*$",
    re.MULTILINE,
)
_NUMBERED = re.compile(
    r"^\W*(?:\d{1,2}[ \t]{3,})?(?:(?:table|figure|schedule|section|subd\.?|sec\.?|article|chapter|part)\s+)?"
    r"(?:(?:[IVX]+|\d[\w.()-]*|[A-Za-z]|\([A-Za-z0-9]{1,3}\))[.):\s–—-]+)?",
    re.IGNORECASE,
)
_TITLE_NUMBER = re.compile(
    r"\W*(?:(?:table|section|sec\.?|article|part|§)\s*\w|\d{3,}|\d+[.-]\d)", re.IGNORECASE
)
_NUMBER = re.compile(r"^\W*(?:[A-Za-z]+\.?\s+)?(\d[\d.]*\d|\d)\b")
_CODE_AND_NAME = re.compile(
    r"\W*[A-Z][\w/-]{0,8}\W{0,3}\s*[-–—:=]\s*[A-Z]|[\"“][A-Z][\w/-]{0,8}[\"”]\s+[A-Z]"
)
_PASSING = re.compile(
    r"\.{3,}|\s\d{1,3}$|[,;]$|\b(?:shall|is|are|in|within|the|any|all|other|see|abutting|adjacent|"
    r"into|from|to|by|than|may|per|feet|uses?|article|purpose)\b",
    re.IGNORECASE,
)
_ZONE_WORDS = frozenset(
    (
        "district",
        "districts",
        "zone",
        "zones",
        "zoning",
        "and",
        "of",
        "the",
        "for",
        "development",
        "dimensional",
    )
) | frozenset(
    (
        "standards",
        "regulations",
        "requirements",
        "density",
        "dimensions",
        "lot",
        "area",
        "yard",
        "bulk",
        "height",
        "site",
    )
)
_CAPTION_REACH = 8_000
_MOST = 1.25
ASIDE = re.compile(
    r"""\b(?:definitions?|non-?conform\w*|accessory|signs?|signage|fenc\w+|walls|pud|planned|clusters?|conservation\s+subdivisions?|open\s+space\s+(?:residential\s+)?(?:developments?|subdivisions?)|conditional\s+uses?|special\s+(?:uses?|exceptions?|permits?)
    |mobile\s+home\s+parks?|manufactured\s+home\s+parks?|home\s+occupations?|home\s+business\w*|subdivisions?|flood\w*|wireless|telecommunicat\w*|towers?|landscap\w+|buffer\w*
    |screening|administrat\w+|variances?|waivers?|appeals?|amendments?|enforcement|performance\s+standards|exceptions?|exemptions?|projections?|encroachments?
    |overlay|temporary|wind|solar|swimming|pools?|animals?|streets?\s+(?:design|standards)|sidewalks?|drainage|stormwater|erosion|adult|kennels?|extraction|gravel
    |lighting|bed\s+and\s+breakfast|schools?|church\w*|parking\s+(?:lots?|areas?|design|structures?)|loading|driveways?|access\s+management|docks?|rv\s+parks?|campgrounds?|travel\s+trailers?
    |alcohol\w*|beer|animals|taxation|cemeter\w*|utilities|water\s+system|nuisance\w*|traffic|garages?|bonus\w*|incentives?|history|table\s+of\s+contents|cottage|zero\s+lot\s+line|tiny)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Headings under which a number is not the district's own standard."""
_USE_STANDARDS = re.compile(
    r"\b(?:(?:use|use-specific|specific\s+use|supplement\w+\s+use)\s+(?:and\s+design\s+)?(?:standards|regulations)"
    r"|(?:civic|commercial|industrial|office|agricultural|institutional|miscellaneous|accessory|specific)\s+uses"
    r"|uses?\s+(?:with|subject\s+to)\s+(?:\w+\s+)?(?:conditions|standards|requirements)|standards\s+for\s+(?:specific|certain|particular)\s+uses)\b",
    re.IGNORECASE,
)
"""Headings of parts that say what a use asks for, whatever district it is in."""
_WHOLE_CODE = re.compile(
    r"\b(?:zoning|land\s+(?:use|development)|by-?laws?|code|regulations|ordinances?|(?:city|town|village|borough|county|township)\s+of)\b",
    re.IGNORECASE,
)
"""A title such as "Zoning and Subdivision Bylaw" names the whole code, and leads nowhere."""
PARKING_HEADING = re.compile(r"\bparking\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """The districts in force at a place, and whether its headings lead away from them.

    ``home`` is where a section of its own speaks of the districts, ``of_use`` where one speaks of a
    use in whatever district, ``opening`` where only the first words of its body name them.
    """

    districts: tuple[str, ...]
    aside: str = ""
    parking: bool = False
    caption: bool = False
    home: bool = False
    of_use: bool = False
    opening: bool = False


def is_whole_code(document: Document, section: Section) -> bool:
    """Whether a section holds nearly all of a document under a title of a whole code: ``City of Mud Lake: Zoning``."""
    title = section.title if section.parent is not None else document.title
    spans = _MOST * (section.end - section.start) >= len(document.text)
    return spans and _WHOLE_CODE.search(title) is not None


@dataclass(frozen=True, slots=True)
class _Leads:
    """Where a heading leads: away from its districts, to parking, to what a use asks for."""

    aside: str
    parking: bool
    of_use: bool


def _is_part(label: str, number: str) -> bool:
    """Whether the number of a section goes on from another: 241.4 is a part of 241."""
    own = _NUMBER.search(label)
    return own is not None and own[1].startswith(f"{number}.")


def _titled(title: str, index: DistrictIndex) -> tuple[str, ...]:
    """The districts of a title; Conservation Subdivisions are not of the Conservation district."""
    codes = index.find(title)
    if len(codes) != 1 or re.search(r"\b(?:district|zone)s?\b", title, re.IGNORECASE):
        return codes
    name = index.by_code[codes[0]].name
    rest = re.sub(rf"\b{re.escape(name)}\b", "", title, flags=re.IGNORECASE) if name else title
    return () if rest != title and ASIDE.search(rest) else codes


class Scopes:
    """The districts that each section and each inline caption of a document speaks of."""

    def __init__(self, document: Document, index: DistrictIndex) -> None:
        self._document = document
        self._read: dict[int, _Leads] = {}
        self._run_on = is_run_on(document.text)
        self._titles = {
            section.ordinal: _titled(section.title, index)
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
        end = min(section.end, start + 260)
        for opening in (_OPENING, _SPEAKS_FOR):
            match = opening.match(self._document.text, start, end)
            codes = index.find(match[0], strict=True) if match else ()
            if match and opening is _OPENING:
                return codes
            if len(codes) == 1 and section.kind != "subsection" and not ASIDE.search(section.title):
                return codes
        return ()

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
        if not self._run_on:
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
        """Lines that are nothing but a district: ``FR - Forest and Recreation``."""
        text = self._document.text
        found = []
        wrapped = inside_headings(self._document)
        for match in _HEADING_LINE.finditer(text):
            codes = self._heads(match["title"], index)
            if codes and not any(start <= match.start() < end for start, end in wrapped):
                found.append((match.start(), match.end(), codes))
        found = standing_alone(text, found)
        starts = {start for start, _, _ in found}
        labels = {one.start: one.label for one in self._document.sections if one.kind != "subsection"}
        ends = sorted(labels.keys() | starts)

        def end(start: int, body: int) -> int:
            number = _NUMBER.search(text[start:body])
            further = (
                one
                for one in ends[bisect_right(ends, body) :]
                if one in starts or number is None or not _is_part(labels[one], number[1])
            )
            return min(body + _CAPTION_REACH, next(further, len(text)))

        return [(start, end(start, body), codes) for start, body, codes in found]

    @staticmethod
    def _heads(title: str, index: DistrictIndex) -> tuple[str, ...]:
        """The district that a line names if it names one and says nothing else."""
        bare = _NUMBERED.sub("", title)
        codes = index.find(bare)
        if len(codes) != 1:
            return ()
        name = index.by_code[codes[0]].name
        zone = re.search(r"\b(?:district|zone)s?\b", bare, re.IGNORECASE)
        # "2421 RESIDENTIAL (R-7)", "Table 2.3: Low Density": such a number and a district make a title, "14." an item.
        numbered = _TITLE_NUMBER.match(title)
        titled = numbered and (bare.endswith(")") or name_key(bare) == name_key(name))
        if not zone and not titled and not _CODE_AND_NAME.match(bare):
            return ()
        if _PASSING.search(re.sub(re.escape(name), "", bare, flags=re.IGNORECASE) if name else bare):
            return ()
        known = {*re.findall(r"[a-z]+", f"{codes[0]} {name}".lower())}
        words = re.findall(r"[a-z]+", bare.lower())
        left = [word for word in words if word not in known and word not in _ZONE_WORDS]
        return codes if len(left) <= 1 else ()

    def caption_at(self, offset: int) -> tuple[int, tuple[str, ...]] | None:
        """Start and districts of the inline caption that governs an offset."""
        position = bisect_right(self._starts, offset) - 1
        if position < 0:
            return None
        start, end, codes = self._captions[position]
        return (start, codes) if offset < end else None

    def at(self, offset: int) -> tuple[str, ...]:
        """The districts that the place at an offset speaks of."""
        return self.place(self._document.section_at(offset), offset).districts

    def _leads(self, section: Section) -> _Leads:
        """Where the heading of a section leads, read once for all that stands under it."""
        found = self._read.get(section.ordinal)
        if found is None:
            heading = section.title if section.parent is not None else self._document.title
            match = None if is_whole_code(self._document, section) else ASIDE.search(heading[:160])
            found = self._read[section.ordinal] = _Leads(
                aside=match[0] if match else "",
                parking=bool(PARKING_HEADING.search(heading)),
                of_use=section.kind != "subsection" and bool(_USE_STANDARDS.search(heading)),
            )
        return found

    def _is_of_use(self, section: Section) -> bool:
        """Whether a part over a section says what a use asks for."""
        return any(self._leads(one).of_use for one in self._document.ancestors(section.ordinal))

    def place(self, section: Section, offset: int) -> Place:
        """Districts, and the heading that leads away from them, nearest first."""
        caption = self.caption_at(offset)
        if caption and self._run_on:
            return Place(caption[1], caption=True, home=True)
        aside, parking, of_use = "", False, False
        districts: tuple[str, ...] = ()
        for ancestor in [*self._document.ancestors(section.ordinal), self._document.sections[0]]:
            if caption and not districts and ancestor.start <= caption[0]:
                districts = caption[1]
            leads = self._leads(ancestor)
            parking = parking or leads.parking
            codes = (
                self._titles.get(ancestor.ordinal, ())
                or self._openings.get(ancestor.ordinal, ())
                or self._tabled.get(ancestor.ordinal, ())
            )
            if codes:
                home = ancestor.kind != "subsection" or bool(districts)
                own = ancestor.kind != "subsection" and bool(self._titles.get(ancestor.ordinal))
                of_use = of_use or (not own and self._is_of_use(ancestor))
                opening = not districts and not self._titles.get(ancestor.ordinal)
                return Place(districts or codes, aside, parking, home=home, of_use=of_use, opening=opening)
            of_use = of_use or leads.of_use
            aside = aside or leads.aside
        return Place(districts, aside, parking, home=bool(districts), of_use=of_use)
