"""What a code says in two places: references are followed, contradictions are quoted from both."""

import pytest
from unit.extraction.small_codes import DISTRICTS, read, stated, values

from plotlot.domain.standards import Status

REFERENCE = """\
## Sec. 2. R-1 Single-Family Residential District

The minimum front yard shall be 30 feet. The minimum side yard shall be 10 feet.

## Sec. 3. R-2 Two-Family Residential District

The front yard and the side yard shall be as required in the R-1 District.

## Sec. 4. R-3 Multiple-Family Residential District

The front yard shall be the same as required in the R-2 District. The rear yard shall be as required in the C-1 District.
"""


def test_a_reference_to_another_district_is_followed_and_both_places_are_named() -> None:
    reading = read(DISTRICTS + REFERENCE)
    (front,) = stated(reading, "R-2", "front_setback")
    assert (front.value, front.status) == (30, Status.STATED)
    assert front.citation is not None
    assert "Sec. 2 R-1" in front.citation.section
    assert "Sec. 3 R-2" in front.note
    assert "as required in the R-1 District" in front.note
    assert front.confidence < stated(reading, "R-1", "front_setback")[0].confidence


def test_a_reference_is_followed_through_another_reference() -> None:
    (front,) = stated(read(DISTRICTS + REFERENCE), "R-3", "front_setback")
    assert front.value == 30


def test_a_reference_that_leads_nowhere_is_delegated_with_its_words() -> None:
    (rear,) = stated(read(DISTRICTS + REFERENCE), "R-3", "rear_setback")
    assert (rear.status, rear.value) == (Status.DELEGATED, None)
    assert rear.citation is not None
    assert "C-1 District" in rear.citation.quote


def test_a_cell_that_says_same_as_another_district_is_followed() -> None:
    table = """\
## Sec. 2. Dimensions

| Standard | R-1 | R-2 |
|---|---|---|
| Front yard | 30 ft. | Same as R-1 |
| Rear yard | 40 ft. | See Section 9.2 |
"""
    reading = read(DISTRICTS + table)
    assert values(reading, "R-2", "front_setback") == [(30, {})]
    assert [one.status for one in stated(reading, "R-2", "rear_setback")] == [Status.DELEGATED]


CONFLICT = """\
## Sec. 2. R-1 Single-Family Residential District

The minimum front yard shall be 30 feet.

## Sec. 7. Yards

### Sec. 7.1. R-1 Single-Family Residential District

The minimum front yard shall be 35 feet.
"""


def test_sections_that_contradict_one_another_are_both_quoted() -> None:
    both = stated(read(DISTRICTS + CONFLICT), "R-1", "front_setback")
    assert {one.status for one in both} == {Status.CONFLICTING}
    assert {one.value for one in both} == {30, 35}
    assert len({one.citation.quote for one in both if one.citation}) == 2
    assert all("30 ft" in one.note and "35 ft" in one.note for one in both)


def test_tables_that_contradict_one_another_are_both_quoted() -> None:
    table = "| District | Front yard (ft.) | Rear yard (ft.) |\n|---|---|---|\n| R-1 | {} | 30 |\n| R-2 | 25 | 30 |\n\n"
    text = f"{DISTRICTS}## Sec. 2. Dimensions\n\n{table.format(30)}## Sec. 8. Schedule of yards\n\n{table.format(40)}"
    reading = read(text)
    assert {one.value for one in stated(reading, "R-1", "front_setback")} == {30, 40}
    assert {one.status for one in stated(reading, "R-1", "front_setback")} == {Status.CONFLICTING}
    assert [one.status for one in stated(reading, "R-2", "front_setback")] == [Status.STATED]


