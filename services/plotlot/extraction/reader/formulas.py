"""Setbacks that depend on the lot: ``20 percent of the depth of the lot not to exceed 50 feet``."""

import re

from plotlot.domain.documents import Span
from plotlot.domain.quantities import Quantity, find_quantities
from plotlot.domain.standards import Formula

_OF = re.compile(
    r"\s*(?:of\s+)?(?:the\s+)?(?:total\s+|average\s+|mean\s+|actual\s+)?(?:lot\s+)?(?P<of>depth|width)\b(?:\s+of\s+(?:the\s+|such\s+)?(?:lot|parcel))?",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"(?:not\s+(?:to\s+)?exceed|n(?:ot|or)\s+(?:required\s+to\s+)?(?:be\s+)?(?:(?:more|greater)\s+than|exceed)|need\s+not\s+(?:be\s+(?:more|greater)\s+than|exceed)|maximum\s+of|no\s+more\s+than)\s*$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:not\s+(?:be\s+)?less\s+than|at\s+least|minimum\s+of|no\s+less\s+than)\s*$", re.IGNORECASE
)


def read_formula(text: str, quantity: Quantity) -> tuple[Formula, Span] | None:
    """The formula that a percentage opens, and its span in the text, or None."""
    if quantity.unit != "percent":
        return None
    base = _OF.match(text, quantity.end)
    if not base:
        return None
    minimum: float | None = None
    maximum: float | None = None
    end = base.end()
    stop = re.search(r"[.;](?:\s|$)", text[end:])
    limit = end + (stop.start() if stop else len(text) - end)
    for bound in find_quantities(text, end, limit):
        if bound.unit != "ft":
            continue
        between = text[end : bound.start]
        if _AT_MOST.search(between):
            maximum, end = bound.value, bound.end
        elif _AT_LEAST.search(between):
            minimum, end = bound.value, bound.end
    return Formula(quantity.value, f"lot_{base['of'].lower()}", minimum, maximum), Span(quantity.start, end)
