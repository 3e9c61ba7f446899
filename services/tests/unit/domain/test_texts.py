"""What a number of a text is, and what only looks like one."""

import pytest

from plotlot.domain.texts import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "\u00b2", "\u0663", "9" * 5000])
def test_what_counts_nothing_is_no_number(text: str) -> None:
    assert whole_number(text) is None
