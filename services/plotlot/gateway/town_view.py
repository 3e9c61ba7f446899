"""A town's figures in the words of its pages."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plotlot.gateway.wording import day_words

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

    @property
    def name(self) -> str:
        """The town's name."""
        return str(self.figures["name"])

    @property
    def coverage(self) -> Json | None:
        """Districts and standards; None while the code was not read."""
        found: Json | None = self.figures["coverage"]
        return found


def town_view(figures: Json) -> TownView:
    """The words for a town's figures."""
    coverage, quality, feedback = figures["coverage"], figures["quality"], figures["feedback"]
    return TownView(
        figures=figures,
        effective=day(figures["effective_date"]),
        retrieved=day(figures["retrieved_at"]),
        indexed=day(figures["indexed_at"]),
        read=day(coverage["read_at"]) if coverage else None,
        verified=share_words(quality["verified_share"] if quality else None),
        reported=counted(feedback["reported"]),
        open=counted(feedback["open"]),
    )


def day(moment: str | None) -> str | None:
    """A moment's day in words, where there is one."""
    return day_words(moment) if moment else None


def share_words(share: float | None) -> str:
    """A share in percent, never rounded up: all is said only of all."""
    return "–" if share is None else f"{math.floor(share * 1000) / 10:g}%"


def counted(numbers: Mapping[str, int]) -> str:
    """Remarks by kind in words; empty where there are none."""
    return ", ".join(
        f"{number} {KIND_WORDS[kind][number != 1]}" for kind, number in numbers.items() if number
    )
