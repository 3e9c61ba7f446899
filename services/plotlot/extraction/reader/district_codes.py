"""Finds the districts that a code defines by a written code: ``R-1``, ``T6-8``, ``C2``."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from plotlot.domain.districts import CODE, district_key, members, roman_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_enumerations import enumerated_districts
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
    VIII VSA ZBA AE AH AO VE AM PM BY DU IE EG ET AL IN OF AND LOT MAP NEW OLD ALL ANY FOR NOT SQ FT MIN
    FEET FOOT INCH YARD SIDE REAR AREA UNIT ACRE LOTS NONE NOTE USE USES SITE SIZE
    US VT NH NY MAX TND GIS ROW LED MPH NTS
        """,
    )
)
_HYPHENED = re.compile(r"\w[-‐‑–]\w")
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
    rf"{CODE}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s+&\s+|\s+through\s+|\s+to\s+){CODE}){{0,40}}"
)
_CODES_THEN_ZONE = re.compile(
    rf"(?<![\w.-])(?P<codes>{_CODE_LIST})\s+(?:(?i:residential|zoning|multi-family|single-family|use)\s+){{0,2}}(?:[Dd]istrict|[Zz]one|DISTRICT|ZONE)[Ss]?\b"
)
_ZONED = re.compile(
    rf"\b(?:is|are)\s+(?:hereby\s+)?(?:re)?zoned\s+(?:to\s+|as\s+)?[\"“]?(?P<code>{CODE})(?![\w-])[\"”]?\s*,\s*"
    r"(?P<name>[A-Z][a-z][\w/&'’-]*(?:\s(?:[A-Z][\w/&'’-]*|and|of)){1,7})"
)
"""``The land is zoned PUD-17, Willow Creek Planned Unit Development``."""
_CODE_AND_ZONE = re.compile(
    rf"^{LABEL}(?P<codes>{CODE})\s+(?i:{ZONE})(?:\s+(?i:regulations|standards|requirements))?\W*$"
)
_ONLY_CODES = re.compile(rf"^{LABEL}(?P<codes>{_CODE_LIST})(?:\s+(?i:{ZONE}))?[\s.;,]*(?:and|or)?\s*$")
_NAME_BEFORE = re.compile(
    r"(?:[A-Z#][\w/&'’#-]*|\d{1,3})(?:[\s,]+(?:[A-Z][\w/&'’#-]*|and|of|to|[-–—/&]|\d{1,3}))*\s*$"
)
_TITLED = re.compile(
    r"[A-Z][\w/&,'’-]*(?:\s(?:[A-Z][\w/&,'’-]*|and|of|or|the|for|[-–—&/]|\d{1,4}))*", re.ASCII
)
_LIST_OF_CODES = re.compile(r"[A-Z]{1,3}-?\d\b|\S+\s+[A-Z]{1,3}\s?[=–]\s")
_NAME_ALONE = re.compile(rf"{LABEL}[A-Z][\w/&'’-]*(?:\s(?:[A-Z][\w/&'’-]*|and|of|\d{{1,2}})){{0,6}}$")
_NOTHING_MORE = re.compile(r"\s*(?:(?:zoning\s+)?district)?[\s.;,:]*(?:\.{3}.*)?", re.IGNORECASE)
_CELLS_AFTER = re.compile(r"(?:(?:\s+[A-Z](?:/?[A-Z])?\d?){2,}|\s+[NXYPC])$")
_LEGEND = re.compile(rf"(?<![\w-]){CODE}\s?=\s?[A-Z][A-Za-z&/’' -]+?(?=[,;.]|\s{{2,}}|\s{CODE}\s?=|$)")
_BEFORE_QUOTED = re.compile(rf"\s{{2,}}(?=[\"“]{CODE}[\"”]\s)")
_SET_EQUAL = re.compile(rf"{CODE}\s?=\s?[A-Z]")
_WIDE_GAP = re.compile(r"\s{4,}|\s{2,}(?=[\"“][A-Z])")
_MOST_BESIDE = 3
_LIST_HEADER = re.compile(
    r"\b(?:abbreviation|symbol|code|designation|district\s+name|map\s+label)\b", re.IGNORECASE
)
_ZONE_HEADER = re.compile(r"(?:zoning\s+|use\s+)?(?:districts?|zones?)", re.IGNORECASE)
_NAME_HEADER = re.compile(r"(?:(?:full|zoning|district|zone)\s+)*names?", re.IGNORECASE)
_IS_NAME = re.compile(r"[A-Z][\w/&'’#–-]*(?:\s+[\w/&'’#–-]+){0,7}")
_FEWEST_LISTED = 3
_FEW_USES = 5
_SHORT_WORD = re.compile(r"\b[a-z]{3,4}\b")


