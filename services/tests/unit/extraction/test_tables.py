"""Dimensional tables read into values with districts, conditions and quotes."""

import re

import pytest

from plotlot.domain.documents import Document
from plotlot.extraction.reader.readings import Reading, ReadingContext
from plotlot.extraction.reader.tables import read_tables
from plotlot.ingestion.parsers import parse_document

CODES = re.compile(r"\b(?:R-1|R-2|R-3|M-1)\b")
Value = tuple[tuple[str, ...], str, float, dict[str, str]]


def context(scope: tuple[str, ...] = ()) -> ReadingContext:
    """Four districts; every place speaks of ``scope``."""
    return ReadingContext(
        named=lambda text: tuple(dict.fromkeys(CODES.findall(text))), scope=lambda offset: scope
    )


def read(text: str, scope: tuple[str, ...] = (), name: str = "code.md") -> tuple[Document, list[Reading]]:
    """The readings of a code's tables."""
    document = parse_document(name, text.encode())
    return document, read_tables(document, context(scope))


def values(text: str, scope: tuple[str, ...] = (), name: str = "code.md") -> list[Value]:
    """District, field, value and conditions of each reading."""
    _, readings = read(text, scope, name)
    return [(r.districts, r.field, r.value, dict(r.conditions)) for r in readings if r.value is not None]


def of_field(text: str, field: str, scope: tuple[str, ...] = ()) -> list[tuple[float, dict[str, str]]]:
    """Values and conditions of one field."""
    return [(value, conditions) for _, name, value, conditions in values(text, scope) if name == field]


ROWS = """\
# Lots

|                                 | R-1    | R-2         |
|---------------------------------|-------:|------------:|
| (a) Lot size, minimum (sq. ft.) | 20,000 | 9,000       |
| (b) Height (ft/stories)         | 35/2.5 | 40/3        |
| (c) Side yard (ft.): each side  |     10 | 8*          |
| total                           |     24 | 18          |
| corner lots, from side street   |     15 | N/A         |
| (d) Street frontage (ft.)       |    100 | 60          |
| (e) Rear yard (ft.)             |   30   | -           |
"""


def test_rows_are_fields_and_columns_districts() -> None:
    found = values(ROWS)
    assert (("R-1",), "min_lot_area", 20_000, {}) in found
    assert (("R-2",), "min_lot_area", 9_000, {}) in found
    assert (("R-1",), "rear_setback", 30, {}) in found


def test_height_is_parted_from_stories_by_the_units_of_the_label() -> None:
    found = values(ROWS)
    assert (("R-1",), "max_height", 35, {}) in found
    assert (("R-1",), "max_stories", 2.5, {}) in found


def test_sub_rows_go_on_with_the_label_above() -> None:
    found = values(ROWS)
    assert (("R-2",), "side_setback", 8, {}) in found
    assert (("R-2",), "side_setback_total", 18, {}) in found
    assert (("R-1",), "street_side_setback", 15, {}) in found


def test_what_is_not_stated_gives_no_value_and_frontage_is_no_width() -> None:
    read_fields = {(districts, field) for districts, field, _, _ in values(ROWS)}
    assert (("R-2",), "street_side_setback") not in read_fields
    assert (("R-2",), "rear_setback") not in read_fields
    assert "min_lot_width" not in {field for _, field in read_fields}


def test_a_quote_is_the_row_from_its_label_to_the_value() -> None:
    document, readings = read(ROWS)
    reading = next(r for r in readings if r.value == 9_000)
    quote = document.slice(reading.span)
    assert quote.startswith("(a) Lot size")
    assert quote.endswith("9,000")
    assert "\n" not in quote


def test_a_mark_is_parted_from_its_number_and_kept_as_a_note() -> None:
    _, readings = read(ROWS)
    reading = next(r for r in readings if r.field == "side_setback" and r.value == 8)
    assert (reading.quoted_value, reading.note) == ("8", "8*")


COLUMNS = """\
| District | Use        | Minimum lot area | Front yard (ft.) | Side (ft.) | Coverage |
|----------|------------|------------------|------------------|------------|----------|
| R-1      | All uses   | 2 acres          | 40               | 20         | 15%      |
| R-2      | One-family | 10,000 sq. ft.   | 25               | 10         | 25       |
|          | Two-family | 15,000 sq. ft.   | 25               | 12         | 30       |
"""


