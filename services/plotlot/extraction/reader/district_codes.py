"""Finds the districts that a code defines by a written code: ``R-1``, ``T6-8``, ``C2``."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plotlot.domain.districts import CODE, district_key, members, roman_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_words import (
    KIND,
    LABEL,
    NOT_A_DISTRICT,
    ZONE,
    heading_starts,
    lines,
    listed_lines,
    tidy,
)

_NOT_CODES = frozenset(
    re.findall(
        r"\w+",
        """
    ADA ADU AKA ANSI ASCE BFE BOA CFR CO DBH DEC DNR DOT DRB EPA FAA FAR FBFM FCC FEMA FHBM FIRM FIS HUD
    HVAC II III IV LLC NA NFIP NO OR ORD PC PRD PUD RCW RV SEC SFHA STAT THE TO TDR USA USC USDA VI VII
    VIII VSA ZBA AE AH AO VE AM PM DU IE EG ET AL IN OF AND LOT MAP NEW OLD ALL ANY FOR NOT SQ FT MIN
    MAX TND GIS ROW LED MPH NTS
        """,
    )
)
_LONGEST_LINE = 170
_PARENTHESISED = re.compile(rf"[(\[]\s*[\"“‘']?({CODE})[\"”’']?\s*[)\]]")
_CODE_THEN_NAME = re.compile(
    rf"^{LABEL}[\"“]?(?P<code>{CODE})[\"”]?[,:]?(?:\s+{ZONE})?\s*(?:[-–—:=|,.]+\s*|\s+)(?P<name>[A-Za-z][^.;|()]{{3,75}}?)"
    rf"\s*(?:[.;|:(]|$)",
)
_NAME_THEN_CODE = re.compile(
    rf"^{LABEL}(?P<name>[A-Za-z][^.;|()]{{2,60}}?)(?:\s*[|–—:-][-|–—:\s]*|\s{{2}})[\"“]?(?P<code>{CODE})[\"”]?[\s|]*$"
)
_QUOTED_CODE = re.compile(
    rf"[\"“]\s?(?P<code>{CODE})\s?[\"”][,\s–—-]+"
    r"(?P<name>[A-Z][\w/&'’-]*(?:\s+[\w/&'’-]+){0,6}?)\s+(?:Zoning\s+)?"
    r"(?:[Dd]istrict|DISTRICT|[Zz]one|ZONE)"
)
_CODE_IN_TEXT = re.compile(
    rf"(?<![\w-])(?P<code>{CODE})\s+(?P<name>[A-Z][a-z][\w/&'’-]*(?:\s+(?:(?:and|of)\s+)?[A-Z][a-z][\w/&'’-]*){{0,5}}?)\s+District\b"
)
_CODE_LIST = (
    rf"{CODE}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s+&\s+|\s+through\s+|\s+to\s+){CODE})*"
)
_CODES_THEN_ZONE = re.compile(
    rf"(?<![\w.-])(?P<codes>{_CODE_LIST})\s+(?:(?i:residential|zoning|multi-family|single-family|use)\s+){{0,2}}(?:[Dd]istrict|[Zz]one|DISTRICT|ZONE)[Ss]?\b"
)


_FEW_USES = 5
_SHORT_WORD = re.compile(r"\b[a-z]{3,4}\b")


def coded_districts(documents: Sequence[Document]) -> list[District]:
    """The districts with a code, in the order in which they appear."""
    found: dict[str, _Candidate] = {}
    for document in documents:
        _gather(document, found)
        _gather_tables(document, found)
    districts: list[District] = []
    for candidate in found.values():
        if not candidate.accepted():
            continue
        code = max(candidate.spellings, key=lambda s: (candidate.spellings[s], -len(s)))
        name = max(candidate.names, key=lambda n: candidate.names[n], default="")
        districts.append(District(code, name, candidate.document, candidate.start))
    districts = _without_words(districts, documents)
    districts.extend(_variants(districts, documents))
    return _without_families(_without_parts(districts))


def is_code(code: str) -> bool:
    """Whether a word of the form of a code may be one: no agency, roman numeral or abbreviation."""
    bare = re.sub(r"\W", "", code)
    if code.upper() in _NOT_CODES or bare.upper() in _NOT_CODES:
        return False
    if len(bare) > 1 and re.fullmatch(r"X{0,3}(?:IX|IV|V?I{0,3})", bare):
        return False
    if re.fullmatch(r"[A-Z]{2,4}s", bare):
        return False
    if re.match(r"[IVX]{2,}\s+[-–—/]|[IVX]{2,}\s?[–—]", code):
        # The numeral of an article before the code of its district.
        return False
    return bool(re.search(r"[A-Z]", code)) and len(bare) <= 9


def _marked(code: str) -> bool:
    return bool(re.search(r"\d|-", code))


def _abbreviates(code: str, name: str) -> bool:
    """Whether the letters of a code come in this order in a name: GC for General Commercial."""
    letters = iter(name.lower())
    return all(letter in letters for letter in code.lower())


@dataclass(slots=True)
class _Candidate:
    """What speaks for a code being a district."""

    spellings: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    names: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    strong: int = 0
    weak: int = 0
    document: str = ""
    start: int = 0

    def accepted(self) -> bool:
        """Two named places, or one and some plain ones; a digit or hyphen lowers the bar."""
        spelling = max(self.spellings, key=lambda s: self.spellings[s])
        plain = not re.search(r"\d|-", spelling)
        if len(spelling) == 1:
            return self.strong >= 2 and self.weak >= 1
        score = 2 * min(self.strong, 4) + min(self.weak, 4)
        return score >= (4 if plain else 3)


def _under_districts(document: Document) -> frozenset[int]:
    """Where the sections start that stand under a heading such as ``Residential districts``."""
    starts = set()
    for section in document.sections:
        parent = document.sections[section.parent] if section.parent is not None else None
        if parent is not None and parent.parent is not None and re.search(ZONE, parent.title, re.IGNORECASE):
            starts.add(section.start)
    return frozenset(starts)


def _run_in_headings(document: Document) -> Iterator[tuple[int, str]]:
    """Headings with their offsets where the text goes on in their line."""
    for section in document.sections:
        line_end = document.text.find("\n", section.start)
        if section.heading and line_end - section.start > _LONGEST_LINE:
            yield section.start, section.title


def _first_word(match: re.Match[str]) -> bool:
    """Whether a code of plain letters and its name are only apart by a space, as two words are."""
    between = match.string[match.end("code") : match.start("name")]
    return match["code"].isalpha() and match.start("code") < match.start("name") and between.isspace()


def _gather(document: Document, found: dict[str, _Candidate]) -> None:
    headings = heading_starts(document)
    listed = {offset for offset, _ in listed_lines(document)}
    inside = _under_districts(document)

    def note(code: str, start: int, name: str, strong: int, weak: int) -> None:
        if not is_code(code) or (name and NOT_A_DISTRICT.search(name)):
            return
        candidate = found.setdefault(district_key(code), _Candidate())
        candidate.spellings[code] += 1 + 4 * strong
        candidate.strong += strong
        candidate.weak += weak
        if name:
            candidate.names[tidy(name)] += 1 + strong
        if not candidate.document or strong > 1:
            candidate.document = candidate.document or document.name
            candidate.start = candidate.start or start

    for offset, line in (*lines(document), *_run_in_headings(document)):
        stripped = re.sub(r"\s{2,}", "  ", line.strip())
        if not 3 <= len(stripped) <= _LONGEST_LINE:
            continue
        indent = offset + len(line) - len(line.lstrip())
        head = offset in listed or offset in headings or indent in headings
        for pattern in (_CODE_THEN_NAME, _NAME_THEN_CODE):
            match = pattern.match(stripped)
            if match and re.search(rf"\b{KIND}\b", match["name"], re.IGNORECASE):
                zone = offset in listed or indent in inside or bool(re.search(ZONE, stripped, re.IGNORECASE))
                if len(re.sub(r"\W", "", match["code"])) == 1 and not zone:
                    continue
                if match["code"].isalpha() and not match["code"].isupper():
                    continue
                if (
                    stripped.isupper()
                    and _first_word(match)
                    and not _abbreviates(match["code"], match["name"])
                ):
                    continue
                note(match["code"], offset, match["name"], 1 + (head and zone), 0)
                break
    for match in _PARENTHESISED.finditer(document.text):
        before = document.text[max(0, match.start() - 80) : match.start()]
        after = document.text[match.end() : match.end() + 25]
        name = re.search(
            r"(?:[A-Z#][\w/&'’#-]*|\d{1,3})(?:[\s,]+(?:[A-Z][\w/&'’#-]*|and|of|to|[-–—/&]|\d{1,3}))*\s*$",
            before,
        )
        if not name or not re.search(rf"\b{KIND}\b", name[0], re.IGNORECASE):
            continue
        zone = bool(re.search(ZONE + r"\s*$", name[0], re.IGNORECASE)) or bool(
            re.match(rf"\s*{ZONE}", after, re.IGNORECASE)
        )
        line_start = document.text.rfind("\n", 0, match.start()) + 1
        heading = line_start in headings and match.start() - line_start < 150
        note(match[1], match.start(), name[0], 1 + bool(zone) if (zone or heading) else 0, 1)
    for match in _QUOTED_CODE.finditer(document.text):
        note(match["code"], match.start(), match["name"], 2, 1)
    for match in _CODE_IN_TEXT.finditer(document.text):
        known = re.search(rf"\b{KIND}\b", match["name"], re.IGNORECASE)
        if (
            known
            and len(match["code"]) > 1
            and (_marked(match["code"]) or _abbreviates(match["code"], match[0][len(match["code"]) :]))
        ):
            note(match["code"], match.start(), match["name"], 1, 1)
    for match in _CODES_THEN_ZONE.finditer(document.text):
        for one in re.finditer(CODE, match["codes"]):
            if one[0].isupper():
                note(one[0], match.start(), "", 0, 1)


def _gather_tables(document: Document, found: dict[str, _Candidate]) -> None:
    """Codes that head the columns or rows of a table of districts."""
    for table in document.tables:
        for header in (True, False):
            cells = [
                document.cell_text(cell)
                for cell in table.cells
                if (cell.row <= 1 if header else cell.column == 0)
            ]
            codes = [text for text in cells if re.fullmatch(CODE, text) and is_code(text) and len(text) > 1]
            marked = [code for code in codes if re.search(r"\d|-", code)]
            if len(marked) < 2 or 2 * len(codes) < len([c for c in cells if c]) - 1:
                continue
            for code in codes:
                candidate = found.setdefault(district_key(code), _Candidate())
                candidate.spellings[code] += 1
                candidate.weak += 3
                candidate.document = candidate.document or document.name


def _variants(districts: Sequence[District], documents: Sequence[Document]) -> list[District]:
    """Variants of a family that the code uses without declaring them: T3-R and T3-O of T3."""
    known = {district_key(district.code) for district in districts}
    counts: dict[str, int] = defaultdict(int)
    families = [re.escape(d.code) for d in districts if re.search(r"\d$", d.code)]
    if not families:
        return []
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(families)})-[A-Z](?![\w-])")
    for document in documents:
        for match in pattern.finditer(document.text):
            counts[match[0]] += 1
    return [
        District(code) for code, count in counts.items() if count >= 4 and district_key(code) not in known
    ]


def _without_words(districts: Sequence[District], documents: Sequence[Document]) -> list[District]:
    """Drop HOME and PLAN, which are words in capitals, unless the code sets them in brackets or quotes."""
    plain = [district.code for district in districts if re.fullmatch(r"[A-Z]{3,4}", district.code)]
    if not plain:
        return list(districts)
    uses = Counter(word for document in documents for word in _SHORT_WORD.findall(document.text))
    words = {code for code in plain if uses[code.lower()] >= _FEW_USES}
    marked = {code for code in words if any(_is_marked(code, document.text) for document in documents)}
    words -= marked
    return [district for district in districts if district.code not in words]


def _is_marked(code: str, text: str) -> bool:
    return re.search(rf"[(\"“‘]{code}[)\"”’]", text) is not None


def _without_families(districts: Sequence[District]) -> list[District]:
    """Drop a nameless R1 that only stands for R1-100 and R1-60, which have names."""
    named = [district.code for district in districts if district.name]
    return [d for d in districts if d.name or not members(d.code, named)]


def _without_parts(districts: Iterable[District]) -> list[District]:
    """Drop one spelling of a pair such as R-I and R-1 that are the same district."""
    kept: dict[str, District] = {}
    for district in districts:
        key = roman_key(district.code)
        if key not in kept or district_key(kept[key].code) != key:
            kept[key] = district
    return list(kept.values())