def coded_districts(documents: Sequence[Document]) -> list[District]:
    """The districts with a code, in the order in which they appear."""
    found: dict[str, _Candidate] = {}
    for document in documents:
        _Gatherer(document, found).gather()
        _gather_tables(document, found)
        _gather_lists(document, found)
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


@lru_cache(maxsize=8192)
def is_code(code: str) -> bool:
    """Whether a word of the form of a code may be one: no agency, roman numeral or abbreviation."""
    bare = re.sub(r"\W", "", code)
    # "P-C" and "O-R" are codes, PC and OR are none.
    if code.upper() in _NOT_CODES or (bare.upper() in _NOT_CODES and not _HYPHENED.search(code)):
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


class _Gatherer:
    """Notes what one document says of codes, into the candidates of the whole code."""

    def __init__(self, document: Document, found: dict[str, _Candidate]) -> None:
        self._document = document
        self._found = found
        self._headings = heading_starts(document)
        listed = list(listed_lines(document))
        self._listed = {offset for offset, _ in listed}
        self._declared = _in_lists_of_districts(listed)
        self._inside = _under_districts(document)

    def gather(self) -> None:
        """Everything that names a code."""
        for offset, line in (*lines(self._document), *_run_in_headings(self._document)):
            self._line(offset, line)
            self._nameless(offset, line)
        self._bracketed()
        self._in_text()
        for one in enumerated_districts(self._document):
            self._note(one.code, one.start, one.name, 2, 1)

    def _note(self, code: str, start: int, name: str, strong: int, weak: int) -> None:
        if not is_code(code) or (name and NOT_A_DISTRICT.search(name)) or _is_foreign_letter(code, name):
            return
        candidate = self._found.setdefault(district_key(code), _Candidate())
        candidate.spellings[code] += 1 + 4 * strong
        candidate.strong += strong
        candidate.weak += weak
        if name:
            candidate.names[tidy(name)] += 1 + strong
        if not candidate.document or strong > 1:
            candidate.document = candidate.document or self._document.name
            candidate.start = candidate.start or start

    def _line(self, offset: int, line: str) -> None:
        """A line that is a code and its name, or two of them side by side."""
        stripped = re.sub(r"\s{2,}", "  ", line.strip())
        if not 3 <= len(stripped) <= _LONGEST_LINE:
            return
        beside = _side_by_side(line.strip())
        for piece in beside or [stripped]:
            self._named(offset, line, piece)

    def _nameless(self, offset: int, line: str) -> None:
        """``R-1 District`` as a heading, and codes alone in the list of the districts that are established."""
        listed = offset in self._listed
        headed = offset in self._headings or offset + len(line) - len(line.lstrip()) in self._headings
        only = (_ONLY_CODES if listed else _CODE_AND_ZONE).match(line.strip()) if listed or headed else None
        alone = offset in self._declared and re.fullmatch(CODE, line.strip()) is not None
        for one in re.finditer(CODE, only["codes"]) if only else ():
            if _marked(one[0]) or (listed and len(one[0]) > 1 and one[0].isupper()) or alone:
                self._note(one[0], offset, "", 2, int(len(one[0]) == 1))

    def _named(self, offset: int, line: str, words: str) -> None:
        indent = offset + len(line) - len(line.lstrip())
        listed = offset in self._listed
        zone = listed or indent in self._inside or bool(re.search(ZONE, words, re.IGNORECASE))
        head = listed or offset in self._headings or indent in self._headings
        declared = offset in self._declared
        for match in _coded(words, declared=declared):
            lettered = len(re.sub(r"\W", "", match["code"])) == 1
            if zone or not lettered:
                weak = int(declared and lettered and _is_initial(match))
                self._note(match["code"], offset, match["name"], 1 + (head and zone), weak)
                break

    def _bracketed(self) -> None:
        """``Rural Residential (RR)``, in a heading or anywhere."""
        text = self._document.text
        for match in _PARENTHESISED.finditer(text):
            before = text[max(0, match.start() - 80) : match.start()]
            after = text[match.end() : match.end() + 25]
            name = _NAME_BEFORE.search(before)
            if not name or not re.search(rf"\b{KIND}\b", name[0], re.IGNORECASE):
                continue
            zone = bool(re.search(ZONE + r"\s*$", name[0], re.IGNORECASE)) or bool(
                re.match(rf"\s*{ZONE}", after, re.IGNORECASE)
            )
            line_start = text.rfind("\n", 0, match.start()) + 1
            heading = line_start in self._headings and match.start() - line_start < 150
            alone = self._is_alone(line_start, match)
            strong = zone or heading or alone
            listed = alone and line_start in self._listed
            self._note(match[1], match.start(), name[0], 1 + (zone or listed) if strong else 0, 1)

    def _is_alone(self, line_start: int, match: re.Match[str]) -> bool:
        """Whether a line says nothing but a name and its code in brackets."""
        text = self._document.text
        line_end = text.find("\n", match.end())
        after = text[match.end() : line_end if line_end >= 0 else len(text)]
        return bool(
            _NAME_ALONE.match(text[line_start : match.start()].strip()) and _NOTHING_MORE.fullmatch(after)
        )

    def _in_text(self) -> None:
        """Codes in quotes, before a name, and in lists that end in the word district."""
        text = self._document.text
        for match in _QUOTED_CODE.finditer(text):
            self._note(match["code"], match.start(), match["name"], 2, 1)
        for match in _CODE_IN_TEXT.finditer(text):
            known = re.search(rf"\b{KIND}\b", match["name"], re.IGNORECASE) and len(match["code"]) > 1
            if known and (
                _marked(match["code"]) or _abbreviates(match["code"], match[0][len(match["code"]) :])
            ):
                self._note(match["code"], match.start(), match["name"], 1, 1)
        for match in _ZONED.finditer(text):
            if _marked(match["code"]):
                self._note(match["code"], match.start(), match["name"], 1, 1)
        for match in _CODES_THEN_ZONE.finditer(text):
            for one in re.finditer(CODE, match["codes"]):
                if one[0].isupper():
                    self._note(one[0], match.start(), "", 0, 1)


