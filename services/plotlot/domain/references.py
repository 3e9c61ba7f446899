"""Where a statement sends its reader: ``as required in Section 6.1``, ``under Sec. 9.6``, ``in Table 5-1``."""

import re

_REFERENCE = re.compile(
    r"\b(?:as|in|by|under|of|with|to|see|from|and|or|through)\s+(?:in\s+|by\s+|under\s+)?"
    r"(?P<label>(?:sections?|secs?\.?|§+|chapter|article|table|part)\s*(?P<number>[\dIVXLC][\w.-]*\w|\d)|§+\s*(?P<bare>[\d][\w.-]*\w))",
    re.I,
)


def references_in(text: str) -> tuple[str, ...]:
    """The numbers of the sections, chapters and tables that a statement sends to, in order."""
    found = (match["number"] or match["bare"] for match in _REFERENCE.finditer(text))
    return tuple(dict.fromkeys(number.rstrip(".") for number in found if number))


def is_at(section: str, number: str) -> bool:
    """Whether a path of headings leads to the section of that number or stands below it."""
    return re.search(rf"(?<![\w.-]){re.escape(number)}(?![\w-]|\.\d)", section) is not None
