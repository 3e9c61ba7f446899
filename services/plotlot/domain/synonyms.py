"""What zoning calls by several names: for a question, the other words that a code may use.

A concept is a set of phrases that mean the same. Each is stood for by its one telling word, marked ``*``:
*ratio* for "floor area ratio", *lot* and *building* for the two kinds of coverage, whose other word both have.
Where a question holds a phrase, the telling words of the others join that of its own, and count with it as one
word. Those marked ``?`` are how people ask, not how codes are written: they join no other.

Uses and structures are told apart from other concepts: a code that calls one by none of its names says nothing of it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_CONCEPTS = """
yard: setback*, set-back*, yard*, backyard?, how close?, how far back?
height: height*, tall?, tallest?, how high?
covered: lot* coverage, building* coverage, site* coverage
floor area ratio: floor area ratio*, floor lot ratio*, FAR*, FLR*
dwelling: dwelling*, residence*, dwelling* unit, house*
parking space: parking space*, parking stall*, stall?
lot width: lot width*, frontage*, width* of the lot, lot frontage*, how wide?
lot depth: lot depth*, how deep?
lot area: lot size*, lot area*, size* of the lot, area* of the lot, how big?, how large?
story: story*, stories*, storey*, storeys*
single family: single-family*, one-family*
two family: two-family*, duplex*
three family: three-family*, triplex*
multiple family: multi-family*, multifamily*, multiple-family*, apartment*
permitted: permitted*, allowed*
prohibited: prohibited*, banned*, forbidden*
fee: fee*, cost*
destroyed: destroyed*, burned*, damaged*, burn?
grade: grade*, slope*
rental: rental*, rent?
vehicle: vehicle*, automobile*, car?
rezoning: rezoning*, rezone?, map amendment*, zoning amendment*, change of zone?
neighbor: neighbor?, abutter*, adjoining* owner, adjacent* owner
employee: employee*, worker*
downtown: downtown*, central* business, town center*, village center*
enlarged: enlarged*, enlarge*, expand*, expanded*, extended*, widen*, widened*
discontinued: discontinued*, abandoned*, ceased*, vacant?
illuminated: illuminated*, lighted*, lit?
"""
_THINGS = """
restaurant: restaurant*, eating* place
accessory dwelling: accessory* dwelling, accessory* apartment, ADU*, granny flat*, in-law* apartment
mobile home: mobile* home, manufactured* home, trailer*
townhouse: townhouse*, townhome*, rowhouse*, row-house*
sign: sign*, signage*
cannabis: cannabis*, marijuana*, marihuana*
hens: hen*, chicken*, fowl*, poultry*
bicycle: bicycle*, bike*
recreational vehicle: recreational* vehicle, RV*, camper*
shed: shed*, accessory* building, outbuilding*
wind turbine: wind turbine*, wind energy*, windmill*, WECS*
billboard: billboard*, off-premise* sign, off-premises* sign, off-site* sign, outdoor advertising*
roadside stand: roadside* stand, wayside* stand, farm? stand, produce? stand
home occupation: home occupation*, home business?
garage sale: garage* sale, yard sale?
food truck: food truck?, mobile food* vendor, mobile vendor*
short-term rental: short-term* rental, vacation* rental, Airbnb?
child care: day care*, daycare*, child* care, childcare*
gas station: gas* station, filling* station, service* station, gasoline* station
place of worship: church*, worship*, synagogue*, mosque*
wireless tower: wireless*, cell* tower, cellular*, telecommunication*
junk yard: junk* yard, junkyard*, salvage* yard, automobile graveyard*
self-storage: self-storage*, mini-storage*, mini-warehouse*, storage unit?
camper: camper*, travel* trailer
solar panels: solar* panel, solar* energy, solar* collector, photovoltaic*
tiny house: tiny* house, tiny* home
drive-through: drive-through*, drive-thru*, drive-up*, drive-in*
bed and breakfast: bed and breakfast*, bed-and-breakfast*, tourist* home
"""
_WORD = re.compile(r"\b(?:[A-Za-z]\.)+[A-Za-z]\b|[A-Za-z]+(?:[-‐‑][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word that counts as part of a concept; ``asked`` where the question itself has it."""

    concept: str
    word: str
    asked: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    telling: int
    written: bool

    @property
    def word(self) -> str:
        return self.words[self.telling]

    def stands_in(self, words: tuple[str, ...]) -> bool:
        size = len(self.words)
        return any(words[at : at + size] == self.words for at in range(len(words) - size + 1))


def synonyms(question: str) -> list[Synonym]:
    """The words of each concept that the question names, each word in one concept, the asked ones first."""
    words = tuple(_words(question))
    found: dict[str, Synonym] = {}
    for concept, phrases in _concepts().items():
        asked = {phrase.word for phrase in phrases if phrase.stands_in(words)}
        if asked:
            others = {phrase.word for phrase in phrases if phrase.written} - asked
            for word in [*sorted(asked), *sorted(others)]:
                found.setdefault(word, Synonym(concept, word, word in asked))
    return list(found.values())


def unnamed_things(question: str, texts: Iterable[str]) -> frozenset[str]:
    """The uses and structures of several names, ``food truck``, that a question names and no text by any of its names."""
    asked = tuple(_words(question))
    left = {thing for thing in _things() if _names(thing, asked)}
    for text in texts if left else ():
        words = tuple(_words(text))
        left = {thing for thing in left if not _names(thing, words)}
    return frozenset(left)


def _names(thing: str, words: tuple[str, ...]) -> bool:
    return any(phrase.stands_in(words) for phrase in _concepts()[thing])


@lru_cache(maxsize=1)
def _things() -> tuple[str, ...]:
    return tuple(line.partition(":")[0] for line in _THINGS.strip().splitlines())


@lru_cache(maxsize=1)
def _concepts() -> dict[str, tuple[_Phrase, ...]]:
    lines = [line.partition(":") for line in (_CONCEPTS.strip() + _THINGS.rstrip()).splitlines()]
    return {name: tuple(_phrase(text) for text in phrases.split(",")) for name, _, phrases in lines}


def _phrase(text: str) -> _Phrase:
    parts = text.split()
    telling = next(at for at, part in enumerate(parts) if part[-1] in "*?")
    return _Phrase(tuple(_words(text)), telling, parts[telling].endswith("*"))


def _words(text: str) -> Iterator[str]:
    """Words in one spelling: initials as they are, for "far" is no ratio; others small and in the singular."""
    for match in _WORD.finditer(text):
        word = match[0].replace(".", "").replace("‐", "-").replace("‑", "-")
        yield word if len(word) > 1 and word.isupper() else _singular(word.lower())


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
