"""The words of a report: fields, values, conditions and verdicts as a planner says them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

FIELD_LABELS: Mapping[str, str] = {
    "min_lot_area": "Minimum lot area",
    "min_lot_width": "Minimum lot width",
    "min_lot_depth": "Minimum lot depth",
    "min_lot_area_per_unit": "Lot area per unit",
    "min_lot_area_per_additional_unit": "Lot area per additional unit",
    "max_density": "Maximum density",
    "max_units_per_lot": "Maximum units on a lot",
    "min_unit_area": "Minimum floor area of a unit",
    "front_setback": "Front setback",
    "side_setback": "Side setback",
    "side_setback_total": "Both side setbacks together",
    "street_side_setback": "Street side setback",
    "rear_setback": "Rear setback",
    "max_height": "Maximum height",
    "max_stories": "Maximum stories",
    "max_lot_coverage": "Maximum lot coverage",
    "max_impervious": "Maximum impervious surface",
    "max_far": "Maximum floor area ratio",
    "min_open_space": "Minimum open space",
    "parking_per_unit": "Parking for each unit",
    "uses": "Permitted use",
    "floor_area": "Floor area that fits",
    "envelope": "Buildable envelope",
    "units": "Number of units",
    "lot_area": "Lot area",
    "lot_width": "Lot width",
    "lot_depth": "Lot depth",
    "frontage": "Frontage",
    "envelope_area": "Area of the envelope",
    "footprint": "Largest footprint",
}

LOT_MINIMUMS = ("min_lot_area", "min_lot_width", "min_lot_depth")
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Size of the lot", LOT_MINIMUMS),
    (
        "Number of units",
        (
            "max_density",
            "min_lot_area_per_unit",
            "min_lot_area_per_additional_unit",
            "max_units_per_lot",
            "min_unit_area",
        ),
    ),
    (
        "Setbacks",
        ("front_setback", "side_setback", "side_setback_total", "street_side_setback", "rear_setback"),
    ),
    (
        "Height and bulk",
        (
            "max_height",
            "max_stories",
            "max_lot_coverage",
            "max_impervious",
            "max_far",
            "min_open_space",
        ),
    ),
    ("Parking", ("parking_per_unit",)),
)
"""Every field of a standard, in the order in which a planner reads them."""

STATUS_WORDS: Mapping[str, str] = {
    "stated": "Stated",
    "not_stated": "Not stated",
    "conflicting": "The code conflicts with itself",
    "delegated": "Set elsewhere: ask the planning department",
}

VERDICT_WORDS: Mapping[str, str] = {
    "buildable": "Buildable as of right",
    "not_buildable": "Not buildable as of right",
    "unknown": "Cannot be decided from what is here",
}

_UNITS: Mapping[str, tuple[str, str]] = {
    "sqft": (" sq ft", " sq ft"),
    "ft": (" ft", " ft"),
    "percent": ("%", "%"),
    "ratio": ("", ""),
    "stories": (" story", " stories"),
    "units": (" unit", " units"),
    "units_per_acre": (" unit per acre", " units per acre"),
    "sqft_per_unit": (" sq ft per unit", " sq ft per unit"),
    "spaces_per_unit": (" space per unit", " spaces per unit"),
}


def field_label(name: str) -> str:
    """A field in words."""
    return FIELD_LABELS.get(name) or name.replace("_", " ").capitalize()


def measure(value: float | None, unit: str, digits: int = 10) -> str:
    """A number with its unit; a dash where there is none."""
    if value is None:
        return "–"
    rounded = round(value, digits)
    one, many = _UNITS.get(unit, (f" {unit}", f" {unit}"))
    return f"{rounded:,.10g}{one if rounded == 1 else many}"


def unit_words(unit: str) -> str:
    """A unit as it stands after a number of more than one, e.g. ``sq ft``."""
    return _UNITS.get(unit, ("", unit))[1].strip()


def value_words(standard: Mapping[str, Any]) -> str:
    """A standard's value with its unit, or the words that stand for one."""
    if standard["value"] is not None:
        return measure(standard["value"], standard["unit"])
    if standard.get("formula"):
        return formula_words(standard["formula"])
    return {
        "not_stated": "Not stated",
        "delegated": "Ask the planning department",
        "conflicting": "Conflicting",
    }.get(standard["status"], "See the quote")


