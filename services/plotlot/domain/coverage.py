"""Towns whose codes somebody publishes, and when a code that was fetched may take the place of the one that serves."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

LEAST_SHARE_OF_TEXT = 0.6
LEAST_SHARE_OF_SECTIONS = 0.6
LEAST_SHARE_OF_HEADINGS = 0.3
FEWEST_HEADINGS = 8  # a code of fewer sections may well be written anew
LEAST_SHARE_OF_TOWNS = 0.5
FEWEST_TOWNS = 8  # a list of fewer may well become another
SHORTEST_CODE = 400  # characters; less is a notice that the code stands elsewhere
LISTED = "listed"  # the stage of a town that was never refreshed
TAKEN = ("current", "unchanged")
LEFT = ("quarantined", "failed", "cancelled")  # a town's old code goes on serving
ENDS = TAKEN + LEFT
"""The stages at which a town's refresh ends."""
KINDS = (
    "vanished",
    "shrunken",
    "renamed",
    "unreadable",
    "encoding",
    "other_page",
    "repeated",
    "dates",
    "districts",
    "standards",
    "own",
)
"""What there may be to say against a code; ``own`` is what an operator expects besides."""
Place = tuple[str, str]
"""A section of a code: the name of its document, and its path there."""


@dataclass(frozen=True, slots=True)
class ListedTown:
    """A town in a publisher's list.

    ``reference`` is what the publisher calls it; ``product``, ``supplement`` and ``dated`` (an ISO date) what it
    offers and how new that is, empty where it does not say. ``municipality`` ends with the state.
    """

    municipality: str
    publisher: str
    reference: str
    county: str = ""
    product: str = ""
    supplement: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True)
class CodeSize:
    """What a town's code holds in all its documents."""

    documents: int
    sections: int
    characters: int
    headings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Misgiving:
    """Why a code should be looked at before it serves: of what kind, and in words."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that is ``added``, ``changed`` or ``removed``; where it stood, or stands in where it is new."""

    place: Place
    change: str


def misgivings(before: CodeSize | None, now: CodeSize) -> tuple[Misgiving, ...]:
    """Why a code that was fetched should be looked at before it serves; ``before`` is what serves, if anything does."""
    if now.documents == 0:
        more = " any more" if before else ""
        return (Misgiving("vanished", f"the publisher has no text of it{more}"),)
    found = []
    if now.characters < SHORTEST_CODE:
        found.append(Misgiving("shrunken", f"it has {now.characters} characters, too few for a code"))
    if before is None or not before.documents:
        return tuple(found)
    if now.characters < LEAST_SHARE_OF_TEXT * before.characters:
        found.append(
            Misgiving(
                "shrunken", f"its text shrank from {before.characters:,} to {now.characters:,} characters"
            )
        )
    if now.sections < LEAST_SHARE_OF_SECTIONS * before.sections:
        found.append(Misgiving("shrunken", f"it had {before.sections} sections and has {now.sections}"))
    kept = len(before.headings & now.headings)
    if (
        len(before.headings) >= FEWEST_HEADINGS
        and kept < LEAST_SHARE_OF_HEADINGS * len(before.headings)
        and not found
    ):
        found.append(
            Misgiving("renamed", f"only {kept} of its {len(before.headings)} headings are the same as before")
        )
    return tuple(found)


def trusted_for(municipality: str, most: timedelta) -> timedelta:
    """How long a publisher is believed that a town's code is as it was: between half of the most and all of it, by the town's
    name, so that towns which were fetched in one night are due again in different ones."""
    place = int.from_bytes(sha256(municipality.encode()).digest()[:4]) / 2**32
    return most * (1 + place) / 2


def listing_misgiving(before: Iterable[ListedTown], now: Iterable[ListedTown]) -> str:
    """Why a publisher's list should be looked at before it takes the place of its last one; empty where nothing is wrong."""
    known, listed = ({town.municipality for town in towns} for towns in (before, now))
    kept = len(known & listed)
    if (len(known) >= FEWEST_TOWNS or not listed) and kept < LEAST_SHARE_OF_TOWNS * len(known):
        return f"it lists {kept} of the {len(known)} towns that it listed before"
    return ""


def section_changes(before: Mapping[Place, str], now: Mapping[Place, str]) -> tuple[SectionChange, ...]:
    """What changed between two states of a code, each the digest of a section's own text by its place.

    A section that stands elsewhere word for word only moved. One whose path is now in another document, once, is one
    that changed; else what is at no place any more was removed.
    """
    gone = {place: digest for place, digest in before.items() if place not in now}
    come = {place: digest for place, digest in now.items() if place not in before}
    kept = Counter((path, digest) for (_, path), digest in come.items())
    moved = {place for place, digest in gone.items() if kept[place[1], digest]}
    arrived = Counter((path, digest) for (_, path), digest in gone.items())
    left = {place for place in gone if place not in moved}
    new = {place for place, digest in come.items() if not arrived[place[1], digest]}
    paths_left, paths_new = Counter(path for _, path in left), Counter(path for _, path in new)
    rewritten = {path for path in paths_left if paths_left[path] == paths_new[path] == 1}
    found = [
        SectionChange(place, "changed") for place in before if now.get(place, before[place]) != before[place]
    ]
    found += [SectionChange(place, "changed" if place[1] in rewritten else "removed") for place in left]
    found += [SectionChange(place, "added") for place in new if place[1] not in rewritten]
    return tuple(sorted(found, key=lambda one: (one.place, one.change)))


def counted(changes: Iterable[SectionChange]) -> dict[str, int]:
    """How many sections were added, changed and removed."""
    counts = Counter(one.change for one in changes)
    return {name: counts[name] for name in ("added", "changed", "removed")}


def named_twice(towns: Iterable[ListedTown]) -> frozenset[tuple[str, str]]:
    """Publisher and municipality of towns that one publisher lists under two references: nobody knows which is meant."""
    seen: dict[tuple[str, str], str] = {}
    twice: set[tuple[str, str]] = set()
    for town in towns:
        key = (town.publisher, town.municipality)
        if seen.setdefault(key, town.reference) != town.reference:
            twice.add(key)
    return frozenset(twice)
