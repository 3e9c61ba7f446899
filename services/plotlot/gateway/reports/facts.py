"""The facts of a report as a form shows them, and what of a form that was sent is stated anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotlot.domain import fact_words
from plotlot.domain.fact_words import LABELS, decimals, unit_of
from plotlot.domain.stated_facts import CHOICES, NUMBERS, StatedFacts, facts_in
from plotlot.domain.taken_facts import READER
from plotlot.gateway.wording import measure

Json = Mapping[str, Any]
GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("The lot", ("lot_area_sqft", "lot_width_ft", "lot_depth_ft", "frontage_ft", "lot_kind")),
    ("What applies to it", ("district", "use", "sewer", "water", "overlay")),
    (
        "Assumed where the code is silent",
        ("unit_area_low_sqft", "unit_area_high_sqft", "parking_space_sqft"),
    ),
)
ORIGIN_WORDS: Mapping[str, str] = {
    "boundary": "measured on the boundary",
    "source": "as the parcel's source says",
    "reader": "stated by the reader",
    "assumed": "assumed",
    "unknown": "not known",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in words. ``typed`` is the text of its field, ``instead_of`` what the source says where a reader states it."""

    name: str
    label: str
    unit: str
    value: str
    origin: str
    origin_words: str
    instead_of: str
    typed: str
    choices: tuple[tuple[str, str], ...]

    @property
    def stated(self) -> bool:
        """Whether a reader states it."""
        return self.origin == READER

    @property
    def unknown_words(self) -> str:
        """What is said where nobody knows the fact."""
        return "Whichever of the code's uses allows most" if self.name == "use" else "Not known"

    @property
    def instead_words(self) -> str:
        """What a stated fact takes the place of."""
        other = self.instead_of or self.unknown_words
        return f"instead of {other}" if self.instead_of else f"instead of: {other[0].lower()}{other[1:]}"


def facts_of(
    report: Json, typed: Mapping[str, str] | None = None
) -> tuple[tuple[str, tuple[Fact, ...]], ...]:
    """The facts of a report in groups, with what was ``typed`` over them; none of a report of before they were kept."""
    facts = report.get("facts") or {}
    return tuple(
        (title, tuple(fact_of(name, facts[name], typed) for name in names if name in facts))
        for title, names in GROUPS
        if facts
    )


def fact_of(name: str, fact: Json, typed: Mapping[str, str] | None) -> Fact:
    """One fact in words."""
    return Fact(
        name=name,
        label=LABELS[name],
        unit=unit_of(name),
        value=value_words(name, fact["value"]),
        origin=fact["origin"],
        origin_words=ORIGIN_WORDS[fact["origin"]],
        instead_of=value_words(name, fact.get("instead_of")),
        typed=shown(name, fact) if typed is None else typed.get(name, ""),
        choices=tuple((choice, value_words(name, choice)) for choice in CHOICES.get(name, ())),
    )


def stated_in(report: Json) -> dict[str, Any]:
    """What a reader stated of a report's facts, by name."""
    facts = report.get("facts") or {}
    return {name: fact["value"] for name, fact in facts.items() if fact["origin"] == READER}


def typed_in(report: Json, form: Mapping[str, str]) -> StatedFacts:
    """What a form states: fields that were changed, and those stated before. Raises InvalidRequest.

    A field left as it was shown states nothing anew; one that was emptied takes back what was stated.
    """
    facts, before = report.get("facts") or {}, stated_in(report)
    changed = {
        name: form[name]
        for name in LABELS
        if name in form and form[name].strip() != shown(name, facts.get(name))
    }
    found = facts_in(changed).given
    kept = {name: value for name, value in before.items() if name not in changed}
    return StatedFacts(**{**kept, **found})


def shown(name: str, fact: Json | None) -> str:
    """A fact as its field holds it: numbers and names as they were taken, of choices only what a reader states."""
    if fact is None or fact["value"] is None or (name in CHOICES and fact["origin"] != READER):
        return ""
    return written(name, fact["value"]) if name in NUMBERS else str(fact["value"])


def value_words(name: str, value: Any) -> str:
    """A value with its unit as pages write it; empty where there is none."""
    if value is None:
        return ""
    if name in NUMBERS:
        return measure(value, unit_of(name), decimals(name))
    words = fact_words.value_words(name, value)
    return words.capitalize() if name in CHOICES else words


def written(name: str, value: float) -> str:
    """A number as its field holds it."""
    return f"{round(value, decimals(name)):,.12g}"
