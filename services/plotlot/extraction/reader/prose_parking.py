"""Which parking numbers in prose are spaces for each dwelling."""

import re
from collections.abc import Mapping

from plotlot.domain.quantities import Quantity

_DWELLING = re.compile(r"dwelling|famil(?:y|ies)\b|apartment|duplex|town\s?house|residential\s+unit|residence", re.IGNORECASE)  # fmt: skip
_WRONG_PARKING = re.compile(
    r"\bper\s+(?:bed\w*|guest|room|employee|seat)|guest|visitor|bed\s+and|boarding|lodging|nursing|elderly|senior|care\b|ancillary|accessory|home\s+occup|rooming|dormitor|hotel|motel|studio|efficiency|trailer|affordable|housing\s+for",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\bexcept\b|;", re.IGNORECASE)
_FOR_DWELLINGS = re.compile(
    r"\W*(?:\(?\w{1,3}[.)]\s*|\d+\.\d+\s+)?(?:(?:all|each|every|any|a|at\s+least|not\s+less\s+than|minimum\s+of|one|two|three|for)\s+)*(?:residential|dwellings?|residences?|(?:off-street\s+)?(?:parking\s+)?spaces?\s+(?:shall\s+be\s+(?:provided|required)\s+)?(?:for|per))\b",
    re.IGNORECASE,
)


_PER_DWELLING = re.compile(
    r"spaces?\s+(?:(?:shall|must|will)\s+be\s+(?:provided|required)\s+)?(?:for|per)\s+(?:(?:each|every|an?|any|new|residential|principal|one|single)\s+)*"
    r"(?:dwelling|residen|family|housing)",
    re.IGNORECASE,
)


_ADDED = re.compile(r"\b(?:distributed|in\s+addition|additional|overflow|bicycles?)\b", re.IGNORECASE)


def is_residential(text: str, quantity: Quantity) -> bool:
    """Whether a number of spaces is for a dwelling and for no other kind of stay."""
    after = _EXCEPT.split(text[quantity.end : quantity.end + 70])[0]
    window = text[max(0, quantity.start - 110) : quantity.end] + after
    if _WRONG_PARKING.search(window):
        return False
    return quantity.per_unit or bool(_DWELLING.search(text[: quantity.end + 40]))


def is_of_use(text: str, quantity: Quantity, conditions: Mapping[str, str]) -> bool:
    """Whether a number is all the spaces that a dwelling of some use needs, and none that are added to them."""
    return quantity.per_unit and "use" in conditions and not _ADDED.search(text)


def is_for_dwellings(text: str) -> bool:
    """Whether a passage opens with dwellings, or counts by them, so that it speaks for the whole code."""
    by_dwelling = _PER_DWELLING.search(text) and not _WRONG_PARKING.search(text) and not _ADDED.search(text)
    return bool(_FOR_DWELLINGS.match(text) or by_dwelling)
