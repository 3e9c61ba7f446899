"""Notes below a table change the standards of the cells that carry their marks, and of no others."""

from pathlib import Path

import pytest

from plotlot.extraction.reader.assemble import CodeReading, read_code
from plotlot.extraction.reader.table_notes import marks_in
from plotlot.ingestion.parsers import parse_document

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "larkfield"
CODE = """\
# Zoning

## Sec. 1 Districts

| District | Name |
|---|---|
| R-1 | Single-Family Residential |
| R-2 | Two-Family Residential |

## Sec. 2 Dimensions of the R-1 and R-2 districts

| Standard | R-1 [^a] | R-2 |
|---|---|---|
| Minimum lot area (sq. ft.) | 9,000 | 7,500 [^2] |
| Minimum lot width (ft.) [^3] | 70 | 60 |
| Side yard (ft.) | 8\\* | 6 (1) |
| Rear yard (ft.) | 30<sup>4</sup> | 25 |

\\* 12 feet where the yard abuts a business district.

(1) Ten feet for a corner lot.

<sup>4</sup> Not less than 40 feet for a through lot.

## Sec. 3 Signs

No sign shall exceed 20 square feet.

[^a]: The minimum lot area is one acre for a lot that is not served by public sewer.
[^2]: At least 12,000 square feet for a
    two-family dwelling.
[^3]: 85 feet for a corner lot.
"""


def read(text: str) -> CodeReading:
    """The readings of a code in Markdown."""
    return read_code([parse_document("code.md", text.encode())])


def values(reading: CodeReading, district: str, field: str) -> list[tuple[float | None, dict[str, str]]]:
    """Values and conditions of one field of a district."""
    found = [s for s in reading.standards[district] if s.field == field]
    return [(s.value, dict(s.conditions)) for s in found]


def test_a_note_sets_a_value_for_the_marked_cell_only() -> None:
    reading = read(CODE)
    assert values(reading, "R-2", "min_lot_area") == [(7_500, {}), (12_000, {"use": "two_family"})]
    assert values(reading, "R-1", "side_setback") == [
        (8, {}),
        (12, {"case": "where the yard abuts a business district"}),
    ]
    assert values(reading, "R-2", "side_setback") == [(6, {}), (10, {"lot": "corner"})]
    assert values(reading, "R-1", "rear_setback") == [(30, {}), (40, {"lot": "through"})]
    assert values(reading, "R-2", "rear_setback") == [(25, {})]


def test_a_mark_on_a_label_speaks_for_its_row() -> None:
    reading = read(CODE)
    assert values(reading, "R-1", "min_lot_width") == [(70, {}), (85, {"lot": "corner"})]
    assert values(reading, "R-2", "min_lot_width") == [(60, {}), (85, {"lot": "corner"})]


def test_a_mark_on_a_district_needs_a_note_that_names_the_field() -> None:
    reading = read(CODE)
    assert values(reading, "R-1", "min_lot_area") == [(9_000, {}), (43_560, {"sewer": "none"})]


def test_a_note_is_quoted_without_its_mark() -> None:
    reading = read(CODE)
    quotes = [s.citation.quote for s in reading.standards["R-1"] if s.citation and s.value == 40]
    assert quotes == ["Not less than 40 feet for a through lot."]
    assert reading.dropped == 0


@pytest.mark.parametrize(
    "note",
    [
        "Plus 2,000 square feet for each additional unit over two.",
        "May be reduced to 5,000 square feet for a corner lot.",
        "See Sec. 3.",
        "Measured to the center line of the street.",
        "Accessory buildings on lots of less than 5,000 square feet need a permit.",
        "5,000 square feet by special permit.",
    ],
)
def test_a_note_that_sets_no_standard_leaves_the_cell_alone(note: str) -> None:
    code = CODE.replace("At least 12,000 square feet for a\n    two-family dwelling.", note)
    assert values(read(code), "R-2", "min_lot_area") == [(7_500, {})]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("9,000 [^1]", {"1"}),
        ("9,000[1] [b]", {"1", "b"}),
        ("8\\*", {"*"}),
        ("**Lot area**", set()),
        ("8 (2)", {"2"}),
        ("(2) Height", set()),
        ("30<sup>4</sup>", {"4"}),
        ("30 ft.¹²", {"12"}),
        ("80,0001", {"1"}),
        ("R-1", set()),
        ("35 (3) stories", set()),
        ("two (2) feet", set()),
    ],
)
def test_marks_as_codes_write_them(text: str, marks: set[str]) -> None:
    assert marks_in(text) == marks


def test_the_example_town_ties_its_notes_to_their_cells() -> None:
    reading = read((EXAMPLE / "ordinance.md").read_text(encoding="utf-8"))
    assert [district.code for district in reading.districts] == ["A-1", "R-1", "R-2", "R-3", "V-C"]
    assert values(reading, "R-1", "min_lot_area") == [(9_000, {}), (40_000, {"sewer": "none"})]
    assert values(reading, "R-1", "min_lot_width") == [(70, {}), (85, {"lot": "corner"})]
    assert values(reading, "R-2", "min_lot_area") == [(7_500, {}), (12_000, {"use": "two_family"})]
    assert values(reading, "R-3", "min_lot_area") == [(10_000, {})]
