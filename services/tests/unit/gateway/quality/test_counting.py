"""What becomes of questions is counted once, and never in the way of an answer."""

from collections.abc import Sequence
from typing import Any

import pytest

from plotlot.domain.outcomes import LEFT
from plotlot.gateway import inquiries
from plotlot.gateway.inquiries import Inquiry, Question
from plotlot.gateway.outcomes import DEADLINE, Answered
from plotlot.gateway.quality.counting import Counting, each_of, outcome_of
from plotlot.gateway.quality.shown import Shown
from plotlot.rpc.context import RequestContext, current_request
from plotlot.telemetry import Metrics

ASKED = inquiries.asking("What is the front setback in R-1?", "Larkfield, OH")
CITED = {"document": "doc-1", "start": 3, "end": 9, "quote": "25 fee"}
ANSWER = {"refused": False, "reason": "", "quotes": [CITED], "standards": [{"citation": CITED}]}


class Counted:
    """A counting, what it counted, and what it had read again."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.offered: list[Sequence[Shown]] = []
        self.counting = Counting("bundle-test", self.metrics, self.offered.append)

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"plotlot_{name}", labels) or 0.0


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        (Answered(0.1, answer={"refused": False}), "answered"),
        (Answered(0.1, answer={"districts": []}), "answered"),
        (Answered(0.1, answer={"refused": True, "reason": "off_topic"}), "off_topic"),
        (Answered(0.1, "not-found"), "problem"),
        (Answered(0.1, "unavailable", failed=True), "failed"),
        (Answered(0.1, DEADLINE, failed=True), "failed"),
        (Answered(0.1, LEFT), "left"),
    ],
)
def test_an_answer_has_one_outcome(answered: Answered, outcome: str) -> None:
    assert outcome_of(answered) == outcome


def test_a_question_is_counted_with_its_kind_and_what_it_showed() -> None:
    counted = Counted()
    counted.counting.observe(ASKED, Answered(0.1, answer=ANSWER))
    assert counted.value("questions_total", operation="ask", outcome="answered", bundle="bundle-test") == 1
    assert counted.value("question_kinds_total", kind="standard", refused="no") == 1
    assert counted.value("values_shown_total", operation="ask") == 1
    assert counted.offered == [[Shown("doc-1", 3, 9, "25 fee")]]


def test_a_refusal_shows_nothing_and_an_analysis_has_no_kind() -> None:
    counted = Counted()
    counted.counting.observe(ASKED, Answered(0.1, answer={"refused": True, "reason": "not_stated"}))
    analysis = inquiries.analysis(Question(address="1 Main St"))
    counted.counting.observe(analysis, Answered(0.1, answer={"standards": [{"citation": None}]}))
    kinds = counted.metrics.question_kinds.collect()[0].samples
    assert sum(sample.value for sample in kinds if sample.name.endswith("_total")) == 1
    assert counted.value("question_kinds_total", kind="standard", refused="yes") == 1
    assert not counted.offered


def test_a_shadow_is_nobody_s_question() -> None:
    counted = Counted()
    token = current_request.set(RequestContext("r", "b", shadow=True))
    try:
        counted.counting.observe(ASKED, Answered(0.1, answer=ANSWER))
    finally:
        current_request.reset(token)
    assert not counted.offered
    assert counted.value("question_kinds_total", kind="standard", refused="no") == 0


def test_an_answer_that_cannot_be_counted_is_given_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    counted = Counted()
    counted.counting.observe(ASKED, Answered(0.1, answer={"quotes": [{}]}))
    assert "was not counted" in caplog.text


def test_every_observer_is_told() -> None:
    told: list[tuple[str, Any]] = []

    def first(inquiry: Inquiry, answered: Answered) -> None:
        told.append(("first", answered))

    def second(inquiry: Inquiry, answered: Answered) -> None:
        told.append(("second", answered))

    answered = Answered(0.1)
    each_of(first, second)(ASKED, answered)
    assert told == [("first", answered), ("second", answered)]