def test_columns_are_fields_and_rows_districts_and_uses() -> None:
    found = values(COLUMNS)
    assert (("R-1",), "min_lot_area", 87_120, {}) in found
    assert (("R-2",), "min_lot_area", 10_000, {"use": "one_family"}) in found
    assert (("R-2",), "min_lot_area", 15_000, {"use": "two_family"}) in found
    assert (("R-2",), "max_lot_coverage", 30, {"use": "two_family"}) in found


def test_a_header_may_hold_two_uses() -> None:
    text = (
        "|             | R-1 | R-2 1F/2F   |\n|---|---|---|\n"
        "| Lot size (sq. ft.) | 9,000 | 6,000/8,000 |\n| Front yard (ft.) | 30 | 25 |\n"
    )
    assert (("R-2",), "min_lot_area", 6_000, {"use": "one_family"}) in values(text)
    assert (("R-2",), "min_lot_area", 8_000, {"use": "two_family"}) in values(text)


def test_a_table_of_one_district_belongs_to_its_section() -> None:
    text = "| Minimum lot area | 1 acre |\n|---|---|\n| Front setback | 50 ft |\n"
    assert (("R-3",), "front_setback", 50, {}) in values(text, scope=("R-3",))


def test_the_first_row_by_stories_is_the_base_case() -> None:
    text = (
        "**Minimum setback (feet)**\n\n"
        "| Number of stories | To street R.O.W. | To R-1 District line | To other lot line |\n|---|---|---|---|\n"
        "| 1 | 35 | 35 | 15 |\n| 2 | 35 | 45 | 25 |\n"
    )
    sides = of_field(text, "side_setback", scope=("R-3",))
    assert (15, {}) in sides
    assert (25, {"stories": "2"}) in sides
    assert (35, {"abutting": "residential"}) in sides


def test_areas_by_sewer_are_conditions() -> None:
    text = (
        "| | With public sewer | No sewer |\n|---|---|---|\n"
        "| Lot area (sq. ft.) | 10,000 | 40,000 |\n| Front yard (ft.) | 25 | 25 |\n"
    )
    assert of_field(text, "min_lot_area", scope=("R-1",)) == [
        (10_000, {"sewer": "public"}),
        (40_000, {"sewer": "none"}),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("½ acre", 21_780),
        ("20,000 sq. ft. (see Note 1)", 20_000),
        ("80,0001", 80_000),
        ("1.5 acres", 65_340),
        ("10,000 sf min", 10_000),
        ("12,500", 12_500),
    ],
)
def test_how_areas_are_written(cell: str, expected: float) -> None:
    text = f"| Lot area | {cell} |\n|---|---|\n| Lot area | {cell} |\n| Front yard | 20 ft |\n"
    assert {value for value, _ in of_field(text, "min_lot_area", scope=("R-1",))} == {expected}


@pytest.mark.parametrize(
    "cell", ["N/A", "(1)", "-", "See Section 5.2", "15 ft max", "8. Wind machines", "M-2: 30 ft"]
)
def test_cells_that_state_no_minimum(cell: str) -> None:
    text = f"| Standard | R-1 |\n|---|---|\n| Rear yard | {cell} |\n| Front yard | 20 ft |\n"
    assert of_field(text, "rear_setback") == []


@pytest.mark.parametrize(
    "cell", ["0", "None", "none required", "No side yard is required", "Not required (2)"]
)
def test_a_yard_that_is_not_required_is_a_setback_of_nought(cell: str) -> None:
    text = (
        f"| Standard | R-1 |\n|---|---|\n| Side yard | {cell} |\n| Height | none |\n| Front yard | 20 ft |\n"
    )
    assert of_field(text, "side_setback") == [(0, {})]
    assert of_field(text, "max_height") == []


@pytest.mark.parametrize(
    "label", ["Street side", "Side yard, corner lot", "Side (street)", "Corner side yard", "Side: street"]
)
def test_the_side_on_a_street_is_no_side_setback(label: str) -> None:
    text = (
        f"| Standard | R-1 |\n|---|---|\n| Front yard | 20 ft |\n| Side yard | 8 ft |\n| {label} | 15 ft |\n"
    )
    assert of_field(text, "street_side_setback") == [(15, {})]
    assert of_field(text, "side_setback") == [(8, {})]


