"""The districts that a question names: by code, by name, or one that a code does not have."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plotlot.domain.districts import district_key, members, roman_key
from plotlot.domain.mentions import mention_pattern
from plotlot.domain.questions import words_of

_FILLER = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "and",
        "in",
        "district",
        "districts",
        "zone",
        "zones",
        "zoning",
        "residential",
        "residence",
    ]
)
_USES = frozenset(
    "single one two multi multiple family multifamily mobile manufactured home homes house".split()  # noqa: SIM905
)
_WORD = re.compile(r"[A-Za-z0-9]+")
_NUMBERED = re.compile(r"(?<![\w$#.-])[A-Z]{1,4}-?\d{1,3}(?:-?[A-Z0-9]{1,4})?(?![\w%])")
_LETTERED = re.compile(
    r"(?:\bin(?: the)?|\bfor(?: the)?|\bof the|\bthe)\s+([A-Z]{2,4})(?=\s+(?:district|zone)|\W*$)"
)
_PLACED = re.compile(
    r"\b(?:in|for|of|to|is|does|from)?\s*\b(?:the|an?|my|our)?\s*((?:[\w-]+\s+){1,4}?)(?:district|zone|overlay)\b(?!s?\s+[A-Z]\b)",
    re.I,
)
_LEAD = frozenset(
    """what which is are in for of to the a an my our does do how tall high wide big can i may build put from at on
    any every each this that other same zoning base maximum minimum height setback lot width area size need needs
    required allowed and or with under yard front side rear coverage limit ok have""".split()  # noqa: SIM905
)
_NOT_ZONING = frozenset("school voting election congressional water fire tax improvement time".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Named:
    """Districts that a question names, the words that name them, and what it takes for a district."""

    codes: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    unknown: str = ""


def districts_named(question: str, districts: Iterable[tuple[str, str]]) -> Named:
    """The districts named, each given as code and name: those named by code, else those by name."""
    known = list(districts)
    by_code = _by_code(question, known)
    unknown = _unknown_code(question, [code for code, _ in known])
    written = ""
    variants = members(unknown, [code for code, _ in known])
    if variants:
        by_code, written, unknown = list(dict.fromkeys([*by_code, *variants])), unknown, ""
    if by_code:
        names = dict(known)
        words = _small([*by_code, written, unknown]) | {
            word for code in by_code for word in _small([names[code]])
        }
        return Named(tuple(by_code), frozenset(words), unknown)
    named = [] if unknown else _by_name(question, known)
    if named:
        return Named(tuple(code for code, _ in named), frozenset(_small(name for _, name in named)))
    phrase = "" if unknown else _unknown_name(question)
    return Named((), frozenset(_small([unknown or phrase])), unknown or phrase)


def with_codes(question: str, districts: Iterable[tuple[str, str]]) -> str:
    """A question whose districts, called by their names, are called by their codes instead."""
    for code, name in districts:
        words = _telling(name)
        if not words:
            continue
        called = r"\W+".join(map(re.escape, words))
        rest = r"(?:\W+(?:residential|residence))?(?:\W+(?:district|zone|zoning district))?"
        question = re.sub(rf"\b{called}{rest}\b", code, question, count=1, flags=re.I)
    return question


def _by_code(question: str, districts: Sequence[tuple[str, str]]) -> list[str]:
    found: list[str] = []
    words = words_of(question)
    keys = {district_key(word) for word in words if _may_be_code(word)}
    roman = {roman_key(word) for word in words if re.search(r"[-\s](?:I{1,3}|IV|V)$", word)}
    for code, _ in districts:
        key = district_key(code)
        if len(key) == 1:
            letter = re.escape(code)
            beside = rf"\b{letter}(?:[- ]\w+)? (?:[Dd]istrict|[Zz]on)|(?:[Dd]istrict|[Zz]one) {letter}\b|\b(?:in|IN) {letter}\b(?! \w)"
            if re.search(beside, question):
                found.append(code)
        elif key in keys or roman_key(code) in roman:
            found.append(code)
    return found


def _may_be_code(word: str) -> bool:
    """Whether a word is written as codes are: no word of small letters alone is one."""
    return any(letter.isdigit() or letter.isupper() for letter in word) or "-" in word


def _unknown_code(question: str, codes: Sequence[str]) -> str:
    keys = {district_key(code) for code in codes}
    shouted = question.upper() == question
    written = [found.group() for found in _NUMBERED.finditer(question)]
    if not shouted:
        written += [found[1] for found in _LETTERED.finditer(question)]
    return next((word for word in written if district_key(word) not in keys), "")


def near_names(name: str, codes: Iterable[str]) -> list[str]:
    """The codes that begin as a name does, or that it begins with: RM-12 for RM, R-1 for R-1-100."""
    key = district_key(name)
    keys = [(code, district_key(code)) for code in codes]
    return [code for code, each in keys if _letters_begin(key, each) or _letters_begin(each, key)]


def _letters_begin(short: str, long: str) -> bool:
    """Whether one key begins another and ends where a part of it does: R1 begins R1100 as little as R10."""
    rest = long[len(short) :]
    return bool(short) and long.startswith(short) and not (rest[:1].isdigit() and short[-1].isdigit())


def is_named_in(name: str, text: str) -> bool:
    """Whether a text names what a question takes for a district: its code, or its words before "district"."""
    if re.search(r"\d", name) or name.isupper():
        pattern = mention_pattern(name)
        return pattern is not None and re.search(pattern, text) is not None
    words = r"\W+(?:\w+\W+){0,2}?".join(map(re.escape, name.split()))
    return re.search(rf"\b{words}\W+(?:\w+\W+){{0,3}}?(?:district|zone|overlay)", text, re.I) is not None


def _by_name(question: str, districts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Districts whose whole name stands in the question as a place, the longest names only."""
    asked = [word.lower() for word in _WORD.findall(question)]
    found = [(len(_telling(name)), code, name) for code, name in districts if name and _names(asked, name)]
    longest = max((size for size, _, _ in found), default=0)
    exact = [(code, name) for size, code, name in found if size == longest]
    return exact or _by_part_of_name(question, districts)


