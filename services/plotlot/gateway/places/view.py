"""A town's figures in the words of its pages."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plotlot.domain.standards import FIELDS
from plotlot.gateway.refreshing.wording import amiss_words, changes_words, stage_words
from plotlot.gateway.wording import day_words, field_label
from plotlot.store.document_lists import StoredDocument

Json = Mapping[str, Any]
KIND_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("missing value", "missing values"),
    "other": ("other remark", "other remarks"),
    "wrong_number": ("wrong number", "wrong numbers"),
    "wrong_section": ("wrong section", "wrong sections"),
}


@dataclass(frozen=True, slots=True)
class TownView:
    """What the pages of towns show beside the figures themselves; a day that nobody said is None."""

    figures: Json
    effective: str | None
    retrieved: str | None
    indexed: str | None
    read: str | None
    verified: str
    reported: str
    open: str
    refused: str
    refresh: "RefreshView | None"
    fields: tuple["FieldRow", ...]

    @property
    def name(self) -> str:
        """The town's name."""
        return str(self.figures["name"])

    @property
    def coverage(self) -> Json | None:
        """Districts and standards; None while the code was not read."""
        found: Json | None = self.figures["coverage"]
        return found


@dataclass(frozen=True, slots=True)
class RefreshView:
    """What a town's refreshes came to. ``amiss`` says why the last one took nothing, and since when none does."""

    checked: str | None
    refreshed: str | None
    swapped: str | None
    supplement: str
    outcome: str
    amiss: str
    changes: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field, and how many of the districts have it."""

    label: str
    districts: int
    share: str


def town_view(figures: Json) -> TownView:
    """The words for a town's figures."""
    coverage, quality, feedback = figures["coverage"], figures["quality"], figures["feedback"]
    refresh = figures["refresh"]
    return TownView(
        figures=figures,
        effective=day(figures["effective_date"]),
        retrieved=day(figures["retrieved_at"]),
        indexed=day(figures["indexed_at"]),
        read=day(coverage["read_at"]) if coverage else None,
        verified=share_words(quality["verified_share"] if quality else None),
        reported=counted(feedback["reported"]),
        open=counted(feedback["open"]),
        refused=refused_words(figures["questions"]),
        refresh=refresh_view(refresh) if refresh else None,
        fields=field_rows(coverage) if coverage else (),
    )


def refresh_view(refresh: Json) -> RefreshView:
    """The words for what refreshes came to; what nobody said is left open."""
    dated = day(refresh["dated"]) or ""
    offered = (refresh["product"], refresh["supplement"], "" if dated in refresh["supplement"] else dated)
    since = day(refresh["unwell_since"])
    return RefreshView(
        checked=day(refresh["checked_at"]),
        refreshed=day(refresh["refreshed_at"]),
        swapped=day(refresh["swapped_at"]),
        supplement=", ".join(filter(None, offered)),
        outcome=stage_words(refresh["stage"]),
        amiss=amiss_words(refresh["stage"], since, refresh["reason"]) if since else "",
        changes=changes_words(refresh),
    )


def field_rows(coverage: Json) -> tuple[FieldRow, ...]:
    """Every field that standards have, with the share of the districts that were read."""
    read, by_field = coverage["districts_read"], coverage["by_field"]
    return tuple(
        FieldRow(
            field_label(name),
            by_field.get(name, 0),
            share_words(by_field.get(name, 0) / read if read else None),
        )
        for name in FIELDS
    )


def refused_words(questions: Json) -> str:
    """The share of questions that had no answer, and of how many; empty where nobody asked."""
    share = questions["refused_share"]
    return "" if share is None else f"{share_words(share)} of {questions['asked']:,}"


def day(moment: str | None) -> str | None:
    """A moment's day in words, where there is one."""
    return day_words(moment) if moment else None


def dates_of(document: StoredDocument) -> tuple[str | None, str | None]:
    """Since when a document is in force, where it says so, and when it was retrieved."""
    effective = document.effective_date
    return day(effective.isoformat() if effective else None), day(document.retrieved_at.isoformat())


def share_words(share: float | None) -> str:
    """A share in percent, never rounded up: all is said only of all."""
    return "–" if share is None else f"{math.floor(share * 1000) / 10:g}%"


def counted(numbers: Mapping[str, int]) -> str:
    """Remarks by kind in words; empty where there are none."""
    return ", ".join(
        f"{number} {KIND_WORDS[kind][number != 1]}" for kind, number in numbers.items() if number
    )
