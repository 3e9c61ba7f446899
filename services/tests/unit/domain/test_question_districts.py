import pytest

from plotlot.domain.question_districts import (
    Named,
    districts_named,
    is_named_in,
    near_names,
    places_named,
    speaks_of_zoning,
    tells_of_zoning,
    with_codes,
)

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


def test_a_code_that_begins_others_is_near_them_or_stands_for_its_variants() -> None:
    assert near_names("RM", ["RM-12", "R-6"]) == ["RM-12"]
    assert near_names("R-1", ["R-10"]) == []
    assert districts_named("lot size in the RM district", [("RM-12", "Apartments")]).unknown == "RM"
    assert districts_named("lot size in R1", [("R1-100", ""), ("R1-60", "")]).codes == ("R1-100", "R1-60")


def test_a_name_stands_in_a_text_as_a_code_or_before_district() -> None:
    assert is_named_in("RM", "in the RM District")
    assert not is_named_in("RM", "a form of RM-12")
    assert is_named_in("industrial", "land in an industrial or commercial district")
    assert not is_named_in("industrial", "industrial waste")


def test_places_elsewhere_are_those_that_nothing_known_explains() -> None:
    assert places_named("How tall may a house in Cleveland be?", {"larkfield"}) == ["Cleveland"]
    assert places_named("How tall may a house in Larkfield be?", {"larkfield"}) == []
    assert places_named("Is work allowed in July?", ()) == []


def test_a_code_without_a_hyphen_is_explained_by_its_letters_too() -> None:
    assert "rm" in districts_named("height in RM12", [("RM12", "")]).words


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("This law is part of the zoning law of the town.", True),
        ("The city has not adopted a zoning ordinance.\n\nDeed restrictions are private.", False),
        ("The city has not adopted a zoning ordinance.\n\nThe zoning map hangs in the hall.", True),
        ("No parking in the loading zone.", False),
    ],
)
def test_a_code_that_zones_speaks_of_it_other_than_to_deny_it(text: str, tells: bool) -> None:
    assert tells_of_zoning(text) is tells