def _names(asked: Sequence[str], name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1] in ("district", "zone"):
        words.pop()
    telling = _telling(name)
    if not telling:
        return bool(words) and _place(asked, words) is not None
    for form in (words, telling):
        at = _place(asked, form)
        if at is None:
            continue
        before, after = (
            asked[at - 1] if at else "",
            asked[at + len(form)] if at + len(form) < len(asked) else "",
        )
        placed = after in ("district", "zone", "residential", "residence", "zoning")
        if placed or (before in ("in", "the") and not set(telling) <= _USES) or after == "lot":
            return True
        if len(form) > 1 and not set(telling) <= _USES:
            return True
    return False


def _place(asked: Sequence[str], words: Sequence[str]) -> int | None:
    """Where words stand one after another."""
    size = len(words)
    return next(
        (at for at in range(len(asked) - size + 1) if list(asked[at : at + size]) == list(words)), None
    )


def _by_part_of_name(question: str, districts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Districts of whose names the words before "district" are part: ``the commercial district``."""
    phrase = set(_small([_unknown_name(question)])) - _FILLER
    return [(code, name) for code, name in districts if phrase and phrase <= set(_telling(name))]


def _unknown_name(question: str) -> str:
    """The words before "district", without those that lead to them."""
    found = _PLACED.search(question)
    if not found:
        return ""
    words = found[1].split()
    while words and words[0].lower() in _LEAD:
        words.pop(0)
    last = next((at for at in range(len(words) - 1, -1, -1) if words[at].lower() in _LEAD), -1)
    words = words[last + 1 :]
    return "" if not words or words[-1].lower() in _NOT_ZONING else " ".join(words)


def _telling(name: str) -> list[str]:
    return [word for word in (each.lower() for each in _WORD.findall(name)) if word not in _FILLER]


def _small(texts: Iterable[str]) -> set[str]:
    """The words of texts in small letters, whole and in parts: ``r-1``, ``r``; ``rm12``, ``rm``."""
    found: set[str] = set()
    for text in texts:
        lowered = text.lower()
        found.update(_WORD.findall(lowered))
        found.update(re.findall(r"[a-z]+", lowered))
        found.update(lowered.split())
    return found


_ZONING = re.compile(r"\bzon(?:e|es|ed|ing)\b|\bdistricts?\b|\boverlays?\b", re.I)
_OTHER_DISTRICT = re.compile(
    r"\b(?:school|voting|election|congressional|water|fire|tax)\s+districts?\b", re.I
)


def speaks_of_zoning(question: str) -> bool:
    """Whether a question speaks of zones or districts, and not of a school's."""
    return _ZONING.search(question) is not None and not _OTHER_DISTRICT.search(question)


_ZONED = re.compile(r"\bzon(?:ing|ed)\b", re.I)
_DENIED = re.compile(r"\b(?:no|not|never|neither|without|repealed)\b", re.I)


def tells_of_zoning(text: str) -> bool:
    """Whether a paragraph of a code speaks of zoning, other than to say that there is none."""
    return any(
        _ZONED.search(paragraph) and not _DENIED.search(paragraph) for paragraph in re.split(r"\n\s*\n", text)
    )


def may_name_district(question: str) -> bool:
    """Whether a word of the question may be a district's code."""
    return bool(_NUMBERED.search(question) or re.search(r"\b[A-Z]{1,4}-?[A-Z0-9]{1,3}\b", question))


_PLACE = re.compile(r"\b(?:in|at|for|near|of)\s+((?:[A-Z][a-z]{2,}\s?)+)(?=\W|$)")
_NO_PLACES = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday district zone zoning town city village county township state article section
    chapter table code ordinance bylaw""".split()  # noqa: SIM905
)


def places_named(question: str, known: Iterable[str]) -> list[str]:
    """The places that a question names, as ``in Cleveland``, none of whose words is known, in small letters."""
    if question.istitle():
        return []
    explained = {*known, *_NO_PLACES}
    places = [found[1].strip() for found in _PLACE.finditer(question)]
    return [place for place in places if not explained & {*place.casefold().split()}]
