"""What tells who somebody is, or opens a door, replaced in text that operators read: logs and traces.

Regular expressions alone: they are quick, and whoever wants a larger net puts it behind the same function.
"""

import re

from plotlot.domain.street_words import SHORT_SUFFIXES, SUFFIXES

_NAME = r"(?!(?:and|at|by|feet|for|ft|from|in|into|is|it|of|on|or|the|to|with)\b)[A-Za-z][A-Za-z'’.-]{0,30}"
_OF_PROGRAMS = frozenset(
    (
        "branch", "bridge", "center", "centre", "extension", "gateway", "is", "mount", "pass", "path", "route", "row",
        "run", "spring", "station", "trace", "track", "view",
    )
)  # fmt: skip
"""Words of streets that logs are full of, and that are left to stand after a number."""
_STREET_TYPES = "|".join(
    sorted({*SUFFIXES, *SHORT_SUFFIXES} - _OF_PROGRAMS, key=lambda word: (-len(word), word))
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("secret", re.compile(r"\b(?:plk|pls|sk|pk|ghp|gho|xox[abp])[_-][A-Za-z0-9_-]{8,400}")),
    ("secret", re.compile(r"\beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,1000})?")),
    ("secret", re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,4000}")),
    ("secret", re.compile(r"(?i)(?<![\w-])(?:password|passwd|secret|token|api_?key)[\"']?\s{0,2}[=:]\s{0,2}[^\s,;&)}]{1,400}")),
    ("secret", re.compile(r"(?<=://)[^\s/:@]{1,200}:[^\s/@]{1,200}(?=@)")),
    ("email", re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("number", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")),
    ("phone", re.compile(r"(?<![\w.])\+\d{1,3}(?:[ .-]?\d{2,4}){2,4}(?![\w-])")),
    ("phone", re.compile(r"(?<![\w.])(?:\+?1[ .-]?)?(?:\(\d{3}\)[ ]?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])")),
    (
        "address",
        re.compile(
            rf"(?i)(?<![\w.-])\d{{1,6}}[A-Za-z]?\s(?:(?:[nsew]|[ns][ew]|north|south|east|west)\.?\s)?"
            rf"(?:{_NAME}\s|\d{{1,3}}(?:st|nd|rd|th)\s){{1,4}}(?:{_STREET_TYPES})\b\.?"
        ),
    ),
)  # fmt: skip
"""What each pattern finds; each is bounded, so that hostile text takes time in proportion to its length."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def redacted(text: str) -> str:
    """The text with e-mail addresses, phones, numbers of persons, street addresses, keys and tokens replaced."""
    for name, pattern in _RULES:
        text = pattern.sub(f"[{name}]", text)
    return text


def in_one_line(text: str) -> str:
    """The text without a character that starts a line or commands a terminal: each is shown by its escape."""
    return _CONTROL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
