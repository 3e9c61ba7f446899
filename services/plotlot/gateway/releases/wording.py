"""The words of a release: guardrails, shares, e-values, ages and changes as people on call say them."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

TITLES: Mapping[str, str] = {
    "failure": "Failures",
    "latency": "Slow answers",
    "citations": "Citations",
    "agreement": "Known answers",
    "refusals": "Refusals",
    "cost": "Cost",
}

SHARES: Mapping[str, str] = {
    "failure": "of requests got no answer",
    "latency": "of answers took longer than their objective",
    "citations": "of citations did not hold",
    "agreement": "of questions with a known answer were answered wrongly",
    "refusals": "of questions that must be refused were answered",
    "cost": "of the scale of cost was spent on an answer",
}

STAGES: Mapping[str, str] = {
    "shadow": "In shadow",
    "canary": "Canary",
    "promoted": "Promoted",
    "rolled_back": "Rolled back",
    "aborted": "Aborted by hand",
    "superseded": "Superseded",
    "watch": "On watch",
}

OPERATIONS: Mapping[str, str] = {"analyze": "Analysis", "ask": "Question", "search": "Search"}

_DIGEST = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,}\b")
_CHANGE = re.compile(r"(?P<name>[^:]+): (?P<before>.*?) -> (?P<after>.*)", re.DOTALL)
LONGEST_TITLE = 90
LARGEST_E = math.log(1e6)


def guardrail_title(name: str) -> str:
    """A guardrail as a heading."""
    return TITLES.get(name) or name.replace("_", " ").capitalize()


def operation_words(name: str) -> str:
    """An operation as a noun."""
    return OPERATIONS.get(name) or name.capitalize()


def share_words(name: str) -> str:
    """What a guardrail's mean is the share of."""
    return SHARES.get(name, "was lacking to a full score")


def percent(share: float) -> str:
    """A share with one decimal, e.g. ``2.1%``."""
    return f"{share * 100:.1f}%"


def points(share: float) -> str:
    """A difference of shares without its sign, e.g. ``1 point`` or ``2.1 points``."""
    number = f"{abs(share) * 100:.1f}".removesuffix(".0")
    return f"{number} point{'' if number == '1' else 's'}"


def difference_words(difference: float) -> str:
    """A difference with its sign, in which more is worse, e.g. ``+2.1 points``."""
    if abs(difference) < 0.0005:
        return "±0"
    return f"{'+' if difference > 0 else '−'}{points(difference)}"


def reason_words(release: Mapping[str, Any]) -> str:
    """Why the verdict is what it is, without the verdict, which stands beside it."""
    reason: str = release["reason"]
    return reason.removeprefix(f"{release['verdict']}: ")


def e_words(log_e: float) -> str:
    """An e-value as odds against chance: two figures, and no more than a million."""
    if log_e > LARGEST_E:
        return ">1 million"
    value = math.exp(log_e)
    if value < 0.01:
        return "under 0.01"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun, e.g. ``1 pair`` or ``1,200 pairs``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago something was."""
    return f"{length((now - then).total_seconds())} ago"


def length(seconds: float) -> str:
    """A length of time in the largest unit that it has two of."""
    seconds = max(seconds, 0.0)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return count(int(seconds // size), unit)
    return count(int(seconds), "second")


def weight_words(weight: float) -> str:
    """A weight in percent, e.g. ``5%``."""
    return f"{weight:g}%"


def stage_words(release: Mapping[str, Any]) -> str:
    """The stage of a release, with the share of users who meet it."""
    words = STAGES.get(release["stage"], release["stage"])
    return (
        f"{words}, {weight_words(release['weight'])} of sessions" if release["stage"] == "canary" else words
    )


def change_parts(change: str) -> tuple[str, str, str]:
    """A line of what changed as name, before and after; digests shortened."""
    found = _CHANGE.fullmatch(shorter(change))
    return (found["name"], found["before"], found["after"]) if found else (shorter(change), "", "")


def shorter(text: str) -> str:
    """The text with long digests cut to what people tell apart."""
    return _DIGEST.sub(r"\1…", text)


def release_title(release: Mapping[str, Any]) -> str:
    """What changed in a line: the first change, and how many more."""
    changes = release["changes"]
    if not changes:
        return f"{release['stable']} → {release['candidate']}"
    name, before, after = change_parts(changes[0])
    first = f"{name}: {before} → {after}" if after else name
    if len(first) > LONGEST_TITLE:
        first = first[: LONGEST_TITLE - 1].rstrip() + "…"
    return first if len(changes) == 1 else f"{first}, and {count(len(changes) - 1, 'more change')}"
