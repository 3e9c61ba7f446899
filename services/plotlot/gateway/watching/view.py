"""A watch in the words of its page: what is watched, and what changed by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from plotlot.gateway.refreshing.wording import amiss_words
from plotlot.gateway.watching.watches import MOST_TOLD, Watch
from plotlot.gateway.wording import day_words

Json = Mapping[str, Any]
AT_ONCE = 8  # sections of a day that are shown before the reader asks for the others
CHANGE_WORDS: Mapping[str, str] = {"added": "new", "changed": "changed", "removed": "removed"}


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A section that changed. ``document`` is empty where all of a watch's changes are of one, or the section's path says it."""

    change: str
    words: str
    section: str
    document: str


@dataclass(frozen=True, slots=True)
class Day:
    """What changed on a day: what is shown at once, and the rest."""

    words: str
    shown: Sequence[ToldChange]
    more: Sequence[ToldChange]


@dataclass(frozen=True, slots=True)
class WatchView:
    """A watch as its page shows it."""

    id: str
    title: str
    municipality: str
    analysis: str | None
    what: str
    since: str
    headline: str
    checked: str
    amiss: bool
    days: Sequence[Day]


def watch_view(watch: Watch) -> WatchView:
    """The words of a watch. A section that changed several times is told of once, as it did last."""
    newest: dict[tuple[str, str], Json] = {}
    for one in watch.changes:
        newest.setdefault((one["document"], one["section"]), one)
    changes = list(newest.values())
    return WatchView(
        id=watch.id,
        title=watch.lot or (f"Report {watch.analysis_id}" if watch.analysis_id else watch.municipality),
        municipality=watch.municipality,
        analysis=watch.analysis_id,
        what=_what(watch),
        since=day_words(watch.created_at.isoformat()),
        headline=_headline(len(changes), cut=len(watch.changes) >= MOST_TOLD),
        checked=_checked(watch.covered),
        amiss=bool(watch.covered and watch.covered["unwell_since"]),
        days=_days(changes),
    )


def _what(watch: Watch) -> str:
    if watch.analysis_id is None:
        return "The whole code"
    cited = "section" if watch.cited == 1 else "sections"
    return f"The {watch.cited:,} {cited} that this report on a lot in {watch.municipality} cites"


def _headline(changes: int, cut: bool) -> str:
    if not changes:
        return "Nothing changed"
    if cut:
        return f"{changes} sections changed, or more: these are the newest"
    return f"{changes} {'section' if changes == 1 else 'sections'} changed"


def _checked(covered: Json | None) -> str:
    """How lately somebody looked whether the code changed, or why nobody knows."""
    if covered is None:
        return "No publisher is asked for this code: it changes when somebody brings it in anew"
    if since := covered["unwell_since"]:
        return f"{amiss_words(covered['stage'], day_words(since), covered['reason'])}. What was there before goes on serving"
    return f"Its publisher was last asked {day_words(covered['checked_at'])}"


def _days(changes: Sequence[Json]) -> list[Day]:
    several = len({one["document"] for one in changes}) > 1
    days = []
    for words, group in groupby(changes, key=lambda one: day_words(one["changed_at"])):
        told = [
            ToldChange(
                one["change"],
                CHANGE_WORDS[one["change"]],
                one["section"],
                _document(one) if several else "",
            )
            for one in group
        ]
        days.append(Day(words, told[:AT_ONCE], told[AT_ONCE:]))
    return days


def _document(change: Json) -> str:
    """What a section's document is called, without its folder and kind; empty where the section's path has its words."""
    name = PurePosixPath(change["document"]).stem
    said = _letters(name) in _letters(change["section"])
    return "" if said else name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
