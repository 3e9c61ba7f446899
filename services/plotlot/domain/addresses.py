"""Postal addresses: one key for the many ways to write one, and what was near where none matches.

Units are abbreviated as in USPS Publication 28, appendix C2.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from plotlot.domain.characters import seen
from plotlot.domain.street_words import DIRECTIONS, SHORT_SUFFIXES, SUFFIXES

ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
    "eleventh": "11th", "twelfth": "12th",
}  # fmt: skip
UNITS = {
    "apartment": "apt", "apt": "apt", "unit": "unit", "suite": "ste", "ste": "ste", "room": "rm",
    "building": "bldg", "bldg": "bldg", "floor": "fl", "lot": "lot", "#": "unit", "no.": "unit",
}  # fmt: skip
STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca",
    "colorado": "co", "connecticut": "ct", "delaware": "de", "florida": "fl", "georgia": "ga",
    "hawaii": "hi", "idaho": "id", "illinois": "il", "indiana": "in", "iowa": "ia",
    "kansas": "ks", "kentucky": "ky", "louisiana": "la", "maine": "me", "maryland": "md",
    "massachusetts": "ma", "michigan": "mi", "minnesota": "mn", "mississippi": "ms",
    "missouri": "mo", "montana": "mt", "nebraska": "ne", "nevada": "nv", "new hampshire": "nh",
    "new jersey": "nj", "new mexico": "nm", "new york": "ny", "north carolina": "nc",
    "north dakota": "nd", "ohio": "oh", "oklahoma": "ok", "oregon": "or", "pennsylvania": "pa",
    "rhode island": "ri", "south carolina": "sc", "south dakota": "sd", "tennessee": "tn",
    "texas": "tx", "utah": "ut", "vermont": "vt", "virginia": "va", "washington": "wa",
    "west virginia": "wv", "wisconsin": "wi", "wyoming": "wy",
}  # fmt: skip

_COMMON_SUFFIXES = frozenset(
    ("ave", "blvd", "cir", "ct", "dr", "hwy", "ln", "pkwy", "pl", "rd", "st", "ter", "trl", "way")
)
_SHORT_DIRECTIONS = frozenset(DIRECTIONS.values())
_SHORT_STATES = frozenset(STATES.values()) | {"dc"}
_LONG_STATE = re.compile(r"(?<=\S)[ ,]+(" + "|".join(sorted(STATES, key=len, reverse=True)) + r")$")
_ZIP = re.compile(r"(?<=\S)[ ,]+\d{5}(?:-?\d{4})?$")
_NUMBER = re.compile(r"\d+[a-z]?(?:-\d+[a-z]?)?$")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)$")
_DOTTED = re.compile(r"\b([nsew])\.\s*([ew])\b\.?")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts, each normalised and lower case; an absent part is empty."""

    number: str = ""
    direction: str = ""
    street: str = ""
    suffix: str = ""
    trailing_direction: str = ""
    unit: str = ""
    town: str = ""
    state: str = ""

    @property
    def line(self) -> str:
        """Number and street as one line, e.g. ``100 n main st``."""
        parts = (self.number, self.direction, self.street, self.suffix, self.trailing_direction)
        return " ".join(filter(None, (*parts, self.unit)))

    @property
    def key(self) -> str:
        """The line, then town and state where they were given: ``100 n main st, larkfield, oh``."""
        return ", ".join(filter(None, (self.line, self.town, self.state)))

    def agrees(self, other: "Address") -> bool:
        """Whether nothing that both state differs, so that one may be meant by the other."""
        if (self.number, self.street) != (other.number, other.street):
            return False
        rest = ("direction", "suffix", "trailing_direction", "unit", "town", "state")
        return all(
            not getattr(self, part) or not getattr(other, part) or getattr(self, part) == getattr(other, part)
            for part in rest
        )


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """``exact`` is the index of the one candidate meant; otherwise several, or only near ones."""

    exact: int | None = None
    ambiguous: tuple[int, ...] = ()
    suggestions: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Lower case, compatibility forms folded, invisible characters gone, whitespace single."""
    spaced = re.sub("([¼-¾⅐-⅞])", r" \1", text)
    folded = unicodedata.normalize("NFKD", spaced).replace("⁄", "/")
    plain = "".join(each for each in seen(folded) if not unicodedata.combining(each))
    return " ".join(plain.casefold().split())


def parse_address(text: str) -> Address:
    """An address in parts; words that fit no part stay in the street."""
    line = _DOTTED.sub(r"\1\2", clean(text).replace("#", " # "))
    line, state = _take_state(_ZIP.sub("", line.rstrip(" ,.").removesuffix(" usa").rstrip(" ,.")))
    pieces = [piece for piece in (_words(part) for part in line.split(",")) if piece]
    if not pieces:
        return Address(state=state)
    unit: list[str] = []
    kept = []
    for piece in pieces:
        rest, found = _take_unit(piece)
        unit = unit or found
        if rest:
            kept.append(rest)
    if not kept:
        return Address(unit=" ".join(unit), state=state)
    return _street(kept[0], " ".join(unit), " ".join(" ".join(piece) for piece in kept[1:]), state)


def address_key(text: str) -> str:
    """The one form that all ways to write an address share; idempotent."""
    key = parse_address(text).key
    for _ in range(8):  # odd input may take a second reading to settle
        again = parse_address(key).key
        if again == key:
            break
        key = again
    return key


def with_town(address: str, municipality: str) -> str:
    """The address with its municipality, unless it names a town itself."""
    if not municipality or parse_address(address).town:
        return address
    return f"{address.strip(' ,')}, {municipality}"


def match_address(query: str, candidates: Sequence[str], limit: int = 5) -> AddressMatch:
    """Which candidate a query means: one, several that it does not tell apart, or near misses."""
    wanted = parse_address(query)
    parsed = [parse_address(candidate) for candidate in candidates]
    agreeing = [index for index, each in enumerate(parsed) if wanted.agrees(each)]
    same = [index for index in agreeing if parsed[index].key == wanted.key]
    for found in (same, agreeing):
        if len(found) == 1:
            return AddressMatch(exact=found[0])
        if found:
            names = tuple(dict.fromkeys(candidates[index] for index in found))
            return AddressMatch(ambiguous=tuple(found), suggestions=names[:limit])
    return AddressMatch(suggestions=tuple(rank_suggestions(query, candidates, limit)))


def rank_suggestions(query: str, candidates: Sequence[str], limit: int = 5) -> list[str]:
    """The candidates most like a query, best first; a wrong house number costs more than a typo."""
    wanted = parse_address(query)
    scored = [(similarity(wanted, parse_address(each)), each) for each in dict.fromkeys(candidates)]
    near = sorted((pair for pair in scored if pair[0] >= 0.55), key=lambda pair: (-pair[0], pair[1]))
    return [candidate for _, candidate in near[:limit]]


def similarity(wanted: Address, other: Address) -> float:
    """How alike two addresses are, 0 to 1: street and house number in nearly equal parts."""
    street = fuzz.ratio(_street_words(wanted), _street_words(other)) / 100
    name = fuzz.ratio(wanted.street, other.street) / 100
    town = fuzz.ratio(wanted.town, other.town) / 100 if wanted.town and other.town else 1.0
    if max(street, name) < 0.5:
        return 0.0
    return 0.4 * _number_likeness(wanted.number, other.number) + 0.5 * max(street, name) + 0.1 * town


def _number_likeness(first: str, second: str) -> float:
    if first == second:
        return 1.0
    if not first or not second:
        return 0.3
    digits = [int("".join(re.findall(r"^\d+", each)) or 0) for each in (first, second)]
    distance = abs(digits[0] - digits[1]) / max(*digits, 1)
    return max(0.6 * (1 - 5 * distance), 0.5 * fuzz.ratio(first, second) / 100, 0.0)


def _street_words(address: Address) -> str:
    parts = (address.direction, address.street, address.suffix, address.trailing_direction)
    return " ".join(filter(None, parts))


def _words(part: str) -> list[str]:
    """Words without punctuation; a hyphen between digits stays, for it is part of a number."""
    bare = re.sub(r"(?<!\d)[-/]|[-/](?!\d)", " ", part)
    return re.sub(r"[^\w# /-]", lambda found: "" if found.group() in ".'’" else " ", bare).split()


def _take_state(line: str) -> tuple[str, str]:
    """Split off a state at the end; ``Ct`` or ``La`` alone after a street is not taken for one."""
    found = _LONG_STATE.search(line)
    if found:
        return line[: found.start()], STATES[found.group(1)]
    found = re.search(r"(?<=\S)(,?) *\b([a-z]{2})$", line)
    if found and found.group(2) in _SHORT_STATES:
        street_word = found.group(2) in SHORT_SUFFIXES | _SHORT_DIRECTIONS
        if found.group(1) or ("," in line and not street_word):
            return line[: found.start()], found.group(2)
    return line, ""


def _take_unit(words: list[str]) -> tuple[list[str], list[str]]:
    """Split a unit designator and its number off the end of words."""
    for index in range(len(words) - 1, -1, -1):
        if words[index] in UNITS and index + 1 < len(words) and len(words) - index <= 3:
            if words[index + 1] == "#":
                return words[:index], [UNITS[words[index]], *words[index + 2 :]]
            if (
                words[index] == "#"
                or any(map(str.isdigit, words[index + 1]))
                or (index and len(words[index + 1]) == 1)
            ):
                return words[:index], [UNITS[words[index]], *words[index + 1 :]]
    return words, []


def _street(words: list[str], unit: str, town: str, state: str) -> Address:
    """The parts of ``100 north main street``; words after the suffix are a town without a comma."""
    number, rest = "", words
    if rest and _NUMBER.fullmatch(rest[0]):
        number, rest = rest[0], rest[1:]
    if number and rest and re.fullmatch(r"\d/\d", rest[0]):
        number, rest = f"{number} {rest[0]}", rest[1:]
    rest, suffix, loose_town = _split_suffix(rest, bool(town))
    direction = trailing = ""
    if loose_town and _direction(loose_town[0]) and suffix:
        trailing, loose_town = _direction(loose_town[0]), loose_town[1:]
    if len(rest) > 1 and not suffix and _direction(rest[-1]):
        trailing, rest = _direction(rest[-1]), rest[:-1]
    if len(rest) > 1 and _direction(rest[0]):
        direction, rest = _direction(rest[0]), rest[1:]
    if len(loose_town) > 1 and not state and loose_town[-1] in _SHORT_STATES:
        state, loose_town = loose_town[-1], loose_town[:-1]
    street = " ".join(_street_word(word) for word in rest)
    return Address(number, direction, street, suffix, trailing, unit, town or " ".join(loose_town), state)


def _split_suffix(words: list[str], has_town: bool) -> tuple[list[str], str, list[str]]:
    """Street words, suffix and what follows it: a trailing direction, then perhaps a town."""
    end = len(words)
    if end > 1 and _direction(words[-1]) and _suffix(words[-2]) and end > 2:
        return words[:-2], _suffix(words[-2]), words[-1:]
    if end > 1 and _suffix(words[-1]):
        return words[:-1], _suffix(words[-1]), []
    if not has_town:
        for index in range(1, end - 1):
            suffix = _suffix(words[index])
            if suffix and words[index + 1][0].isdigit():  # a road that is named by its number: County Road 9
                return words[: index + 2], "", words[index + 2 :]
            if suffix in _COMMON_SUFFIXES:
                return words[:index], suffix, words[index + 1 :]
    return words, "", []


def _suffix(word: str) -> str:
    return word if word in SHORT_SUFFIXES else SUFFIXES.get(word, "")


def _direction(word: str) -> str:
    return word if word in _SHORT_DIRECTIONS else DIRECTIONS.get(word, "")


def _street_word(word: str) -> str:
    """One form for a word of a street's name: ``Sixth``, ``6th`` and ``6`` are the same street."""
    plain = ORDINALS.get(word, word)
    ordinal = _ORDINAL.fullmatch(plain)
    if ordinal:
        return ordinal.group(1)
    return "st" if plain == "saint" else _direction(plain) or _suffix(plain) or plain
