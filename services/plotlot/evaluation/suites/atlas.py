"""Standards read from codes beside the rows of the Vermont Zoning Atlas, which people coded: silver, not gold.

Its acres are rounded, and some rows are newer than the text: those count as disagreements all the same.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plotlot.domain.standards import FIELD_UNITS, Standard, Status
from plotlot.evaluation.extraction import compatible
from plotlot.evaluation.runs import Case
from plotlot.evaluation.suites.standards import slug
from plotlot.evaluation.towns import stored_towns
from plotlot.extraction.reader.assemble import CodeReading, read_code

SQFT_PER_ACRE = 43_560
ROUNDED_SQFT = 0.01 * SQFT_PER_ACRE
CLOSE = 0.005
USE = {"use": "one_family"}
COLUMNS = (
    (r"min lot( size)?$", "min_lot_area"),
    (r"front setback$", "front_setback"),
    (r"side setback$", "side_setback"),
    (r"rear setback$", "rear_setback"),
    (r"max lot coverage buildings$", "max_lot_coverage"),
    (r"max lot coverage buildings impervious surface$", "max_impervious"),
    (r"min parking( spaces)?$", "parking_per_unit"),
    (r"max stories$", "max_stories"),
    (r"max height$", "max_height"),
    (r"floor to area ratio$", "max_far"),
    (r"min unit size$", "min_unit_area"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A value of the atlas for houses of one family."""

    town: str
    district: str
    name: str
    field: str
    value: float


def atlas_cases(data: Path) -> list[Case]:
    """A case for each value that both the atlas and the reader have, or that the reader lacks."""
    rows = [row for path in sorted((data / "gold" / "vermont_atlas").glob("*.csv")) for row in rows_of(path)]
    towns = stored_towns(data / "ordinances", {row.town for row in rows}, {})
    cases = []
    for name, town in towns.items():
        reading = read_code(list(town.documents.values()))
        cases += [case_of(row, reading) for row in rows if row.town == name]
    return cases


def rows_of(path: Path) -> Iterator[Row]:
    """The values of a file of the atlas, whose columns are named differently from town to town."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            town = f"{row['Jurisdiction']}, {state_of(row['State'])}"
            for column, text in row.items():
                field = field_of(column)
                if field and (value := number_of(text)) is not None:
                    area = SQFT_PER_ACRE if field == "min_lot_area" else 1
                    district, name = row["Abbreviated District Name"], row["Full District Name"]
                    yield Row(town, district, name, field, value * area)


def state_of(text: str) -> str:
    """A state's two letters."""
    return {"Vermont": "VT"}.get(text, text)


def field_of(column: str) -> str:
    """The field of a column about houses of one family; empty for another column."""
    words = " ".join(re.sub(r"[^a-z0-9 ]", " ", column.casefold()).split())
    if not words.startswith("1 family "):
        return ""
    return next((field for pattern, field in COLUMNS if re.fullmatch(f"1 family {pattern}", words)), "")


def number_of(text: str | None) -> float | None:
    """The number of a cell, None where it holds words or nothing."""
    try:
        return float(text or "")
    except ValueError:
        return None


def case_of(row: Row, reading: CodeReading) -> Case:
    """A value's case: what the reader shows for houses of one family beside it."""
    found = reading.district(row.district) or reading.district(row.name)
    standards = shown(reading.standards[found.code] if found else (), row.field)
    values = sorted({standard.value for standard in standards if standard.value is not None})
    scores: dict[str, float | None] = {"atlas.covered": float(bool(values))}
    agrees = any(same(row, value) for value in values)
    if values:
        scores["atlas.agreement"] = float(agrees)
    return Case(
        id=f"atlas/{slug(row.town)}/{slug(row.district)}/{row.field}",
        town=row.town,
        slice=row.field,
        kind="silver",
        scores=scores,
        detail={
            "question": f"{row.field.replace('_', ' ')} in {row.district}",
            "wanted": f"{row.value:,.10g} {FIELD_UNITS[row.field]} (atlas)",
            "answer": " or ".join(f"{value:,.10g}" for value in values) or "nothing",
            "quotes": [each.citation.quote for each in standards if each.citation],
        },
    )


def shown(standards: Sequence[Standard], field: str) -> list[Standard]:
    """The standards of a field that may hold for a house of one family, the least conditioned ones."""
    found = [
        standard
        for standard in standards
        if standard.field == field
        and standard.status in (Status.STATED, Status.CONFLICTING)
        and compatible(standard.conditions, USE)
    ]
    least = min((len(standard.conditions) for standard in found), default=0)
    return [standard for standard in found if len(standard.conditions) == least]


def same(row: Row, value: float) -> bool:
    """Whether a value is the atlas's, its acres rounded."""
    allowed = ROUNDED_SQFT if row.field == "min_lot_area" else CLOSE * abs(row.value)
    return abs(row.value - value) <= allowed + 1e-9