def _side_by_side(line: str) -> list[str]:
    """Codes with their names in one line, far apart: ``AG Agricultural      RR Rural Residential``."""
    legend = [match[0] for match in _LEGEND.finditer(line)]
    if len(legend) > 1:
        return [piece for piece in legend if _coded(piece)]
    quoted = [re.sub(r"\s{2,}", "  ", piece) for piece in _BEFORE_QUOTED.split(line)]
    if len(quoted) > 1 and all(map(_coded, quoted)):
        return quoted
    pieces = _WIDE_GAP.split(line)
    if not 1 < len(pieces) <= _MOST_BESIDE:
        return []
    coded = [piece for piece in pieces if _coded(piece)]
    return coded if len(coded) == len(pieces) or all(map(_SET_EQUAL.match, pieces)) else []


def _in_lists_of_districts(listed: Sequence[tuple[int, str]]) -> frozenset[int]:
    """Where lines stand that follow one another as codes, with names or alone, half of them at least surely districts."""
    declared: set[int] = set()
    run: list[tuple[int, bool]] = []
    for offset, line in [*listed, (0, "end")]:
        words = re.sub(r"\s{2,}", "  ", line.strip())
        coded, alone = _CODE_THEN_NAME.match(words), re.fullmatch(CODE, words)
        if coded and is_code(coded["code"]) and _TITLED.fullmatch(coded["name"].strip()):
            run.append((offset, re.search(rf"\b{KIND}\b", coded["name"], re.IGNORECASE) is not None))
        elif alone and is_code(words):
            run.append((offset, _marked(words)))
        elif words:
            sure = sum(is_kind for _, is_kind in run)
            declared |= {at for at, _ in run if len(run) >= _FEWEST_LISTED and 2 * sure >= len(run)}
            run = []
    return frozenset(declared)


def _coded(words: str, *, declared: bool = False) -> list[re.Match[str]]:
    """A code and a name in either order; in a list of districts that are ``declared`` a name may be any."""
    found = [match for pattern in (_CODE_THEN_NAME, _NAME_THEN_CODE) if (match := pattern.match(words))]
    return [
        match
        for match in found
        if (re.search(rf"\b{KIND}\b", match["name"], re.IGNORECASE) or (declared and _stands_for(match)))
        and not _LIST_OF_CODES.match(match["name"])
        and not (match["code"].isalpha() and not (match["code"].isupper() and match["name"][0].isupper()))
        and not _CELLS_AFTER.search(match["name"])
        and not (_is_item(match) and not (declared and _is_initial(match)))
        and not (words.isupper() and _first_word(match) and not _abbreviates(match["code"], match["name"]))
    ]


def _stands_for(match: re.Match[str]) -> bool:
    """Whether a code with a number, or letters of a name, may stand for a name of any kind: ``MS Museum Support``."""
    opens = match.start("code") == 0
    return opens and (_marked(match["code"]) or _abbreviates(match["code"], match["name"]))


def _is_initial(match: re.Match[str]) -> bool:
    """Whether a letter opens the line and the name after it: ``A Agricultural``, not ``A. Village Area``."""
    between = match.string[match.end("code") : match.start("name")]
    return (
        match.start("code") == 0
        and match["name"].startswith(match["code"])
        and not re.search(r"[.)]", between)
    )