def test_a_mark_in_one_cell_is_a_note_of_that_cell_alone() -> None:
    text = "| Standard | R-1 | R-2 | R-3 |\n|---|---|---|---|\n| Rear yard | 20 [1] | 25[^2] | 30 |\n| Front yard | 9* | 9 | 9 |\n"
    _, readings = read(text)
    notes = {(r.districts[0], r.field): (r.value, r.note, dict(r.conditions)) for r in readings}
    assert notes["R-1", "rear_setback"] == (20, "20 [1]", {})
    assert notes["R-2", "rear_setback"] == (25, "25[^2]", {})
    assert notes["R-3", "rear_setback"] == (30, "", {})
    assert [notes[code, "front_setback"][1] for code in ("R-1", "R-2", "R-3")] == ["9*", "", ""]


def test_zero_is_a_value() -> None:
    text = "| Standard | R-1 |\n|---|---|\n| Side yard | 0 ft |\n| Front yard | 20 ft |\n"
    assert of_field(text, "side_setback") == [(0, {})]


def test_one_unit_for_so_many_acres_is_no_density_of_one() -> None:
    text = "| Standard | R-1 |\n|---|---|\n| Density | 1 unit per 10 acres |\n| Front yard | 20 ft |\n"
    assert (1, {}) not in of_field(text, "max_density")
    assert of_field(text, "max_density") == [(0.1, {})] or of_field(text, "min_lot_area_per_unit")


def test_a_heading_that_names_a_district_of_lakes_is_not_about_lakes() -> None:
    table = "| Lot area minimum | 2 acres |\n|---|---|\n| Front yard | 20 ft |\n| Rear yard | 30 ft |\n"
    assert (("R-1",), "front_setback", 20, {}) in values("# R-1 Lakes District\n\n" + table, ("R-1",))
    assert values("# Lakes and docks\n\n" + table, ("R-1",)) == []


def test_residential_rows_under_a_field_are_the_base_case() -> None:
    text = (
        "| Standard | Value |\n|---|---|\n| Minimum lot area | |\n| Residential: | 2 acres |\n"
        "| Nonresidential: | 1 acre |\n| Front yard | 20 ft |\n"
    )
    assert of_field(text, "min_lot_area", ("R-1",)) == [(87_120, {}), (43_560, {"use": "nonresidential"})]


def test_building_coverage_is_a_part_where_lot_coverage_stands_beside_it() -> None:
    both = "| Standard | R-1 |\n|---|---|\n| Building coverage | 20% |\n| Lot coverage | 30% |\n"
    assert of_field(both, "max_lot_coverage") == [(20, {"part": "buildings"}), (30, {})]
    alone = "| Standard | R-1 |\n|---|---|\n| Building coverage | 20% |\n| Front yard | 30 ft |\n"
    assert of_field(alone, "max_lot_coverage") == [(20, {})]


def test_a_mark_against_a_number_is_no_part_of_it_nor_of_the_quote() -> None:
    text = "| Standard | R-1 | R-2 |\n|---|---|---|\n| Lot area (sq. ft.) | 80,0001 | 40,000 |\n| Front yard | (1) | 20 ft |\n"
    document, readings = read(text)
    area = next(r for r in readings if r.districts == ("R-1",))
    assert area.value == 80_000
    assert document.slice(area.span).endswith("80,000")
    assert of_field(text, "front_setback") == [(20, {})]


def test_a_label_over_several_uses_sets_their_condition() -> None:
    text = (
        "| Use | Lot area (sq. ft.) | Front yard |\n|---|---|---|\n| Public sewer | | |\n"
        "| Single-family dwelling | 9,000 | 20 ft |\n| Septic system | | |\n| Single-family dwelling | 20,000 | 30 ft |\n"
    )
    found = of_field(text, "min_lot_area", ("R-1",))
    assert found == [
        (9_000, {"sewer": "public", "use": "one_family"}),
        (20_000, {"sewer": "none", "use": "one_family"}),
    ]


def test_minimum_and_maximum_columns_hold_their_own_fields() -> None:
    text = (
        "| | Minimum | Maximum |\n|---|---|---|\n| Front yard | 10 ft | 25 ft |\n| Height | 20 ft | 35 ft |\n"
    )
    assert of_field(text, "front_setback", scope=("R-1",)) == [(10, {})]
    assert of_field(text, "max_height", scope=("R-1",)) == [(35, {})]


def test_a_compound_name_is_not_the_sum_of_its_parts() -> None:
    text = (
        "| District | Lot area | Front yard |\n|---|---|---|\n| R-1 | 1 acre | 20 ft |\n"
        "| R-2 | 2 acres | 30 ft |\n| R-1/R-2 | 3 acres | 40 ft |\n"
    )
    assert sorted(value for value, _ in of_field(text, "front_setback")) == [20, 30]


