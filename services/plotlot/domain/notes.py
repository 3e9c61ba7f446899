"""Notes that a code hangs on a value, which may change it: which of them nothing was read from."""

import re
from collections.abc import Sequence

from plotlot.domain.applicable import words
from plotlot.domain.standards import Standard

_MARK = r"\s?(?P<mark>\[\^?\w{1,3}\]|\(\d{1,2}\)|\*{1,3}|[†‡¹²³⁴-⁹])"


def unread_notes(standards: Sequence[Standard]) -> str:
    """A warning that names the values whose marks lead to no standard; empty where there are none."""
    special = {standard.field for standard in standards if standard.conditions}
    found = [
        f"{words(standard.field)} ({standard.quoted_value} {mark})"
        for standard in standards
        if standard.field not in special and (mark := _mark_of(standard))
    ]
    if not found:
        return ""
    named = ", ".join(dict.fromkeys(found))
    return f"the code hangs notes on these values, which were not read: {named}; look them up"


def _mark_of(standard: Standard) -> str:
    """The mark of a note right after the value in its quote, e.g. ``[2]``."""
    if standard.citation is None or not standard.quoted_value:
        return ""
    marked = re.search(rf"(?<![\w.,]){re.escape(standard.quoted_value)}{_MARK}", standard.citation.quote)
    if marked is None or (marked["mark"].startswith("(") and not standard.quoted_value[0].isdigit()):
        return ""  # in "eight (8) feet" the figure only repeats the word
    return marked["mark"]
