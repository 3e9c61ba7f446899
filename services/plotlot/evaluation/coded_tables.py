"""Dimensional standards by district that people coded elsewhere, without the codes they were read from.

The National Zoning Atlas' rows (Hawaii, Hampton Roads), for houses of one family, and the specifications of
zoning.space (cities of California). Left out are overlays, rows about several districts together, cells that hold
more than a number, noughts, which may mean none, and what two rows code for one district.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

SQFT_PER_ACRE = 43_560
_ATLAS = (
    (r"min ?lot(?: acres)?", "min_lot_area", SQFT_PER_ACRE),
    (r"front ?setback ?(?:of feet|ft)", "front_setback", 1),
    (r"side ?setback ?(?:of feet|ft)", "side_setback", 1),
    (r"rear ?setback ?(?:of feet|ft)", "rear_setback", 1),
    (r"max ?lot ?coverage ?buildings?", "max_lot_coverage", 1),
    (r"min ?parking(?: spaces)?", "parking_per_unit", 1),
    (r"max ?stories|max height of stories", "max_stories", 1),
    (r"max ?height ?(?:of feet|ft)", "max_height", 1),
)
_SPECIFIED = {
    "maxHeightFeet": ("max_height", 1.0),
    "minLotSizeSqFeet": ("min_lot_area", 1.0),
    "minLotSizeSqFt": ("min_lot_area", 1.0),
    "minLotSizeAcres": ("min_lot_area", SQFT_PER_ACRE),
    "minLotWidthFeet": ("min_lot_width", 1.0),
    "maxLotCoverage": ("max_lot_coverage", 1.0),
    "maxFar": ("max_far", 1.0),
    "setbackFrontFeet": ("front_setback", 1.0),
    "setbackSideFeet": ("side_setback", 1.0),
    "setbackRearFeet": ("rear_setback", 1.0),
}
_CODE = re.compile(r"[A-Z][\w().-]{0,11}")


@dataclass(frozen=True, slots=True)
class Coded:
    """A value of a district, in the unit of its field."""

    town: str
    district: str
    name: str
    field: str
    value: float


def coded_values(gold: Path) -> list[Coded]:
    """Every value below a folder of coded tables, each district and field once: those coded twice are left out."""
    found: dict[tuple[str, str, str], list[Coded]] = {}
    tables = chain(
        *(_atlas(path, skipped=1) for path in sorted((gold / "hawaii").glob("*.csv"))),
        *(_atlas(path, skipped=0) for path in sorted((gold / "virginia").glob("*.csv"))),
        *(_specified(path) for path in sorted((gold / "zoning_space").glob("*.csv"))),
    )
    for each in tables:
        found.setdefault((each.town, each.district, each.field), []).append(each)
    return [rows[0] for rows in found.values() if len(rows) == 1]


def _atlas(path: Path, skipped: int) -> Iterator[Coded]:
    """The rows of an atlas, whose columns are named in words or as one word each."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(skipped):
            next(file)
        for row in csv.DictReader(file):
            cells = {
                key: (value or "").strip()
                for key, value in row.items()
                if isinstance(value, str | None) and key
            }
            town = cells.get("Jurisdiction") or cells.get("jurisdiction", "")
            state = cells.get("State") or cells.get("state", "")
            district = cells.get("Abbreviated District Name") or cells.get("abbrvname", "")
            name = cells.get("Full District Name") or cells.get("name", "")
            overlay = (cells.get("Overlay") or cells.get("overlay", "")).casefold() in ("yes", "true")
            if town and state and _CODE.fullmatch(district) and not overlay:
                yield from _values(f"{town}, {state}", district, name, cells)


def _values(town: str, district: str, name: str, cells: Mapping[str, str]) -> Iterator[Coded]:
    for column, text in cells.items():
        words = " ".join(re.sub(r"[^a-z0-9 ]", " ", column.casefold().replace("_", " ")).split())
        about = re.fullmatch(r"(?:1 family|family1) (.+)", words)
        value = number_of(text)
        if about is None or value is None:
            continue
        for pattern, field, times in _ATLAS:
            if re.fullmatch(pattern, about[1]):
                yield Coded(town, district, name, field, round(value * times, 2))


def _specified(path: Path) -> Iterator[Coded]:
    """The rows of a specification of one column of districts; nothing of one that is made of several."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if any(cell and cell[0] not in "#/" for cell in row)]
    heads = [row for row in rows if "singleFamily" in row]
    if len(heads) != 1:
        return
    own = heads[0].index("singleFamily")
    town = next((row[1] for row in rows if row[0] == "jurisdiction"), path.stem)
    for row in rows[rows.index(heads[0]) + 1 :]:
        if not _CODE.fullmatch(row[0]) or any(row[1:own]):
            continue
        for column, text in zip(heads[0], row, strict=False):
            value = number_of(text)
            if column in _SPECIFIED and value is not None:
                field, times = _SPECIFIED[column]
                yield Coded(town, row[0], "", field, value * times)


def number_of(text: str) -> float | None:
    """The number of a cell; None where it holds words, several numbers, nought or nothing."""
    found = re.fullmatch(r"\d+(?:\.\d+)?", text.strip())
    return float(found[0]) or None if found else None
