import pytest

from plotlot.domain.districts import district_key
from plotlot.domain.questions import (
    asked_of,
    corrected,
    fields_asked,
    is_of_the_day,
    may_be_about,
    may_state,
    parts_of,
    wants,
    words_of,
)


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("What is the front setback in R-1?", ("front_setback",)),
        ("How tall may a house be?", ("max_height", "max_stories")),
        ("Why may 60 foot buildings stand here?", ("max_height", "max_stories")),
        ("What are the setbacks in the village district?", ("front_setback", "side_setback", "rear_setback")),
        ("street side yard for corners", ("street_side_setback",)),
        ("side yard on the street side of a corner lot", ("street_side_setback",)),
        ("How many spaces of parking per unit?", ("parking_per_unit",)),
        ("How far back from the street must a house sit?", ("front_setback",)),
        ("how much lot area per apartment", ("min_lot_area_per_unit",)),
        ("what's the smallest apartment I can build", ("min_unit_area",)),
        ("How many homes per acre?", ("max_density",)),
        ("How big does my lot have to be?", ("min_lot_area",)),
        ("How deep is the front yard?", ("front_setback",)),
        ("How wide is each side yard?", ("side_setback",)),
        ("what FAR is allowed", ("max_far",)),
        ("How far may a porch reach?", ()),
        ("Who sits on the planning board?", ()),
    ],
)
def test_fields_that_a_question_asks_for(question: str, fields: tuple[str, ...]) -> None:
    assert fields_asked(question) == fields


def test_a_district_may_be_written_in_two_words() -> None:
    keys = {district_key(word) for word in words_of("Is a duplex allowed in R 1, or T3-R?")}
    assert {district_key("R-1"), district_key("T3-R")} <= keys


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("How wide must a corner lot be?", {"lot": "corner"}),
        ("lot size with well and septic, no public water or sewer", {"sewer": "none"}),
        ("lot area where there is public sewer", {"sewer": "public"}),
        ("lot size for a duplex", {"use": "two_family"}),
        ("parking for an apartment building", {"use": "multi_family"}),
        ("side setback next to a house", {"abutting": "residential"}),
        ("side yard on the street side of a corner lot", {}),
    ],
)
def test_the_case_that_a_question_is_about(question: str, conditions: dict[str, str]) -> None:
    asked = asked_of(question)
    assert asked.conditions == conditions
    assert asked.is_of_standards


@pytest.mark.parametrize(
    "question",
    [
        "How high may a fence in the front yard be?",
        "How tall may a shed be?",
        "parking for a bowling alley",
        "How is building height measured?",
        "What is lot coverage?",
        "Is a basement a story?",
    ],
)
def test_standards_do_not_answer_what_is_about_something_else_or_its_meaning(question: str) -> None:
    assert not asked_of(question).is_of_standards


def test_words_that_the_district_or_the_town_explains_are_not_left_over() -> None:
    assert asked_of("height in the village center").rest == ("center",)
    assert asked_of("height in the village center", frozenset({"village", "center"})).is_of_standards


def test_mistyped_words_of_zoning_are_put_right_and_others_are_left() -> None:
    assert corrected("hieght and setbak of a shed") == "height and setback of a shed"
    assert asked_of("what hieght is alowed").is_of_standards


def test_a_question_is_taken_apart_where_another_begins() -> None:
    two = "How tall may a house be, and what is the rear setback?"
    assert parts_of(two) == ("How tall may a house be", "what is the rear setback?")
    assert parts_of("front and rear setback in R-1?") == ("front and rear setback in R-1?",)
    assert len(parts_of("Who is it? What is it? Where is it? When is it? How is it?")) == 4


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How long is a permit good for?", "number"),
        ("What does a permit cost?", "money"),
        ("What is a flag lot?", "meaning"),
        ("Which signs are prohibited?", "ban"),
        ("Who decides on a variance?", "who"),
        ("What's the tallest building here?", "number"),
        ("what is the light industrial district for", "purpose"),
    ],
)
def test_what_kind_of_answer_a_question_wants(question: str, kind: str) -> None:
    assert kind in list(wants(question))


@pytest.mark.parametrize(
    ("question", "is_it"),
    [
        ("When is high tide today?", True),
        ("what time does the office open tomorrow", True),
        ("When is a permit required?", False),
        ("May I burn leaves today?", False),
    ],
)
def test_when_something_is_today_is_told_from_when_it_applies(question: str, is_it: bool) -> None:
    assert is_of_the_day(question) is is_it


def test_a_text_without_the_word_of_a_field_cannot_state_it() -> None:
    assert may_be_about("Lots shall have an area of 30,000 square feet.", "min_lot_area")
    assert not may_be_about("Dwelling units shall have a floor area of 500 square feet.", "max_far")
    assert may_be_about("anything", "a field of tomorrow")


def test_a_store_is_no_storey() -> None:
    assert asked_of("parking for a store").fields == ("parking_per_unit",)


def test_prose_states_a_field_only_in_one_of_its_units() -> None:
    assert may_state("The lot area shall be at least 9,000 square feet.", "min_lot_area")
    assert may_state("No minimum lot area is required.", "min_lot_area")
    assert may_state("| Lot area | 9,000 |", "min_lot_area")
    assert not may_state("Parking closer than 50 feet to a lot in the R-1 area", "min_lot_area")


def test_a_row_or_columns_with_a_number_may_state_any_field() -> None:
    for row in ("Front yard | 25", "25 | front yard", "Front yard\t25", "Front yard    25"):
        assert may_state(row, "min_lot_area")
    for words in ("Front yard | side yard", "Front yard 25 feet", "Front yard  25 feet"):
        assert not may_state(words, "min_lot_area")


@pytest.mark.parametrize("noise", ["zq524zq", "\u202ezq524zq\u202c", "%s%s%n"])
def test_what_is_no_word_asks_nothing(noise: str) -> None:
    asked = asked_of(f"{noise} How tall may a building be?")
    assert (asked.fields, asked.rest) == (("max_height", "max_stories"), ())
