"""The districts of a code and the ways in which texts name them."""

import re
from collections.abc import Sequence

from plotlot.domain.districts import CODE, between, district_key, members, roman_key
from plotlot.domain.standards import District
from plotlot.extraction.reader.district_words import name_key

_ANY_DISTRICT = re.compile(
    r"(?:residen\w+|commercial|business|industrial|agricultural?|mixed|planned|public)", re.IGNORECASE
)
_CODES_LISTED = re.compile(
    rf"\b(?:[Ii]n|[Ww]ithin)\s+(?:{CODE}(?:\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+))*$"
)
_LISTED_ZONES = re.compile(
    rf"(?:\s*,\s*(?:(?:and|or)\s+)?{CODE}|\s+(?:and|or)\s+{CODE}){{1,12}}\s+(?:[Zz]oning\s+)?(?:[Dd]istrict|[Zz]one)"
)
"""What follows a code of letters in a list of codes: ``, SF-9 and SF-6 districts``."""
_GOES_ON = re.compile(
    r"\s*(?:[,;:.]|$|(?:and|or|shall|must|may|is|are|has|have|no|the|an?|each|every|all|any|only)\b)"
)
_LONGEST_NAME = 80
_LONGEST_KEPT = 220
"""Texts up to this length, as leads, headings and labels are, come again and again."""
_NAME_WORDS = re.compile(r"[\s/&,-]+(?=\w)")
_ZONE_AFTER = re.compile(r"\s*(?:\([^)]{1,10}\)\s*)?(?:zoning\s+|use\s+)?(?:district|zone)", re.IGNORECASE)


def _joined(name: str) -> str:
    """A name that the gaps between its words do not change either: Lake Shore, Lakeshore."""
    return name_key(name).replace(" ", "")


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
        self._answers: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, bool], tuple[str, ...]] = {}
        self._whole = {name_key(d.name): d.code for d in reversed(districts) if d.name}
        written: set[str] = set()
        for district in districts:
            for name in (district.name, district.code):
                if (len(name) > 5 and " " in name.strip()) or (
                    (name and district_key(name).isalpha() and len(name) > 4)
                    and (name == district.code or not _ANY_DISTRICT.fullmatch(name))
                ):
                    self._names.setdefault(_joined(name), district.code)
                    written.add(name_key(name))
        self._mention = re.compile(
            rf"(?<![\w.-])(?P<first>{CODE})(?![\w])(?:\s+(?:through|thru|to)\s+(?P<last>{CODE})(?!\w)|\s(?P<number>\d{{1,2}})(?![\w.,/]))?"
        )
        names = sorted(written, key=lambda name: (-len(name), name))
        body = "|".join(r"[\s/&,-]*".join(map(re.escape, _NAME_WORDS.split(name))) for name in names)
        self._name_pattern = re.compile(rf"\b(?:{body})\b", re.IGNORECASE) if names else None

    def __len__(self) -> int:
        return len(self.districts)

    def resolve(self, code: str) -> tuple[str, ...]:
        """The districts that a written code means: itself, its other spelling, or its family."""
        found = self._answers.get(code)
        if found is None:
            found = self._answers[code] = self._meant(code)
        return found

    def _meant(self, code: str) -> tuple[str, ...]:
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
        if len(text) > _LONGEST_KEPT:
            return self._find(text, strict)
        found = self._found.get((text, strict))
        if found is None:
            found = self._found[text, strict] = self._find(text, strict)
        return found

    def _find(self, text: str, strict: bool) -> tuple[str, ...]:
        whole = self._whole_text(text) if not strict else None
        if whole:
            return (whole,)
        found: list[tuple[int, tuple[str, ...]]] = []
        for match in self._mention.finditer(text):
            codes = self._resolved(match)
            lettered = (
                len(match["first"]) == 1 and not match["last"]
            )  # "A." is an item oftener than a district
            if codes and (not (strict or lettered) or self._is_marked(text, match, codes)):
                found.append((match.start(), codes))
        if self._name_pattern:
            for match in self._name_pattern.finditer(text):
                if not strict or _ZONE_AFTER.match(text, match.end()):
                    code = self._names.get(_joined(match[0]))
                    if code and not self._is_named(found, match[0]):
                        found.append((match.start(), (code,)))
        ordered = [code for _, codes in sorted(found) for code in codes]
        return tuple(dict.fromkeys(ordered))

    def _whole_text(self, text: str) -> str | None:
        """The district that a text names and says nothing else: ``RR 1``, ``Forest / Residential``."""
        if len(text) > _LONGEST_NAME:
            return None
        coded = self._by_key.get(district_key(text)) if re.fullmatch(CODE, text.replace(" ", "-")) else None
        return coded or self._whole.get(name_key(text))

    def _is_named(self, found: Sequence[tuple[int, tuple[str, ...]]], name: str) -> bool:
        """Whether a district found by its code has this name, or one that begins so: I-1 and I-2 may share one."""
        key = name_key(name)
        names = (name_key(self.by_code[code].name) for _, codes in found for code in codes)
        return any(f"{one} ".startswith(f"{key} ") for one in names)

    def _resolved(self, match: re.Match[str]) -> tuple[str, ...]:
        first = self.resolve(match["first"])
        if match["number"]:
            # "R-C 1" is R-C1 where the code has that one.
            joined = self._by_key.get(district_key(f"{match['first']}{match['number']}"))
            return (joined,) if joined else first
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
        if len(codes) == 1 and match[0] == codes[0] and self._is_told_by_letters(match[0], before, after):
            return True
        if (
            len(codes) == 1
            and match[0] == codes[0]
            and len(match[0]) > 1
            and _LISTED_ZONES.match(text, match.end())
        ):
            return True
        return bool(
            re.match(r"\W{0,2}\s*(?:[A-Za-z-]+\s+){0,2}(?:[Dd]istrict|[Zz]one|DISTRICT|ZONE)", after)
            or re.search(r"(?:[Dd]istricts?|[Zz]ones?|DISTRICTS?)\W{1,3}$", before)
            or (before.endswith("(") and after.startswith(")"))
        )

    def _is_told_by_letters(self, code: str, before: str, after: str) -> bool:
        """``A lot in RA shall contain``, ``in RA and RB no building``: capitals in a sentence that is not in capitals."""
        written = len(code) > 1 and code.isupper() and not f"{before}{after}".isupper()
        return bool(written and _CODES_LISTED.search(before) and _GOES_ON.match(after))


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
