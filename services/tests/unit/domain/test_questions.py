import pytest

from plotlot.domain.districts import district_key
from plotlot.domain.questions import fields_asked, words_of


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("What is the front setback in R-1?", ("front_setback",)),
        ("How tall may a house be?", ("max_height", "max_stories")),
        ("What are the setbacks in the village district?", ("front_setback", "side_setback", "rear_setback")),
        ("street side yard for corners", ("street_side_setback",)),
        ("How many spaces of parking per unit?", ("parking_per_unit",)),
        ("Who sits on the planning board?", ()),
    ],
)
def test_fields_that_a_question_asks_for(question: str, fields: tuple[str, ...]) -> None:
    assert fields_asked(question) == fields


def test_a_district_may_be_written_in_two_words() -> None:
    keys = {district_key(word) for word in words_of("Is a duplex allowed in R 1, or T3-R?")}
    assert {district_key("R-1"), district_key("T3-R")} <= keys
