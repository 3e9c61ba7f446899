"""Zoning district codes: when two spellings mean one district, and lists of districts in text."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}
_FILLER = frozenset({"THE", "DISTRICT", "DISTRICTS", "ZONE", "ZONES", "ZONING"})
CODE = (
    r"(?:[A-Z]{1,4}|[A-Z][a-z])(?:\d{2,3}00(?!\d)|\d{1,3}(?:[A-Z]{1,2}(?![A-Za-z]))?)?"
    r"(?:\s?[-‐‑–/]\s?(?:[A-Z]{1,4}\d{0,2}|\d{2,3}00(?!\d)|(?:\d{1,3}(?:\.\d{1,2})?|\.\d{1,2})[A-Za-z]?)(?![a-z])){0,12}"
    r"(?:\([A-Z0-9]{1,3}\))?[a-z]?"
)
"""What a district code looks like: ``R-1``, ``RMF-10``, ``M-F1``, ``T6-8-R``, ``R-1-6000``, ``RM-.75``."""


@lru_cache(maxsize=8192)
def district_key(code: str) -> str:
    """A spelling that hyphens, spaces and case do not change: ``R-1``, ``r 1`` and ``R1`` agree."""
    words = re.findall(r"[A-Z]+|(?<=[-‐‑–])\.\d+|\d+(?:\.\d+)?", code.upper().replace("&", " AND "))
    kept = [word for word in words if word not in _FILLER] or words
    if any(word.isalpha() and len(word) > 4 for word in kept):
        return " ".join(kept)
    key = ""
    for word in kept:
        # R-1-10 is not R-110, so two numbers in a row stay apart.
        key += f"-{word}" if key[-1:].isdigit() and word[0].isdigit() else word
    return key


def roman_key(code: str) -> str:
    """``district_key`` with a trailing roman numeral read as a digit: ``R-I`` becomes ``R1``."""
    match = re.fullmatch(r"(.*[A-Za-z0-9])[\s\-‐‑–](I{1,3}|IV|V)", code.strip())
    return district_key(f"{match[1]}-{_ROMAN[match[2]]}" if match else code)


def in_family(code: str, family: str) -> bool:
    """Whether ``code`` is a variant of ``family``: ``R1-100`` of ``R1``, ``T3-R`` of ``T3``."""
    outer, inner = district_key(family), district_key(code)
    if inner == outer or not inner.startswith(outer):
        return False
    # R1 covers R1-100 and R1A but not R10, and a bare letter is no family.
    follows = inner[len(outer)]
    return any(c.isdigit() for c in outer) and not (outer[-1].isdigit() and follows.isdigit())


def members(family: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The codes that a family covers, in order."""
    return tuple(code for code in codes if in_family(code, family))


def between(first: str, last: str, codes: Sequence[str]) -> tuple[str, ...]:
    """``R-1 through R-3``: the codes from first to last, by number where both end in one."""
    left = re.fullmatch(r"(.*?)(\d+)", district_key(first))
    right = re.fullmatch(r"(.*?)(\d+)", district_key(last))
    if not left or not right or left[1] != right[1]:
        return (first, last)
    keys = {f"{left[1]}{number}" for number in range(int(left[2]), int(right[2]) + 1)}
    return tuple(code for code in codes if district_key(code) in keys) or (first, last)


def split_codes(text: str) -> tuple[str, ...]:
    """The codes of a written list: ``R1-100, R1-60 and R1-50 Districts``."""
    parts = re.split(r"\s*(?:,|;|\band\b|\bor\b|\bdistricts?\b|\bzones?\b|\s/\s|\s&\s)\s*", text)
    return tuple(part for part in parts if re.fullmatch(CODE, part))
