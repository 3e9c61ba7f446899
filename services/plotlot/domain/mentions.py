"""Where a text names a zoning district, as a regular expression that Python and Postgres both read."""

import re

_JOINT = "[-‐‑–/. ]?"
_PART = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
_BEFORE = "(?<![A-Za-z0-9])(?<![A-Za-z0-9][-‐‑–/.])"
_AFTER = "(?![A-Za-z0-9]|[-‐‑–/][A-Za-z0-9]|[.][0-9])"
_SHORTEST_NAME = 5


def mention_pattern(district: str) -> str | None:
    """Matches text that names the district and no longer code: R-1, R1 and R 1, but not R-10 or R-1-A.

    A code of one letter counts only beside "district" or "zone": "A" begins many a sentence. None where the
    text holds no code.
    """
    parts = _PART.findall(district)
    if not parts:
        return None
    if any(len(part) >= _SHORTEST_NAME for part in parts):
        return f"{_BEFORE}{_name(district)}(?![A-Za-z0-9])"
    code = f"{_BEFORE}{_JOINT.join(re.escape(part) for part in parts)}{_AFTER}"
    if len("".join(parts)) > 1:
        return code
    return f"(?:{code} +(?:[Dd]istrict|[Zz]on)|(?:[Dd]istricts?|[Zz]ones?) +{code})"


def _name(district: str) -> str:
    """The words of a name, whatever their case."""
    words = [
        "".join(f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter for letter in word)
        for word in _PART.findall(district)
    ]
    return "[^A-Za-z0-9]+".join(words)
