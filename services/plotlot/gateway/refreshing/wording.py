"""Towns and refreshes in words."""

from collections.abc import Mapping
from typing import Any

from plotlot.domain.coverage import LEFT

Json = Mapping[str, Any]
STAGE_WORDS: Mapping[str, str] = {
    "listed": "never refreshed",
    "waiting": "waits",
    "fetching": "being fetched",
    "parsing": "being read",
    "verifying": "being checked",
    "embedding": "being indexed",
    "swapping": "being put in place",
    "current": "brought up to date",
    "unchanged": "unchanged",
    "quarantined": "held back",
    "failed": "failed",
    "cancelled": "cancelled",
}


def stage_words(stage: str) -> str:
    """A stage as people say it."""
    return STAGE_WORDS.get(stage, stage)


def amiss_words(stage: str, since: str, reason: str) -> str:
    """That refreshes of a town take nothing since a day, and why the last one did not."""
    what = "A newer code is held back" if stage == "quarantined" else "The code cannot be refreshed"
    return f"{what} since {since}: {reason}"


def outcome_words(town: Json) -> str:
    """What a refresh found of a town, or why it did not take its code; empty while it is under way."""
    counts: Mapping[str, int] = town["counts"]
    if town["stage"] == "current":
        held = ", ".join(_counted(counts.get(f"{name}s", 0), name) for name in ("document", "section"))
        said = ": ".join(filter(None, (held, changes_words(counts))))
        return f"{said} ({town['reason']})" if town["reason"] else said
    if town["stage"] in LEFT:
        return f"{town['reason']}; what was there before goes on serving"
    return str(town["reason"])


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def changes_words(counts: Mapping[str, int | None]) -> str:
    """What a swap did to the sections of a town, by what was ``added``; empty where nothing is known of it."""
    if counts.get("added") is None:
        return ""
    kinds = (("added", "new"), ("changed", "changed"), ("removed", "gone"))
    return ", ".join(f"{counts.get(name) or 0:,} {word}" for name, word in kinds)


def stages_words(stages: Mapping[str, int]) -> str:
    """Towns by stage, counted."""
    return ", ".join(f"{number} {stage_words(stage)}" for stage, number in stages.items())