def formula_words(formula: Mapping[str, Any]) -> str:
    """A share of a measure of the lot, within its bounds."""
    text = f"{formula['percent']:g}% of the {formula['of'].replace('_', ' ')}"
    if formula.get("minimum") is not None:
        text += f", at least {formula['minimum']:g} ft"
    if formula.get("maximum") is not None:
        text += f", at most {formula['maximum']:g} ft"
    return text


def condition_words(conditions: Mapping[str, str]) -> str:
    """When a standard applies, e.g. ``lot: corner; use: two family``; empty where always."""
    return "; ".join(
        f"{name.replace('_', ' ')}: {value.replace('_', ' ')}" for name, value in conditions.items()
    )


def highlighted(quote: str, value: str) -> tuple[str, str, str]:
    """A quote before, at and after the value that was read from it; whole where it is not plain which.

    The quote of a cell ends with it, after the cells of other districts.
    """
    alone = rf"(?<![\w/])(?<!\d[.,]){re.escape(value)}(?![\w/]|[.,]\d)"
    found = list(re.finditer(alone, quote, re.IGNORECASE)) if value else []
    last = found[-1] if found else None
    if last is None or (len(found) > 1 and re.search(r"\w", quote[last.end() :])):
        return quote, "", ""
    return quote[: last.start()], last.group(), quote[last.end() :]


def section_words(citation: Mapping[str, Any]) -> str:
    """The path of a section below its document, which is named beside it."""
    title = citation.get("document_title", "")
    section = str(citation["section"])
    return section.removeprefix(f"{title} > ") if title and section != title else section


def source_words(citation: Mapping[str, Any]) -> str:
    """What a reader would call the document, or its id where it has no title."""
    return str(citation.get("document_title") or citation["document"])


def dates_words(citation: Mapping[str, Any]) -> str:
    """Since when a document is in force, as it says itself, and when it was retrieved; empty where neither is known."""
    effective, retrieved = citation.get("effective_date"), citation.get("retrieved_at")
    if not retrieved:
        return f"In force from {day_words(effective)}" if effective else ""
    since = (
        f"In force from {day_words(effective)}" if effective else "It names no day from which it is in force"
    )
    return f"{since}; retrieved {day_words(retrieved)}"


def day_words(moment: str) -> str:
    """The day of an ISO 8601 date or time in words, e.g. ``March 1, 2024``."""
    day = date.fromisoformat(moment[:10])
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def unit_count(low: int | None, high: int | None) -> str:
    """Dwelling units as an interval in words."""
    if high is None:
        return f"{low} unit{'' if low == 1 else 's'} or more" if low else "Not known"
    if low is None or low == high:
        return f"{high} unit{'' if high == 1 else 's'}"
    return f"{low} to {high} units"


def allowed(constraint: Mapping[str, Any]) -> str:
    """The units that one constraint allows, short enough for a table; a minimum is only met or not."""
    low, high = constraint["units_low"], constraint["units_high"]
    if high == 0 and constraint["field"] in LOT_MINIMUMS:
        return "Not met"
    if high is None:
        return f"{low} or more" if low else "Undecided" if low == 0 else "Met"
    return str(high) if low is None or low == high else f"{low} to {high}"


def one_more_words(constraint: Mapping[str, Any], verdict: str) -> str:
    """What would allow another unit, as a sentence; empty where nothing is known to."""
    more = constraint.get("one_more", "")
    if not more:
        return ""
    if verdict == "not_buildable":
        start = "Building here"
    elif constraint["units_low"] == constraint["units_high"]:
        start = "One more unit"
    else:
        start = f"To be sure of {(constraint['units_low'] or 0) + 1} units, the lot"
    text = f"{start} {more}." if more.startswith("needs ") else f"{start}: {more}."
    return sentence(text)


def steps(arithmetic: str) -> list[str]:
    """The steps of an arithmetic, with the signs and units of print."""
    text = re.sub(r"(?<=[\w)]) / (?=\d)", " ÷ ", plain(arithmetic))
    text = re.sub(r"(?<=[\w)%]) x (?=\d)", " × ", text)
    return [sentence(step) for step in text.split("; ") if step]


def sentence(text: str) -> str:
    """A remark of the analysis with a capital and the units of print."""
    text = re.sub(r"\bsqft\b", "sq ft", plain(text)).replace(" %", "%")
    return text[:1].upper() + text[1:]


def plain(text: object) -> str:
    """Text without characters that are not seen: zero-width, controls, and those that turn the
    direction of writing. For names and addresses; quotes are shown as they are."""
    return "".join(
        character
        for character in str(text)
        if unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs") or character in "\n\t"
    )
