"""Characters that nobody sees."""

import unicodedata

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""Those that no font shows, as a class of a regular expression holds them; those beyond U+E0000 spell out whole
sentences that way."""


def seen(text: str) -> str:
    """Text without controls, formatting, and what is no character; white space stays."""
    return "".join(each for each in text if each.isspace() or unicodedata.category(each)[0] != "C")
