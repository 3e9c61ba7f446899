"""A question's words are joined by those that codes use for the same, each in one concept."""

import pytest

from plotlot.domain.synonyms import synonyms, unnamed_things


def words(question: str, asked: bool) -> set[str]:
    return {each.word for each in synonyms(question) if each.asked is asked}


@pytest.mark.parametrize(
    ("question", "asked", "joined"),
    [
        ("minimum rear yard in R-2", {"yard"}, {"setback", "set-back"}),
        ("Front setbacks", {"setback"}, {"yard", "set-back"}),
        ("maximum building coverage", {"building"}, {"lot", "site"}),
        ("maximum floor area ratio", {"ratio"}, {"FAR", "FLR"}),
        ("F.A.R. in C-2", {"FAR"}, {"ratio", "FLR"}),
        ("off-street parking stalls", {"stall"}, {"space"}),
        ("how many stories", {"story"}, {"storey"}),
        ("is a duplex a use by right", {"duplex"}, {"two-family"}),
        ("minimum lot width", {"width"}, {"frontage"}),
        ("How wide must a lot be?", {"wide"}, {"width", "frontage"}),
        ("how tall may a barn be", {"tall"}, {"height"}),
        ("maximum height", {"height"}, set()),
    ],
)
def test_the_telling_words_of_what_means_the_same_join(
    question: str, asked: set[str], joined: set[str]
) -> None:
    assert words(question, True) == asked
    assert words(question, False) == joined


@pytest.mark.parametrize(
    "question", ["how far is it from the road", "floor plans", "lot", "the building code"]
)
def test_words_that_only_look_like_a_concept_stay_alone(question: str) -> None:
    assert synonyms(question) == []


def test_both_names_of_a_concept_are_one_of_it() -> None:
    found = synonyms("front yard setback")
    assert {each.concept for each in found} == {"yard"}
    assert [each.asked for each in found] == [True, True, False]


def test_a_word_is_in_one_concept_only() -> None:
    found = [each.word for each in synonyms("building coverage, lot width, lot size and size of the lot")]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("question", "text", "things"),
    [
        ("Where may food trucks park?", "Parks and trucks.", {"food truck"}),
        ("Where may food trucks park?", "Mobile food vendors may stand here.", set()),
        ("May I have a church?", "Churches are permitted.", set()),
        ("Are accessory dwelling units allowed?", "Accessory buildings", {"accessory dwelling"}),
        ("How deep must a lot be?", "Nothing.", set()),
    ],
)
def test_things_that_a_text_calls_by_none_of_their_names(question: str, text: str, things: set[str]) -> None:
    assert unnamed_things(question, ["", text]) == things
