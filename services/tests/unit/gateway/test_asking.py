"""Answers from standards: what is quoted for them."""

from fake_gateway import standard

from plotlot.domain.standards import Status
from plotlot.gateway.asking import quotes_of

HEIGHT = "Buildings shall not exceed three (3) stories or thirty-five (35) feet."


def test_a_sentence_that_states_two_standards_is_quoted_once() -> None:
    both = [standard("max_height", 35, HEIGHT), standard("max_stories", 3, HEIGHT)]
    other = standard("min_lot_width", 50, "A lot is fifty (50) feet wide.")
    assert [quote["quote"] for quote in quotes_of([*both, other])] == [HEIGHT, other.citation.quote]


def test_a_standard_that_is_not_stated_is_not_quoted() -> None:
    assert quotes_of([standard("max_far", None, "", status=Status.NOT_STATED, citation=None)]) == []
