"""Districts that a code names in full and that its tables call by initials: ``RR`` for Rural Residential."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from plotlot.domain.districts import district_key
from plotlot.domain.documents import Document
from plotlot.domain.standards import District
from plotlot.extraction.reader.table_districts import axis_labels

_SMALL = frozenset({"and", "of", "the", "for", "district", "zone"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_SHORT = re.compile(r"[A-Z][A-Za-z]{0,4}\.?(?:\s?-?\d)?(?:\s[A-Z][a-z]{0,5}\.?)?")
_FEWEST = 2
_LETTERS = 3
_SHARE = 0.6


def abbreviated(documents: Sequence[Document], districts: Sequence[District]) -> list[District]:
    """The districts, those known by name alone under the code that heads their row or column."""
    codes: dict[str, str] = {}
    for document in documents:
        for labels in axis_labels(document):
            codes |= _pairs(labels, districts)
    taken = {district_key(code) for code in codes.values()}
    return [
        replace(district, code=codes[district.name]) if district.name in codes else district
        for district in districts
        if district.name or district_key(district.code) not in taken
    ]


def _pairs(labels: Iterable[str], districts: Sequence[District]) -> dict[str, str]:
    """Names of districts with their codes, where most labels of one axis can be told apart."""
    named = [one.name for one in districts if one.name and one.code == one.name]
    known = {one.code for one in districts if one.name and one.code != one.name}
    bare = {label.strip("()") for label in labels}
    wanted = sorted({label for label in bare if label not in known}, key=len, reverse=True)
    short = [label for label in wanted if _SHORT.fullmatch(label)]
    found: dict[str, str] = {}
    for label in short:
        meant = [name for name in named if name not in found and abbreviates(label, name)]
        if len(meant) == 1:
            found[meant[0]] = label
    enough = len(found) >= _FEWEST and len(found) >= _SHARE * len(wanted)
    return found if enough else {}


def abbreviates(label: str, name: str) -> bool:
    """Whether a label is made of a name's initials, or of the beginnings of its words."""
    words = [_ROMAN.get(word, word) for word in re.findall(r"[a-z]+|\d+", name.lower())]
    words = [word for word in words if word not in _SMALL]
    pieces = re.findall(r"[a-z]+|\d+", label.lower())
    if "".join(pieces) == "".join(word[0] for word in words):
        return True
    return len(pieces) == len(words) and all(map(_begins, pieces, words))


def _begins(piece: str, word: str) -> bool:
    """Whether a piece is the beginning of a word, or three or more of its letters: ``Conv.``, ``Mfg``."""
    if word.startswith(piece):
        return True
    letters = iter(word)
    return len(piece) >= _LETTERS and piece[0] == word[0] and all(letter in letters for letter in piece)
