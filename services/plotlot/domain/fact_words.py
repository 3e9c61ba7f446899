"""The facts of a lot in words: one name of each, for pages, remarks on answers and comparisons."""

from collections.abc import Mapping

from plotlot.domain.stated_facts import CHOICES, NUMBERS

LABELS: Mapping[str, str] = {
    "lot_area_sqft": "Lot area",
    "lot_width_ft": "Lot width",
    "lot_depth_ft": "Lot depth",
    "frontage_ft": "Frontage",
    "lot_kind": "Kind of lot",
    "district": "Zoning district",
    "use": "Use to ask about",
    "sewer": "Sewer",
    "water": "Water",
    "overlay": "Overlay district",
    "unit_area_low_sqft": "Least floor area of a unit",
    "unit_area_high_sqft": "Most floor area of a unit",
    "parking_space_sqft": "Area of a parking space",
}


def name_words(name: str) -> str:
    """A fact as it is named within a sentence."""
    label = LABELS[name]
    return f"{label[0].lower()}{label[1:]}"


def value_words(name: str, value: float | str) -> str:
    """A value with its unit, or a choice in words."""
    if isinstance(value, float | int):
        return f"{round(value, decimals(name)):,.12g} {unit_of(name)}"
    return value.replace("_", " ") if name in CHOICES else value


def unit_of(name: str) -> str:
    """The unit of a number; empty for what is none."""
    return name.rsplit("_", 1)[1] if name in NUMBERS else ""


def decimals(name: str) -> int:
    """How many decimals of a measure are shown: feet to a tenth, areas whole."""
    return 0 if name.endswith("_sqft") else 1
