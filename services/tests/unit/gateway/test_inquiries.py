"""What another gateway is asked, and under what an answer is kept: all of a question, its facts among it."""

from plotlot.domain.stated_facts import StatedFacts
from plotlot.gateway.inquiries import Question, analysis
from plotlot.gateway.routes.analyses import AnalysisRequest, asked_of

PLAIN = Question("7 Elm Street", "", "Testford, OH")
LARGER = Question(
    "7 Elm Street", "", "Testford, OH", StatedFacts(lot_area_sqft=16000, lot_kind="corner"), "an-1"
)


def test_a_candidate_is_asked_the_same_facts() -> None:
    body = analysis(LARGER).body
    assert body is not None
    assert AnalysisRequest.model_validate(dict(body)).question == LARGER


def test_code_of_the_release_before_understands_a_question_without_facts() -> None:
    assert analysis(PLAIN).body == {
        "address": "7 Elm Street",
        "parcel_id": "",
        "municipality": "Testford, OH",
    }


def test_other_facts_are_another_question() -> None:
    questions = [
        PLAIN,
        LARGER,
        Question("7 Elm Street", "", "Testford, OH", LARGER.facts),
        Question("7 Elm Street", "", "Testford, OH", StatedFacts(lot_area_sqft=16000)),
        Question("7 Elm Street", "", "Testford, OH", StatedFacts(lot_width_ft=16000)),
    ]
    assert len({asked_of(question) for question in questions}) == len(questions)
    assert asked_of(Question("7  ELM street ", "", "testford, oh")) == asked_of(PLAIN)