def test_what_a_district_is_for_contradicts_its_table() -> None:
    text = """\
## Sec. 2. R-1 Single-Family Residential District

The R-1 district is for detached houses on lots of not less than twelve thousand (12,000) square feet.

## Sec. 3. Dimensions

| Standard | R-1 | R-2 |
|---|---|---|
| Minimum lot area (sq. ft.) | 10,000 | 8,000 |
"""
    both = stated(read(DISTRICTS + text), "R-1", "min_lot_area")
    assert {(one.value, one.status) for one in both} == {
        (10_000, Status.CONFLICTING),
        (12_000, Status.CONFLICTING),
    }


def test_parking_of_a_use_in_prose_contradicts_the_schedule_but_what_is_added_does_not() -> None:
    code = """## Sec. 5. Parking

| Use | Required spaces |
|---|---|
| Apartment building | 1.75 per dwelling unit |
| Townhouse | 2 per dwelling unit |

### Sec. 5.5. Apartments near transit

{rule}
"""
    prose = "Apartment buildings of any size shall provide {} parking spaces per dwelling unit{}."
    told = stated(read(DISTRICTS + code.format(rule=prose.format("two (2)", ""))), "R-3", "parking_per_unit")
    assert {one.value for one in told if one.status is Status.CONFLICTING} == {1.75, 2}
    added = prose.format("one-half (0.5)", " in addition to those of the schedule")
    told = stated(read(DISTRICTS + code.format(rule=added)), "R-3", "parking_per_unit")
    assert not [one for one in told if one.status is Status.CONFLICTING]


LETTERED = """\
ZONING ORDINANCE

ARTICLE 2 DISTRICTS

2.1 Districts

The town is divided into the following zoning districts:

RA Rural Agricultural District
RB Residence District
VB Village Business District

ARTICLE 3 DIMENSIONS

3.1 Schedule

Requirement                   RA         RB         VB
Minimum lot area (sq. ft.)    80,000     30,000     10,000
Minimum front yard (ft.)      50         25         10
Minimum side yard (ft.)       30         15         8
Maximum height (ft.)          35         35         35

ARTICLE 4 SPECIAL PROVISIONS

4.2 {title}

{rule}
"""


def told(title: str, rule: str, district: str, field: str) -> list[tuple[float | None, Status]]:
    """The values of a code in plain text whose schedule and one section may contradict one another."""
    reading = read(LETTERED.format(title=title, rule=rule), name="code{}.txt")
    return sorted((one.value, one.status) for one in stated(reading, district, field) if not one.conditions)


@pytest.mark.parametrize(
    ("title", "rule", "district", "field", "both"),
    [
        ("Yards", "The front yard in the RB district shall be at least 30 feet.", "RB", "front_setback", (25, 30)),
        ("Lots", "A lot in RA shall contain at least 90,000 square feet.", "RA", "min_lot_area", (80_000, 90_000)),
        ("Height", "Buildings in the VB district shall be no higher than thirty feet.", "VB", "max_height", (30, 35)),
        ("Side yards", "In RA and RB no building shall stand closer than 20 feet to a side lot line.", "RB", "side_setback", (15, 20)),
        ("Side yards", "In RA and RB no building shall stand closer than 20 feet to a side lot line.", "RA", "side_setback", (20, 30)),
        ("Village Business District", "A building may be three stories but not more than forty (40) feet high.", "VB", "max_height", (35, 40)),
    ],
)  # fmt: skip
def test_a_sentence_in_a_section_about_dimensions_contradicts_the_schedule(
    title: str, rule: str, district: str, field: str, both: tuple[float, float]
) -> None:
    assert told(title, rule, district, field) == [(value, Status.CONFLICTING) for value in both]


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Hammerhead lots", "A hammerhead lot in the RA district shall have an area of at least 90,000 square feet."),
        ("Lots of record", "A lot in RA shall contain at least 5,000 square feet."),
        ("Standards of the CLUSTER BYLAW", "LOTS IN RA SHALL CONTAIN AT LEAST 20,000 SQUARE FEET."),
    ],
)  # fmt: skip
def test_a_sentence_about_a_special_case_contradicts_nothing(title: str, rule: str) -> None:
    assert told(title, rule, "RA", "min_lot_area") == [(80_000, Status.STATED)]
