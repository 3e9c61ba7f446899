"""Yards that prose says are not required: ``No side yard is required``, ``Rear yard. None required``."""

import re
from collections.abc import Iterator

from plotlot.domain.quantities import Quantity
from plotlot.extraction.reader.field_names import fields_named
from plotlot.extraction.reader.passages import Passage

_SIDE = r"(?:front|rear|interior\s+side|side)"
_REQUIRED = r"(?:(?:is|are|shall\s+be)\s+)?(?:required|requirements?)\b"
_NO_YARD = re.compile(
    rf"\bno\s+(?:(?:minimum|required)\s+)*(?P<sides>{_SIDE}(?:\s*(?:,|,?\s*and|,?\s*or|/)\s*{_SIDE})*)\s+"
    rf"(?:yards?|set\s?-?backs?)\s+{_REQUIRED}(?!\s+(?:to|for|along|on|by))",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:^|[.:;—–-])\s*(?:none\b(?:\s+(?:is|are))?(?:\s+required)?|no\s+(?:minimum|requirements?)\b)\s*(?=[.,;]|$|\s+except)",
    re.IGNORECASE,
)


def none_required(passage: Passage) -> Iterator[tuple[str, Quantity]]:
    """The yards that a passage does without, each with the words that say so as a zero."""
    for match in _NO_YARD.finditer(passage.text):
        for side in re.findall(r"front|rear|side", match["sides"], re.IGNORECASE):
            yield f"{side.lower()}_setback", _zero(match)
    for match in _NONE.finditer(passage.text):
        before = fields_named(passage.text[: match.end()]) or fields_named("".join(passage.headings[:1]))
        if len({mention.field for mention in before}) == 1 and before[0].field.endswith("_setback"):
            yield before[0].field, _zero(match)


def _zero(match: re.Match[str]) -> Quantity:
    return Quantity(0.0, "ft", match.start(), match.end(), "no", "")
