"""What changed since a report, in words and side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotlot.domain.fact_words import LABELS
from plotlot.gateway.reports.changes import ADDED, CHANGED, REMOVED, REWORDED
from plotlot.gateway.reports.facts import value_words
from plotlot.gateway.wording import VERDICT_WORDS, dates_words, field_label

Json = Mapping[str, Any]
KIND_WORDS: Mapping[str, str] = {
    CHANGED: "another value",
    REWORDED: "other words, the same value",
    ADDED: "not in the report",
    REMOVED: "not found any more",
}
ANSWER_LABELS: Mapping[str, str] = {
    "units_low": "Fewest units",
    "units_high": "Most units",
    "binding_constraint": "What decides",
    "use": "Use",
    "verdict": "Verdict",
    "district": "District",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A value before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What the page of changes shows: ``standards`` have both quotes, ``released`` that another bundle answers."""

    same: bool
    gone: str
    answered_at: str
    asked_again_at: str
    released: tuple[str, str] | None
    answer: tuple[Row, ...]
    facts: tuple[Row, ...]
    documents: tuple[Row, ...]
    standards: tuple[tuple[str, Json], ...]


def changes_view(changes: Json) -> ChangesView:
    """The changes as their page shows them."""
    bundle = changes["bundle"]
    return ChangesView(
        same=changes["same"],
        gone=changes["gone"],
        answered_at=changes["answered_at"],
        asked_again_at=changes["asked_again_at"],
        released=(bundle["before"], bundle["after"]) if bundle["before"] != bundle["after"] else None,
        answer=answer_rows(changes["answer"]),
        facts=tuple(
            Row(
                LABELS.get(each["name"], each["name"]),
                *(value_words(each["name"], each[side]) or "Not known" for side in SIDES),
            )
            for each in changes["facts"]
        ),
        documents=tuple(
            Row(each["title"], *(document_words(each[side]) for side in SIDES))
            for each in changes["documents"]
        ),
        standards=tuple((KIND_WORDS[each["change"]], each) for each in changes["standards"]),
    )


SIDES, OF_UNITS = ("before", "after"), ("units_low", "units_high")


def answer_rows(changed: Sequence[Json]) -> tuple[Row, ...]:
    """The parts of the answer that changed; fewest and most units once, where they are one number on both sides."""
    low, high = (next((each for each in changed if each["name"] == name), None) for name in OF_UNITS)
    alike = low is not None and high is not None and all(low[side] == high[side] for side in SIDES)
    return tuple(
        Row(
            "Units" if alike and each is low else ANSWER_LABELS[each["name"]],
            *(answer_words(each["name"], each[side]) for side in SIDES),
        )
        for each in changed
        if not (alike and each is high)
    )


def answer_words(name: str, value: Any) -> str:
    """A part of an answer in words."""
    if value is None or value == "":
        return "Not known" if name.startswith("units") else "–"
    if name == "verdict":
        return VERDICT_WORDS.get(value, value)
    return field_label(value) if name == "binding_constraint" else str(value).replace("_", " ")


def document_words(document: Json | None) -> str:
    """How old a document is, or that it is not quoted."""
    return "Not quoted" if document is None else dates_words(document) or "Quoted"