@pytest.mark.parametrize(
    "text",
    [
        "# Signs\n\n| Sign | Maximum height | Setback, front |\n|---|---|---|\n| Pole | 20 ft | 10 ft |\n",
        "# Yards\n\n| Accessory structures | R-1 |\n|---|---|\n| Shed side yard | 5 ft |\n| Fence height | 6 ft |\n",
        "# Parking\n\n| Angle | Stall width | Stall depth |\n|---|---|---|\n| 90 | 9 ft | 18 ft |\n",
        "# Solar energy systems\n\n| | R-1 |\n|---|---|\n| Front setback | 50 ft |\n| Height | 15 ft |\n",
    ],
    ids=["signs", "sheds and fences", "stalls", "solar"],
)
def test_other_things_are_not_read_as_lots(text: str) -> None:
    assert values(text, scope=("R-1",)) == []


PARKING = """\
# Off-street parking

| Use                          | Parking spaces required                        |
|------------------------------|------------------------------------------------|
| One- or two-family dwelling  | Three spaces, two of them enclosed, per dwelling unit |
| Multi-family dwelling        | 1.5 per d.u.                                   |
| Rented rooms in a dwelling   | One space per room                             |
| Retail                       | 1 per 250 sq. ft.                              |
"""


def test_parking_is_read_for_dwellings_only_and_holds_everywhere() -> None:
    _, readings = read(PARKING)
    assert [(r.value, dict(r.conditions)) for r in readings] == [
        (3, {"use": "one_family"}),
        (3, {"use": "two_family"}),
        (1.5, {"use": "multi_family"}),
    ]
    assert all(reading.general for reading in readings)


def test_layout_text_is_read_like_a_grid() -> None:
    text = (
        "Section 4  Lots in the districts\n\n"
        "                 R-1            R-2\n"
        "Lot area         2 acres        20,000\n"
        "                                sq. ft.\n"
        "Setbacks, minimum:\n"
        "   Front         40 ft          25 ft\n"
        "   Side, Rear    20 ft          10 ft\n"
    )
    found = values(text, name="code.txt")
    assert (("R-2",), "min_lot_area", 20_000, {}) in found
    assert (("R-1",), "side_setback", 20, {}) in found
    assert (("R-1",), "rear_setback", 20, {}) in found


def test_lists_side_by_side_are_two_tables() -> None:
    text = (
        "Minimum lot area:       5 acres         Minimum side setback:    25 feet\n"
        "Minimum lot width:      150 feet        Minimum rear setback:    30 feet\n"
        "Front setback:          40 feet         Maximum height:          35 feet\n"
    )
    found = {field: value for _, field, value, _ in values(text, scope=("R-1",), name="code.txt")}
    assert found["min_lot_area"] == 217_800
    assert found["rear_setback"] == 30
    assert found["max_height"] == 35


def test_every_quote_of_the_real_tables_holds_its_number(ordinances) -> None:  # type: ignore[no-untyped-def]
    path = ordinances / "proctor_vt" / "Rutland_Proctor_Text_eff03132017.layout.txt"
    document = parse_document(path.name, path.read_bytes())
    named = re.compile(r"\b(?:AGRICULTURAL|INDUSTRIAL|RECREATIONAL)\b")
    readings = read_tables(
        document, ReadingContext(named=lambda text: tuple(named.findall(text)), scope=lambda offset: ())
    )
    areas = {r.districts: r.value for r in readings if r.field == "min_lot_area"}
    assert areas[("INDUSTRIAL",)] == 120_000
    assert all(reading.quoted_value in document.slice(reading.span) for reading in readings)


def test_marks_of_notes_in_brackets_are_no_numbers() -> None:
    text = (
        "# Lots\n\n| | R-1 | R-2 |\n|---|---|---|\n| Lot size, minimum (sq. ft.) | 9,000[1] | 8,000 |\n"
        "| Front yard (ft.) | [3] [12] | 25[^2] |\n| Rear yard (ft.) | None[4] [12] | 20 |\n"
    )
    found = values(text)
    assert (("R-1",), "rear_setback", 0, {}) in found
    assert (("R-2",), "front_setback", 25, {}) in found
    assert not [value for value in found if value[0] == ("R-1",) and value[1] == "front_setback"]
