"""Which passages speak for a whole code rather than for the districts of their place."""

import re
from collections.abc import Mapping, Sequence

from plotlot.extraction.reader.prose_parking import is_for_dwellings
from plotlot.extraction.reader.scopes import Place

_ALL_RESIDENTIAL = re.compile(r"\b(?:all|any|each|every)\s+(?:of\s+the\s+)?(?:residential|residence)\s+(?:zoning\s+)?(?:districts?|zones?)\b", re.IGNORECASE)  # fmt: skip
_SPACES = re.compile(r"(?:spaces?|stalls?)\b", re.IGNORECASE)
_BUILDING = r"(?:principal\s+|main\s+|residential\s+|dwelling\s+)?(?:buildings?|structures?|dwellings?)"
_ANY_HEIGHT = re.compile(
    rf"""\W*(?:(?:\(?\w{{1,3}}[.)]|(?:maximum\s+|structure\s+|building\s+)?height[.:–—-])\s*)*
    (?:in\s+(?:all|any|every)\s+(?:zoning\s+)?districts?,?\s+)?(?:except\b[^.;]{{0,120}}?,\s+)?
    (?:no\s+{_BUILDING}|(?:all|any)\s+{_BUILDING}\s+(?:shall|may|must|are\s+limited)
      |(?:the\s+)?(?:maximum\s+)?(?:building\s+)?heights?\s+(?:limits?\s+)?(?:of|for)\s+(?:all|any|every|an?|the)\s+{_BUILDING}
      |(?:buildings|structures)\s+shall\s+(?:not|be\s+no))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_HEIGHT = re.compile(r"\bheights?\b", re.IGNORECASE)
_TO_ALL = re.compile(r"\ball\b[^.]{0,40}\bdistricts\b|\bgeneral\b", re.IGNORECASE)
_HEIGHT_HEADINGS = 3


def may_be_general(text: str, headings: Sequence[str]) -> bool:
    """Whether a passage that stands under no district could set a standard for all of them."""
    found = _ALL_RESIDENTIAL.search(text) or _SPACES.search(text)
    return found is not None or _is_any_height(text, headings)


def is_general(
    name: str, text: str, conditions: Mapping[str, str], place: Place, headings: Sequence[str]
) -> bool:
    """Whether a passage that is tied to no district sets a field for every dwelling of the code."""
    if name == "max_height" and not conditions and _is_any_height(text, headings):
        return True
    if _ALL_RESIDENTIAL.search(text):
        return True
    return name == "parking_per_unit" and (("use" in conditions and place.parking) or is_for_dwellings(text))


def _is_any_height(text: str, headings: Sequence[str]) -> bool:
    """``No structure shall exceed 35 feet in height``, under a heading on heights or in all districts."""
    over = headings[:_HEIGHT_HEADINGS]
    told = any(_HEIGHT.search(one) for one in over) or (
        _HEIGHT.search(text) and any(map(_TO_ALL.search, over))
    )
    return bool(told) and _ANY_HEIGHT.match(text) is not None
