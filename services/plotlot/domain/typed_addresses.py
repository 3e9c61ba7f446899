"""An address that is still being typed: what of it can be looked for already."""

import re
from dataclasses import dataclass

from plotlot.domain.addresses import ORDINALS, Address, parse_address
from plotlot.domain.municipalities import municipality_key
from plotlot.domain.street_words import DIRECTIONS, SUFFIXES

_SHORT_FORMS = {**SUFFIXES, **DIRECTIONS, **ORDINALS}
_LEAST_SHORTENED = 2  # letters that a word must have before it may be the beginning of one that is shortened


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """What was typed, in the form of ``address_key``: the line so far, its house number, and the words after it.

    Each of ``patterns`` is a regular expression of Postgres that a word of a line begins with; the last one may
    stand for the short form of the word that it begins. ``town`` is as much of the municipality as was typed.
    """

    line: str
    number: str
    patterns: tuple[str, ...]
    town: str


def typed_address(text: str) -> TypedAddress:
    """The parts of an address as far as it was typed."""
    address = parse_address(text)
    words = _words(address)
    patterns = [rf"\m{re.escape(word)}" for word in words]
    if words and not address.town:
        patterns[-1] = rf"\m({'|'.join(map(re.escape, completions(words[-1])))})"
    town = " ".join(filter(None, (municipality_key(address.town), address.state)))
    return TypedAddress(address.line, address.number.partition(" ")[0], tuple(patterns), town)


def completions(word: str) -> tuple[str, ...]:
    """A word that may not be typed to its end, and what the words that it begins are shortened to."""
    if len(word) < _LEAST_SHORTENED:
        return (word,)
    shortened = {short for long, short in _SHORT_FORMS.items() if long.startswith(word)}
    return (word, *sorted(shortened - {word}))


def _words(address: Address) -> list[str]:
    parts = (address.direction, address.street, address.suffix, address.trailing_direction, address.unit)
    return " ".join(filter(None, parts)).split()
