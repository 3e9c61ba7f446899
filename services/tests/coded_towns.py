"""Small coded towns of our own writing: texts, and rows as an archive of coded towns has them."""

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

DISTRICTS = (("R-1", "Rural"), ("V-2", "Village"), ("HC-3", "Highway Commercial"))
_FIELDS = ("min_lot_area", "front_setback", "side_setback", "rear_setback", "max_height", "max_lot_coverage")


def values_of(town: int, district: int) -> dict[str, float]:
    """Values that differ by town and by district, and never between the yards of one."""
    return {
        "min_lot_area": float((1 + (town + district) % 5) * 10_000),
        "front_setback": 30.0 + 5 * ((town + 2 * district) % 5),
        "side_setback": 10.0 + (town + district) % 4,
        "rear_setback": 20.0 + (2 * town + district) % 5,
        "max_height": 35.0 + (town + district) % 3,
        "max_lot_coverage": 60.0 + 5 * ((town + district) % 4),
    }


def text_of(town: int) -> str:
    """A town's code: some as labelled lines, some as a table, with numbers that are no standards."""
    head = f"""LAND USE CODE OF MILLBROOK {town}

ARTICLE I  GENERAL
Section 1.1 Establishment of Districts
The town is divided into the following zoning districts:
R-1 Rural District
V-2 Village District
HC-3 Highway Commercial District

Section 1.2 Accessory Structures
Sheds of 120 square feet shall be set back 5 feet from any lot line. No sign shall exceed 12 feet in height.

ARTICLE II  DISTRICTS
"""
    return head + (
        _table(town) if town % 2 else "".join(_lines(town, place) for place in range(len(DISTRICTS)))
    )


def _lines(town: int, place: int) -> str:
    code, name = DISTRICTS[place]
    one = values_of(town, place)
    return f"""
Section 2.{place + 1} {name} District ({code})
A. Purpose. This district has {12 + town} farms and two mills.
B. Dimensional Standards
   Minimum lot area: {one["min_lot_area"]:,.0f} square feet
   Minimum front yard: {one["front_setback"]:.0f} feet
   Minimum side yard: {one["side_setback"]:.0f} feet
   Minimum rear yard: {one["rear_setback"]:.0f} feet
   Maximum building height: {one["max_height"]:.0f} feet
   Maximum lot coverage: {one["max_lot_coverage"]:.0f} percent
"""


def _table(town: int) -> str:
    columns = [values_of(town, place) for place in range(len(DISTRICTS))]

    def row(label: str, field: str, form: str) -> str:
        return f"{label:<34}" + "".join(f"{form.format(one[field]):<20}" for one in columns) + "\n"

    return (
        "\nSection 2.1 Dimensional Standards by District\n\n"
        + f"{'Standard':<34}"
        + "".join(f"{code:<20}" for code, _ in DISTRICTS)
        + "\n"
        + row("Minimum lot area", "min_lot_area", "{:,.0f} sq. ft.")
        + row("Front yard setback", "front_setback", "{:.0f} ft.")
        + row("Side yard setback", "side_setback", "{:.0f} ft.")
        + row("Rear yard setback", "rear_setback", "{:.0f} ft.")
        + row("Maximum height", "max_height", "{:.0f} ft.")
        + row("Maximum lot coverage", "max_lot_coverage", "{:.0f}%")
        + "\nSection 2.2 Other\nNothing more is asked.\n"
    )


def rows_of(town: int) -> list[dict[str, object]]:
    """The town's coded rows."""
    return [
        {
            "municipality": f"Millbrook {town}, VT",
            "district": code,
            "district_name": name,
            "field": field,
            "value": values_of(town, place)[field],
            "unit": "",
            "use": "1_family",
            "strict_match": True,
            "text_file": f"text/Millbrook_{town:02d}.txt",
        }
        for place, (code, name) in enumerate(DISTRICTS)
        for field in _FIELDS
    ]


def write_archive(path: Path, towns: Sequence[int]) -> Path:
    """An archive of some of these towns."""
    files = {f"text/Millbrook_{town:02d}.txt": text_of(town) for town in towns}
    files["rows.jsonl"] = "".join(json.dumps(row) + "\n" for town in towns for row in rows_of(town))
    with tarfile.open(path, "w:xz") as archive:
        for name, text in files.items():
            content = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path
