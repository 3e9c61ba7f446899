"""What text may hold to be kept and told, and how much of it."""

import re

LONGEST_ADDRESS = 300
LONGEST_NAME = 200  # of a parcel, a municipality, a district, a guardrail
MOST_DIGITS = 9  # that a number of a text is read from
_NOWHERE = re.compile("[\0\ud800-\udfff]")  # what no database and no protocol takes


def whole_number(text: str) -> int | None:
    """The number that a text is; None where it has anything but ASCII's digits, none, or more than any code counts to."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def is_plain(text: str) -> bool:
    """Whether every database and protocol takes it: without NUL, and no half of a pair of UTF-16."""
    return _NOWHERE.search(text) is None
