"""Finds the zoning districts that a code defines, and the districts that a text names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plotlot.domain.districts import CODE, between, district_key, members, roman_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import District

_NOT_CODES = frozenset(
    [
        "ADA",
        "ADU",
        "AKA",
        "ANSI",
        "ASCE",
        "BFE",
        "BOA",
        "CFR",
        "CO",
        "DBH",
        "DEC",
        "DNR",
        "DOT",
        "DRB",
        "EPA",
        "FAA",
        "FAR",
        "FBFM",
        "FCC",
        "FEMA",
        "FHBM",
        "FIRM",
        "FIS",
        "HUD",
        "HVAC",
        "II",
        "III",
        "IV",
        "LLC",
        "NA",
        "NFIP",
        "NO",
        "OR",
        "ORD",
        "PC",
        "PRD",
        "PUD",
        "RCW",
        "RV",
        "SEC",
        "SFHA",
        "STAT",
        "THE",
        "TO",
        "TDR",
        "USA",
        "USC",
        "USDA",
        "VI",
        "VII",
        "VIII",
        "VSA",
        "ZBA",
        "AE",
        "AH",
        "AO",
        "VE",
        "AM",
        "PM",
        "DU",
        "IE",
        "EG",
        "ET",
        "AL",
        "IN",
        "OF",
        "AND",
        "LOT",
        "MAP",
        "NEW",
        "OLD",
        "ALL",
        "ANY",
        "FOR",
        "NOT",
        "SQ",
        "FT",
        "MIN",
        "MAX",
        "TND",
        "GIS",
        "ROW",
        "LED",
        "MPH",
        "NTS",
    ]
)
_KIND = (
    r"(?:resid\w*|agricult\w*|commerc\w*|business|industr\w*|village|rural|conservation|forest\w*|mixed|center|"
    r"neighborhood|family|famil(?:y|ies)|density|manufactur\w*|mobile|office|institution\w*|open\s+space|recreation\w*|lake\w*|"
    r"shore\w*|town|transect|urban|suburban|estate|professional|retail|public|park|downtown|hamlet|highway|planned|"
    r"country|farm\w*|housing|attached|detached|apartments?|waterfront|marine|civic|natural|research|multi\w*|single|general|central)"
)
_ZONE = r"(?:zoning\s+|use\s+)?(?:districts?|zones?)"
_LABEL = (
    r"(?:[#*|>\s]*+)(?:(?:section|sec\.?|article|art\.?|chapter|division|part|§+)\s*)?"
    r"(?:(?:[IVX]+|\d[\w.-]*|\(?[A-Za-z0-9]{1,3}[.)])[\s.:)–—-]++)?[-–—:.\s]*+"
)
_PARENTHESISED = re.compile(rf"[(\[]\s*[\"“‘']?({CODE})[\"”’']?\s*[)\]]")
_CODE_THEN_NAME = re.compile(
    rf"^{_LABEL}[\"“]?(?P<code>{CODE})[\"”]?[,:]?(?:\s+{_ZONE})?\s*(?:[-–—:=|,.]+\s*|\s+)(?P<name>[A-Za-z][^.;|()]{{3,75}}?)"
    rf"\s*(?:[.;|:(]|$)",
)
_NAME_THEN_CODE = re.compile(
    rf"^{_LABEL}(?P<name>[A-Za-z][^.;|()]{{2,60}}?)(?:\s*[|–—:-][-|–—:\s]*|\s{{2}})[\"“]?(?P<code>{CODE})[\"”]?[\s|]*$"
)
_QUOTED_CODE = re.compile(
    rf"[\"“]\s?(?P<code>{CODE})\s?[\"”][,\s–—-]+"
    r"(?P<name>[A-Z][\w/&'’-]*(?:\s+[\w/&'’-]+){0,6}?)\s+(?:Zoning\s+)?"
    r"(?:[Dd]istrict|DISTRICT|[Zz]one|ZONE)"
)
_NOT_A_DISTRICT = re.compile(
    r"\b(?:regulations?|provisions?|agency|authority|board|town\s+of|city\s+of|sales|standards?|"
    r"program|commission|association|council|fund|act|ordinance|bylaws?|statutes?|developments)\b",
    re.IGNORECASE,
)
_CODE_LIST = (
    rf"{CODE}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+|\s+&\s+|\s+through\s+|\s+to\s+){CODE})*"
)
_CODES_THEN_ZONE = re.compile(
    rf"(?<![\w.-])(?P<codes>{_CODE_LIST})\s+(?:(?i:residential|zoning|multi-family|single-family|use)\s+){{0,2}}(?:[Dd]istrict|[Zz]one|DISTRICT|ZONE)[Ss]?\b"
)
_NAMED = re.compile(
    rf"^{_LABEL}(?P<name>(?-i:[A-Z])[\w/&,'’#–-]*(?:\s+[\w/&,'’#–-]+){{0,6}}?)\s+(?:zoning\s+|use\s+)?(?:district|zone)s?(?P<tail>\s+(?:[IVX]{{1,3}}|\d))?"
    rf"\s*(?:[-–—:(.].*)?$",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    r"\b(?:zoning|school|fire|water|sewer|special|such|same|other|any|each|every|all|this|that|these|which|establish\w*|permitted|uses?|"
    r"boundar\w*|between|within|one|more|lots?|standards?|regulations?|requirements?|purpose|map|review|local|taxing|improvement|"
    r"historic|congress\w*|court|voting|election|tax|levy|overlay|floating|base|underlying|adjacent|abutting|new|if|where|when|no|of\s+the|in|not|are|is|"
    r"shall|by|to|from|that|with|or|created|creation|change|interpretation|official|description|list\w*|dimensional|table|parking|buffer|district|districts|flood\w*|wellhead|aquifer|airport)\b",
    re.IGNORECASE,
)


def _is_code(code: str) -> bool:
    bare = re.sub(r"\W", "", code)
    if code.upper() in _NOT_CODES or bare.upper() in _NOT_CODES:
        return False
    return bool(re.search(r"[A-Z]", code)) and len(bare) <= 9


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


def _tidy(name: str) -> str:
    words = re.sub(r"\s+", " ", name).strip(' -–—:,.|"“”#*')
    words = re.sub(r"(?i)^(?:(?:the|a|an|in|and|section|article)\s+|\d+[\d.]*\s+)+", "", words)
    words = re.sub(r"(?i)[\s,]+(?:zoning\s+|use\s+)?(?:districts?|zones?)$", "", words)
    return words.title() if words.isupper() else words


class DistrictIndex:
    """The districts of a code and the ways in which texts name them."""

    def __init__(self, districts: Sequence[District]) -> None:
        self.districts = tuple(districts)
        self.codes = tuple(district.code for district in districts)
        self.by_code = {district.code: district for district in districts}
        self._by_key = {district_key(code): code for code in self.codes}
        for code in self.codes:
            self._by_key.setdefault(roman_key(code), code)
        self._nameless = frozenset(d.code for d in districts if not d.name)
        self._names: dict[str, str] = {}
        for district in districts:
            for name in (district.name, district.code):
                if (len(name) > 5 and " " in name.strip()) or (
                    name and district_key(name).isalpha() and len(name) > 4
                ):
                    self._names.setdefault(_name_key(name), district.code)
        self._mention = re.compile(
            rf"(?<![\w.-])(?P<first>{CODE})(?![\w])(?:\s+(?:through|thru|to)\s+(?P<last>{CODE})(?!\w))?"
        )
        names = sorted(self._names, key=len, reverse=True)
        body = "|".join(r"[\s/&,-]+".join(map(re.escape, name.split())) for name in names)
        self._name_pattern = re.compile(rf"\b(?:{body})\b", re.IGNORECASE) if names else None

    def __len__(self) -> int:
        return len(self.districts)

    def resolve(self, code: str) -> tuple[str, ...]:
        """The districts that a written code means: itself, its other spelling, or its family."""
        exact = self._by_key.get(district_key(code)) or self._by_key.get(roman_key(code))
        if exact:
            # T5 speaks for T5-R and T5-O where the code names only the family.
            heirs = (c for c in members(exact, self.codes) if c in self._nameless)
            return (exact, *heirs)
        return members(code, self.codes)

    def find(self, text: str, *, strict: bool = False) -> tuple[str, ...]:
        """Districts named in a text, in order.

        Strict reading, for running prose, wants the word district or zone beside a code of plain
        letters and beside a name.
        """
        found: list[tuple[int, tuple[str, ...]]] = []
        for match in self._mention.finditer(text):
            codes = self._resolved(match)
            if codes and (not strict or self._is_marked(text, match, codes)):
                found.append((match.start(), codes))
        if self._name_pattern:
            for match in self._name_pattern.finditer(text):
                if not strict or _ZONE_AFTER.match(text, match.end()):
                    code = self._names.get(_name_key(match[0]))
                    if code:
                        found.append((match.start(), (code,)))
        ordered = [code for _, codes in sorted(found) for code in codes]
        return tuple(dict.fromkeys(ordered))

    def _resolved(self, match: re.Match[str]) -> tuple[str, ...]:
        first = self.resolve(match["first"])
        if match["last"]:
            last = self.resolve(match["last"])
            if len(first) == 1 and len(last) == 1:
                return between(first[0], last[0], self.codes)
            return first + last
        return first

    def _is_marked(self, text: str, match: re.Match[str], codes: tuple[str, ...]) -> bool:
        if re.search(r"\d|-", match["first"]) and len(match["first"]) > 1:
            return True
        after = text[match.end() : match.end() + 40]
        before = text[max(0, match.start() - 25) : match.start()]
        return bool(
            re.match(r"\W{0,2}\s*(?:[A-Za-z-]+\s+){0,2}(?:[Dd]istrict|[Zz]one|DISTRICT|ZONE)", after)
            or re.search(r"(?:[Dd]istricts?|[Zz]ones?|DISTRICTS?)\W{1,3}$", before)
            or (before.endswith("(") and after.startswith(")"))
        )


_ZONE_AFTER = re.compile(r"\s*(?:\([^)]{1,10}\)\s*)?(?:zoning\s+|use\s+)?(?:district|zone)", re.IGNORECASE)


def _name_key(name: str) -> str:
    words = re.findall(r"[a-z]+|\d+", name.lower().replace("&", " and "))
    return " ".join(w for w in words if w not in ("district", "districts", "zone", "zones", "zoning", "the"))


def _lines(document: Document) -> Iterator[tuple[int, str]]:
    offset = 0
    for line in document.text.split("\n"):
        yield offset, line
        offset += len(line) + 1


def _heading_starts(document: Document) -> frozenset[int]:
    return frozenset(section.start for section in document.sections if section.parent is not None)


def _gather(document: Document, found: dict[str, _Candidate]) -> None:
    headings = _heading_starts(document)

    def note(code: str, start: int, name: str, strong: int, weak: int) -> None:
        if not _is_code(code) or (name and _NOT_A_DISTRICT.search(name)):
            return
        candidate = found.setdefault(district_key(code), _Candidate())
        candidate.spellings[code] += 1 + 4 * strong
        candidate.strong += strong
        candidate.weak += weak
        if name:
            candidate.names[_tidy(name)] += 1 + strong
        if not candidate.document or strong > 1:
            candidate.document = candidate.document or document.name
            candidate.start = candidate.start or start

    for offset, line in _lines(document):
        stripped = re.sub(r"\s{2,}", "  ", line.strip())
        if not 3 <= len(stripped) <= 170:
            continue
        bonus = 1 if offset + len(line) - len(line.lstrip()) in headings or offset in headings else 0
        for pattern in (_CODE_THEN_NAME, _NAME_THEN_CODE):
            match = pattern.match(stripped)
            if match and re.search(rf"\b{_KIND}\b", match["name"], re.IGNORECASE):
                zone = bool(re.search(_ZONE, stripped, re.IGNORECASE))
                if len(re.sub(r"\W", "", match["code"])) == 1 and not zone:
                    continue
                if match["code"].isalpha() and not match["code"].isupper():
                    continue
                note(match["code"], offset, match["name"], 1 + bonus * zone, 0)
                break
    for match in _PARENTHESISED.finditer(document.text):
        before = document.text[max(0, match.start() - 80) : match.start()]
        after = document.text[match.end() : match.end() + 25]
        name = re.search(
            r"(?:[A-Z#][\w/&'’#-]*|\d{1,3})(?:[\s,]+(?:[A-Z][\w/&'’#-]*|and|of|to|[-–—/&]|\d{1,3}))*\s*$",
            before,
        )
        if not name or not re.search(rf"\b{_KIND}\b", name[0], re.IGNORECASE):
            continue
        zone = bool(re.search(_ZONE + r"\s*$", name[0], re.IGNORECASE)) or bool(
            re.match(rf"\s*{_ZONE}", after, re.IGNORECASE)
        )
        line_start = document.text.rfind("\n", 0, match.start()) + 1
        heading = line_start in headings and match.start() - line_start < 150
        note(match[1], match.start(), name[0], 1 + bool(zone) if (zone or heading) else 0, 1)
    for match in _QUOTED_CODE.finditer(document.text):
        note(match["code"], match.start(), match["name"], 2, 1)
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
            codes = [text for text in cells if re.fullmatch(CODE, text) and _is_code(text) and len(text) > 1]
            marked = [code for code in codes if re.search(r"\d|-", code)]
            if len(marked) < 2 or 2 * len(codes) < len([c for c in cells if c]) - 1:
                continue
            for code in codes:
                candidate = found.setdefault(district_key(code), _Candidate())
                candidate.spellings[code] += 1
                candidate.weak += 3
                candidate.document = candidate.document or document.name


_ESTABLISHES = re.compile(
    r"(?:following|divided\s+into|establish\w*|classes\s+of|designated)\b[^.]{0,120}?\b(?:districts?|zones?)\b[^.:]{0,90}:|"
    r"\b(?:districts?|zones?)\b[^.:]{0,60}\b(?:following|divided\s+into|establish\w*)\b[^.:]{0,40}:",
    re.IGNORECASE,
)
_LISTED = re.compile(
    rf"^{_LABEL}[•\uf0b7o▪●*]?\s*[\"“]?(?P<name>[A-Z][\w/&'’#-]*(?:\s+(?:[A-Z(#&/–-][\w/&'’#)-]*|and|of|\d{{1,2}}))*)[\"”]?[.;,:]?\s*(?:and)?$"
)


def _named_districts(documents: Sequence[Document], known: DistrictIndex) -> list[District]:
    """Districts that have a name and no code, found by their headings and in lists of districts."""
    found: dict[str, District] = {}
    counts: dict[str, int] = defaultdict(int)
    for document in documents:
        for name, offset, weight in [*_headed_names(document), *_listed_names(document)]:
            key = _name_key(name)
            if key and not known.find(name):
                counts[key] += weight
                found.setdefault(key, District(name, name, document.name, offset))
    text = "\n".join(document.text for document in documents).lower()
    kept = []
    for key, district in found.items():
        pattern = rf"{re.escape(district.name.lower())}\s+(?:zoning\s+)?(?:district|zone)"
        enough = 1 if counts[key] >= 4 else 2
        if counts[key] >= 2 and sum(1 for _ in re.finditer(pattern, text)) >= enough:
            kept.append(district)
    return kept


def _headed_names(document: Document) -> Iterator[tuple[str, int, int]]:
    headings = _heading_starts(document)
    for offset, line in _lines(document):
        stripped = re.sub(r"\s+", " ", line.strip())
        match = _NAMED.match(stripped) if len(stripped) <= 90 else None
        if not match:
            continue
        name = _tidy(match["name"] + (match["tail"] or ""))
        if _may_be_name(name):
            indent = offset + len(line) - len(line.lstrip())
            yield name, offset, 2 if (offset in headings or indent in headings) else 1


def _may_be_name(name: str) -> bool:
    return (
        len(name) >= 4
        and name[0].isupper()
        and not _NOT_NAMES.search(name)
        and not _NOT_A_DISTRICT.search(name)
        and bool(re.search(rf"\b{_KIND}\b", name, re.IGNORECASE))
    )


def _listed_names(document: Document) -> Iterator[tuple[str, int, int]]:
    """Names in the list that follows ``is divided into the following districts:``."""
    for match in _ESTABLISHES.finditer(document.text):
        offset = match.end()
        for line in document.text[offset : offset + 1_800].split("\n")[:40]:
            stripped = re.sub(r"\s+", " ", line.strip())
            listed = _LISTED.match(stripped) if 3 < len(stripped) < 60 else None
            if listed:
                name = _tidy(listed["name"])
                if _may_be_name(name):
                    yield name, offset, 4
            elif len(stripped) > 75:
                break
            offset += len(line) + 1


def discover(documents: Sequence[Document]) -> DistrictIndex:
    """The districts that the documents of a code define, in the order in which they appear."""
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
    districts.extend(_variants(districts, documents))
    known = DistrictIndex(_without_families(_without_parts(districts)))
    return DistrictIndex([*known.districts, *_named_districts(documents, known)])


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


_NO_DWELLINGS = re.compile(
    r"overlay|flood|industr|manufacturing(?!\s+hous)|airport|aquifer|wellhead|commerc|business|office|institution|civic|park\b",
    re.IGNORECASE,
)


def lived_in(districts: Sequence[District]) -> tuple[str, ...]:
    """The codes of districts where dwellings are likely, which general standards speak to."""
    return tuple(
        district.code
        for district in districts
        if not _NO_DWELLINGS.search(district.name)
        or re.search(r"resid|famil|dwelling|mixed", district.name, re.IGNORECASE)
    )
