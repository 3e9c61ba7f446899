"""A district is found where it is named, and not inside a longer code or another word."""

import re

import pytest

from plotlot.domain.mentions import mention_pattern


@pytest.mark.parametrize(
    ("district", "text"),
    [
        ("R-1", "in the R-1 district"),
        ("R-1", "R1, R2 and R3"),
        ("R1", "(R 1)"),
        ("R-1", "lots of R-1."),
        ("T3-R", "T3-R"),
        ("A", "the A District"),
        ("A", "District A shall"),
        ("Village Center", "the VILLAGE CENTER district"),
        ("R-1", "permitted in R‑1"),
    ],
)
def test_a_district_is_found_however_it_is_written(district: str, text: str) -> None:
    assert re.search(mention_pattern(district) or "", text)


@pytest.mark.parametrize(
    ("district", "text"),
    [
        ("R-1", "R-10"),
        ("R-1", "the R-1-A zone"),
        ("R-1", "AR-1"),
        ("R-1", "R-1.5"),
        ("R-1", "MR-R-1"),
        ("A", "A fence is allowed. A district"[:18]),
        ("Village Center", "village centers"),
    ],
)
def test_longer_codes_and_other_words_are_no_mention(district: str, text: str) -> None:
    assert not re.search(mention_pattern(district) or "", text)


def test_what_holds_no_code_names_nothing() -> None:
    assert mention_pattern(" - ") is None
