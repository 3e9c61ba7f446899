"""A warning where the text announces a table and the file does not hold it."""

import pytest

from plotlot.ingestion.parsers import parse_document

BEFORE = "ARTICLE I. - LOTS\n\nSec. 1. - Size.\nDwellings comply with the following "


def warnings(rest: str, name: str = "code.txt") -> tuple[str, ...]:
    """The warnings of a code that announces something and goes on so."""
    return parse_document(name, (BEFORE + rest).encode()).warnings


@pytest.mark.parametrize(
    "rest",
    [
        "schedule. \n\n\xa0\n*No building stands nearer than 15 feet to a street.\n",
        "dimensional table:\n\n      \n   Sec. 2. - Height.\nNo building exceeds 35 feet.\n",
        "chart: \n\n\xa0\nParking follows.\n",
    ],
)
def test_an_empty_paragraph_in_place_of_a_table_is_told(rest: str) -> None:
    (warning,) = warnings(rest)
    assert "a table that the text announces is not in the file (line 4)" in warning


def test_several_are_counted() -> None:
    gone = "schedule. \n\n\xa0\n*A note.\n"
    (warning,) = warnings(gone + "Signs comply with the table below." + "\nThe following " + gone)
    assert warning.startswith("2 tables that the text announces are not in the file (line 4, 9)")


@pytest.mark.parametrize(
    "rest",
    [
        "schedule:\n\n(a) Lots have 5,000 square feet.\n",
        "schedule:\n \n \nLot area   5,000 square feet\nLot width  50 feet\n",
        "schedule of fees. \n\n\xa0\nSec. 2. - Height.\n",
        "requirements, following this table. \n\n\xa0\nThe end.\n",
    ],
)
def test_what_follows_in_words_is_not_missing(rest: str) -> None:
    assert warnings(rest) == ()


def test_a_table_that_is_there_is_not_missing() -> None:
    table = "| Yard | Feet |\n|---|---|\n| Front | 20 |\n"
    assert warnings(f"table:\n\n \n* in feet\n\n{table}", "code.md") == ()
