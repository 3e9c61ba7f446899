"""The rule for citations: the quote stands in the text, and the value can be read from it."""

import re
from dataclasses import dataclass

from plotlot.domain.quantities import QUOTED_UNITS, find_quantities, normalise, same_value, unit_kind
from plotlot.domain.standards import Citation, Formula, Standard, Status


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a citation holds, and if not, why not."""

    holds: bool
    reason: str = ""


def quote_stands(citation: Citation, text: str) -> bool:
    """Whether the text at the citation's span is exactly its quote."""
    inside = 0 <= citation.start < citation.end <= len(text)
    return inside and text[citation.start : citation.end] == citation.quote


_NONE_REQUIRED = re.compile(
    r"\bno\s+(?:[\w-]+\s+){0,6}?(?:yards?|set\s?-?backs?)\b[^.;]{0,40}?\brequire(?:d|ments?)|\bnone\b|\bno\s+minimum\b|\bnot\s+(?:be\s+)?required",
    re.IGNORECASE,
)


_LEADERS = re.compile(r"\.{3,}|…[….]*")
"""The dots between a label and its number."""


def value_readable(quote: str, value: float, field: str, quoted_unit: str = "") -> bool:
    """Whether a number in the quote, in its own unit or else the quoted one, gives the value."""
    quoted_unit = unit_kind(quoted_unit)
    if value == 0 and field.endswith("_setback") and _NONE_REQUIRED.search(quote):
        return True
    for quantity in find_quantities(_LEADERS.sub(" ", quote)):
        if not quantity.unit and not quoted_unit and same_value(quantity.value, value, 1e-4):
            return True
        units = {quantity.unit} if quantity.unit else {quoted_unit}
        if quantity.unit != quoted_unit and quoted_unit in ("ratio", "units_per_acre"):
            units.add(quoted_unit)
        for unit in units & QUOTED_UNITS:
            read = normalise(quantity.value, unit, field)
            if read is not None and same_value(read, value, 1e-4):
                return True
    return False


def formula_readable(quote: str, formula: Formula) -> bool:
    """Whether the quote states the formula's percentage and its bounds."""
    found = [quantity.value for quantity in find_quantities(quote)]
    needed = [formula.percent, formula.minimum, formula.maximum]
    return all(any(same_value(value, one, 1e-4) for one in found) for value in needed if value is not None)


def verify(standard: Standard, text: str) -> Verdict:
    """Check a standard against the canonical text of the document that its citation names."""
    if standard.status is Status.NOT_STATED:
        return Verdict(standard.value is None, "a value is shown for what is not stated")
    if standard.citation is None:
        return Verdict(False, "no citation")
    if not quote_stands(standard.citation, text):
        return Verdict(False, "the quote is not the text at its span")
    if standard.status is Status.DELEGATED and standard.value is None:
        return Verdict(True)
    quote = standard.citation.quote
    if standard.formula is not None:
        return Verdict(formula_readable(quote, standard.formula), "the formula is not in the quote")
    if standard.value is None:
        return Verdict(False, "neither value nor formula")
    readable = value_readable(quote, standard.value, standard.field, standard.quoted_unit)
    return Verdict(readable, "" if readable else "the value cannot be read from the quote")
