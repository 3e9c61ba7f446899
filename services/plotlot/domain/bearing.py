"""Which districts a section that changed may bear on: what was read of the others still stands."""

import re
from collections.abc import Iterable, Sequence

from plotlot.domain.districts import CODE, district_key, in_family
from plotlot.domain.mentions import mention_pattern
from plotlot.domain.quantities import find_quantities
from plotlot.domain.standards import District

_ZONING = re.compile(r"\b(?:sub)?(?:district|zone|zoning|overlay)s?\b", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:all|every|each|any|no|other)\b[^.;]{0,40}\b(?:district|zone)s?\b|\bdistricts\b", re.IGNORECASE
)
_AMENDS = re.compile(
    r"\b(?:amend|repeal|delet|replac|supersed|renumber)(?:s|ed|es|ing)?\b|\bto\s+read\b", re.IGNORECASE
)
_CODE_LIKE = re.compile(rf"(?<![\w.§-])(?=[A-Z]{{1,4}}[-‐‑–]?\d)({CODE})(?![\w-])")


def borne_on(texts: Iterable[tuple[str, str]], districts: Sequence[District]) -> frozenset[str] | None:
    """The keys of the districts that sections bear on, each its path and its own text; None where it may be all.

    It errs towards more: whatever measures something, amends, or speaks of zoning and names no district is for all.
    """
    patterns = {district_key(one.code): _names_of(one) for one in districts}
    found: set[str] = set()
    for path, text in texts:
        named = _named(f"{path}\n{text}", patterns)
        if named is None or (not named and _may_bear(text)):
            return None
        if named and (_OF_ALL.search(text) or _AMENDS.search(text)):
            return None
        found |= named
    return frozenset(
        district_key(one.code)
        for one in districts
        if district_key(one.code) in found or any(in_family(one.code, key) for key in found)
    )


def _may_bear(text: str) -> bool:
    measured = any(quantity.unit for quantity in find_quantities(text))
    return measured or bool(_ZONING.search(text)) or bool(_AMENDS.search(text))


def _named(text: str, patterns: dict[str, tuple[re.Pattern[str], ...]]) -> set[str] | None:
    """The districts that a text names; None where it may name one that is not known."""
    if any(district_key(match[1]) not in patterns for match in _CODE_LIKE.finditer(text)):
        return None
    return {key for key, names in patterns.items() if any(name.search(text) for name in names)}


def _names_of(district: District) -> tuple[re.Pattern[str], ...]:
    patterns = (mention_pattern(words) for words in (district.code, district.name) if words)
    return tuple(re.compile(pattern) for pattern in patterns if pattern)
