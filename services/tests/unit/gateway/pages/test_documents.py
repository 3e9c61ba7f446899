"""What the page of a document makes of its text."""

import pytest

from plotlot.domain.documents import Section, Span
from plotlot.gateway.pages.documents import Marked, anchor_of, is_laid_out, marked

TEXT = "The front yard is 20 feet."


@pytest.mark.parametrize(
    ("begins", "quoted", "parts"),
    [
        (0, Span(4, 14), Marked("The ", "front yard", " is 20 feet.")),
        (1_000, Span(1_018, 1_026), Marked("The front yard is ", "20 feet.", "")),
        (1_000, Span(990, 1_003), Marked("", "The", TEXT[3:])),
        (1_000, Span(1_018, 2_000), Marked("The front yard is ", "20 feet.", "")),
        (1_000, Span(7, 7), Marked(TEXT, "", "")),
        (1_000, Span(1_009, 1_002), Marked(TEXT, "", "")),
        (1_000, Span(0, 40), Marked(TEXT, "", "")),
    ],
)
def test_what_is_quoted_is_set_off_as_far_as_it_is_shown(begins: int, quoted: Span, parts: Marked) -> None:
    assert marked(TEXT, begins, quoted) == parts


def test_columns_stay_columns_where_lines_are_as_in_print() -> None:
    assert is_laid_out("  BO-1.0     5,000\n  BO-2.0     7,000")
    assert not is_laid_out("A page without line breaks. " * 40)


def test_the_publishers_address_is_that_of_the_innermost_section_that_has_one() -> None:
    outer = Section(1, 0, "chapter", "1", "", 0, 90, 0, anchor="https://codes.example/1")
    inner = Section(2, 1, "section", "1.2", "", 9, 80, 9, anchor="node-7")
    assert anchor_of([outer, inner]) == "https://codes.example/1"
    assert anchor_of([inner]) == ""
