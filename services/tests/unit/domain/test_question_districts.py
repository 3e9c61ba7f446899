import pytest

from plotlot.domain.question_districts import Named, districts_named, speaks_of_zoning, with_codes

KNOWN = [
    ("A", "Agricultural District"),
    ("R-1", "Single-Family Residence District"),
    ("R-6", "Old Town Residential"),
    ("C-1", "Central Business District"),
    ("C-2", "General Commercial District"),
    ("T3-R", ""),
]


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("front setback R-6", ("R-6",)),
        ("height in r-6?", ("R-6",)),
        ("height in R 6?", ("R-6",)),
        ("What is the lot area in the A district?", ("A",)),
        ("A district side yard", ("A",)),
        ("how much of a lot may I cover", ()),
        ("How tall in Old Town Residential?", ("R-6",)),
        ("rear yard in the single family district", ("R-1",)),
        ("parking for a single family house", ()),
        ("coverage in the commercial district", ("C-2",)),
        ("how wide does an agricultural lot have to be", ("A",)),
        ("R-1 and R-6 heights", ("R-1", "R-6")),
    ],
)
def test_districts_are_named_by_code_or_by_name(question: str, codes: tuple[str, ...]) -> None:
    named = districts_named(question, KNOWN)
    assert (named.codes, named.unknown) == (codes, "")


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("front setback in R-5", "R-5"),
        ("minimum lot area in R-60?", "R-60"),
        ("lot size in RC?", "RC"),
        ("rear yard for the Waterfront district", "Waterfront"),
        ("lot width in the Planned Unit Development district?", "Planned Unit Development"),
        ("Which school district serves Elm Street?", ""),
        ("How tall may an ADU be?", ""),
    ],
)
def test_what_is_taken_for_a_district_that_the_code_lacks(question: str, unknown: str) -> None:
    named = districts_named(question, KNOWN)
    assert (named.codes, named.unknown) == ((), unknown)


def test_nothing_is_named_in_a_code_without_districts() -> None:
    assert districts_named("how tall can I build", []) == Named()


def test_a_district_called_by_its_name_is_written_by_its_code() -> None:
    asked = "duplex in the old town residential district ok?"
    assert with_codes(asked, [("R-6", "Old Town Residential")]) == "duplex in the R-6 ok?"


def test_schools_have_districts_too() -> None:
    assert speaks_of_zoning("Which zoning district is it in?")
    assert not speaks_of_zoning("Which school district is it in?")
