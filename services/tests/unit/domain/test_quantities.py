"""Quantities as ordinances write them; what they are of is tested with the reader."""

import pytest

from plotlot.domain.quantities import find_quantities, parse

BLANKS = 5_000  # of which two runs side by side once took minutes


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("25 feet", 25, "ft"),
        ("twenty - five  (25)  feet", 25, "ft"),
        ("5 - 1/2 stories", 5.5, "stories"),
        ("one - half acre", 0.5, "acre"),
        ("7,500 square - feet", 7500, "sqft"),
        ("nine dwelling units ) per acre", 9, "units_per_acre"),
        ("7.5 m (25 ft)", 25, "ft"),
        ("25 feet (7.6 meters)", 25, "ft"),
        ("929 m² (10,000 sq. ft.)", 10_000, "sqft"),
        ("0.8 hectare (2 acres)", 2, "acre"),
        ("6 m", 6, "m"),
        ("5 m.p.h.", 5, ""),
        ("20 feet (30 m)", 20, "ft"),
    ],
)
def test_a_number_is_read_with_its_unit_whatever_stands_between(text: str, value: float, unit: str) -> None:
    found = parse(text)
    assert found is not None
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize("text", ["0.5:1", ".5 to 1", "0.5 to one."])
def test_a_ratio_to_one_is_one_number(text: str) -> None:
    assert [found.value for found in find_quantities(text)] == [0.5]


@pytest.mark.parametrize("number", ["5", "twenty", "one", "5 square", "5 units", "9 dwelling units per"])
@pytest.mark.parametrize("blank", [" ", "\n"])
def test_a_number_before_many_blanks_is_read_at_once(number: str, blank: str) -> None:
    assert len(list(find_quantities(number + blank * BLANKS + "x"))) == 1
