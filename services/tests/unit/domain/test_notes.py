from dataclasses import replace

import pytest
from unit.domain.lot_shapes import standard

from plotlot.domain.notes import unread_notes
from plotlot.domain.standards import Citation, Standard


def read(field: str, value: float, shown: str, quote: str, **conditions: str) -> Standard:
    citation = Citation("d", "", "Sec. 3", None, 0, len(quote), quote)
    return replace(standard(field, value, **conditions), citation=citation, quoted_value=shown)


@pytest.mark.parametrize(
    ("quote", "mark"),
    [("Lot area | 9,000 [^1] | 7,500", "[^1]"), ("Lot area: 9,000*", "*"), ("Lot area | 9,000 (2)", "(2)"),
     ("Lot area | 9,000¹", "¹")],
)  # fmt: skip
def test_a_mark_on_a_value_is_told(quote: str, mark: str) -> None:
    warning = unread_notes([read("min_lot_area", 9000, "9,000", quote)])
    assert f"lot area (9,000 {mark})" in warning


@pytest.mark.parametrize("quote", ["Lot area | 9,000 | 7,500 [2]", "9,000 [sq. ft.]", "19,000 [1]; 9,000"])
def test_marks_of_other_values_are_not(quote: str) -> None:
    assert unread_notes([read("min_lot_area", 9000, "9,000", quote)]) == ""


def test_a_figure_after_its_word_is_no_mark() -> None:
    assert unread_notes([read("side_setback", 8, "eight", "eight (8) feet")]) == ""


def test_a_note_that_was_read_needs_no_warning() -> None:
    plain = read("min_lot_area", 9000, "9,000", "Lot area | 9,000 [1]")
    sewer = read("min_lot_area", 40_000, "40,000", "40,000 square feet without sewer", sewer="none")
    assert unread_notes([plain, sewer]) == ""