def _is_foreign_letter(code: str, name: str) -> bool:
    """Whether a single letter stands for no word of its name, as the mark of a use in a table does not."""
    words = re.findall(r"[A-Za-z]+", name)
    return len(code) == 1 and bool(words) and all(word[0].upper() != code for word in words)


def _is_item(match: re.Match[str]) -> bool:
    """Whether a single letter before a name rather counts an item: "A Home Business", "A. Purpose"."""
    between = match.string[match.end("code") : match.start("name")]
    return (
        len(match["code"]) == 1
        and match.start("code") < match.start("name")
        and between in (" ", ". ", ".", ") ")
    )


def _gather_tables(document: Document, found: dict[str, _Candidate]) -> None:
    """Codes that head the columns or rows of a table of districts."""
    for table in document.tables:
        texts = [(cell.row, cell.column, document.cell_text(cell)) for cell in table.cells]
        heads = [[text for row, _, text in texts if row == number] for number in (0, 1)]
        for cells in (*heads, [text for _, column, text in texts if column == 0]):
            codes = [text for text in cells if re.fullmatch(CODE, text) and is_code(text) and len(text) > 1]
            marked = [code for code in codes if _marked(code)]
            if len(marked) < 2 or 2 * len(codes) < len([text for text in cells if text]) - 1:
                continue
            for code in codes:
                candidate = found.setdefault(district_key(code), _Candidate())
                candidate.spellings[code] += 1
                candidate.weak += 3
                candidate.document = candidate.document or document.name


def _gather_lists(document: Document, found: dict[str, _Candidate]) -> None:
    """Tables that list the districts: in one column their names, in another their codes."""
    for table in document.tables:
        texts = {(cell.row, cell.column): document.cell_text(cell) for cell in table.cells}
        columns = {column for _, column in texts}
        coded = Counter(column for (_, column), text in texts.items() if re.fullmatch(CODE, text))
        for codes in (column for column in columns if coded[column] >= _FEWEST_LISTED):
            for names in columns - {codes}:
                rows = [row for row in range(table.rows) if (row, names) in texts and (row, codes) in texts]
                heads = [(texts.get((row, codes), ""), texts.get((row, names), "")) for row in range(3)]
                headed = any(_heads_list(*head) for head in heads)
                for name, code in _declared([(texts[row, names], texts[row, codes]) for row in rows], headed):
                    candidate = found.setdefault(district_key(code), _Candidate())
                    candidate.spellings[code] += 5
                    candidate.names[tidy(name)] += 3
                    candidate.strong += 2
                    candidate.weak += 1
                    candidate.document = candidate.document or document.name
                    candidate.start = candidate.start or table.start


def _heads_list(codes: str, names: str) -> bool:
    """Whether two cells head a list of districts: ``Symbol``, or ``Zone`` beside ``Name``."""
    zones = _ZONE_HEADER.fullmatch(codes) and _NAME_HEADER.fullmatch(names)
    return bool(zones or _LIST_HEADER.search(codes))


def _declared(pairs: Sequence[tuple[str, str]], headed: bool) -> list[tuple[str, str]]:
    """Names with codes where nearly every row is such a pair; without a header codes abbreviate names."""
    rows = [
        (name, code) for name, code in pairs if not (_LIST_HEADER.search(name) or _heads_list(code, name))
    ]
    good = [
        (name, code)
        for name, code in rows
        if re.fullmatch(CODE, code)
        and is_code(code)
        and _IS_NAME.fullmatch(name)
        and not re.fullmatch(CODE, name)
    ]
    kinds = sum(bool(re.search(rf"\b{KIND}\b", name, re.IGNORECASE)) for name, _ in good)
    initials = sum(_abbreviates(re.sub(r"[^A-Za-z]", "", code), name) for name, code in good)
    few = len(good) < _FEWEST_LISTED or 5 * len(good) < 4 * len(rows) or 2 * kinds < len(good)
    return [] if few or not (headed or 5 * initials >= 4 * len(good)) else good


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
    """Drop a nameless R1 or RS that only stands for R1-100 and R1-60, or RS-7 and RS-10, which have names."""
    named = [district.code for district in districts if district.name]
    return [d for d in districts if d.name or not (members(d.code, named) or _heads_numbers(d.code, named))]


def _heads_numbers(letters: str, named: Sequence[str]) -> bool:
    """Whether letters alone are what codes with numbers begin with."""
    return letters.isalpha() and any(re.match(rf"{letters}[\s-]?\d", code) for code in named)


def _without_parts(districts: Iterable[District]) -> list[District]:
    """Drop one spelling of a pair such as R-I and R-1 that are the same district."""
    kept: dict[str, District] = {}
    for district in districts:
        key = roman_key(district.code)
        if key not in kept or district_key(kept[key].code) != key:
            kept[key] = district
    return list(kept.values())
