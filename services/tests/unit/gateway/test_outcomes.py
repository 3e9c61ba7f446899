"""What the judge is told of an answer: scores, cost, failure, and a summary that people can compare."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.errors import ServiceUnavailable, UnknownAddress
from plotlot.gateway.outcomes import Answered, answered_with, outcome_of

REPORT: dict[str, Any] = {
    "id": "an-1",
    "bundle": "bundle-1",
    "timings_ms": {"total": 4.5},
    "district": "R-2",
    "verdict": "buildable",
    "yield": {"units_low": 1, "units_high": 2},
    "standards": [
        {"field": "front_setback", "status": "stated", "value": 25.0, "unit": "ft", "conditions": {}},
        {"field": "side_setback", "status": "stated", "value": 15.0, "unit": "ft",
         "conditions": {"lot": "corner"}},
        {"field": "parking_per_unit", "status": "delegated", "value": None, "unit": ""},
        {"field": "max_far", "status": "not_stated", "value": None, "unit": ""},
    ],
    "citations": {"verified": 3, "dropped": 1},
}  # fmt: skip
TEXT = st.text(st.characters(codec=None), max_size=5)  # JSON may hold halves of surrogate pairs
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["citations", "prompt_tokens", "standards", "quotes", "results", "districts", "yield", "answer"]
)


def test_a_report_is_summed_up_without_what_differs_each_time() -> None:
    outcome = outcome_of("analyze", Answered(0.25, answer=REPORT), {})
    assert outcome.summary.splitlines() == [
        "units: 1 to 2; verdict: buildable",
        "district: R-2",
        "front_setback: 25 ft",
        "side_setback: 15 ft (lot: corner)",
        "parking_per_unit: delegated",
    ]
    assert (outcome.failed, outcome.seconds, outcome.status, outcome.cost) == (False, 0.25, "200", 0)
    assert dict(outcome.scores) == {"citations": 0.75}


def test_an_answer_is_its_text_and_its_quotes_and_costs_what_was_read_and_written() -> None:
    answer = {"refused": False, "answer": "25 feet", "quotes": [{"quote": "a yard\n of  25 feet"}],
              "prompt_tokens": 40, "completion_tokens": 2}  # fmt: skip
    outcome = outcome_of("ask", Answered(1.0, answer=answer), {"agreement": 1.0})
    assert outcome.summary == "25 feet\n> a yard of 25 feet"
    assert outcome.cost == 42
    assert dict(outcome.scores) == {"agreement": 1.0}


def test_a_refusal_without_citations_has_no_score_for_them() -> None:
    answer = {"refused": True, "answer": "The code does not say", "quotes": [],
              "citations": {"verified": 0, "dropped": 0}}  # fmt: skip
    outcome = outcome_of("ask", Answered(1.0, answer=answer), {})
    assert (outcome.summary, dict(outcome.scores)) == ("refused", {})


def test_results_are_told_by_their_place() -> None:
    answer = {
        "results": [{"document": "zoning.html", "section": "4.2", "start": 10, "end": 20, "chunk": "9"}]
    }
    assert outcome_of("search", Answered(0.1, answer=answer), {}).summary == "zoning.html 4.2 [10:20]"


@pytest.mark.parametrize(
    ("error", "status", "failed"),
    [
        (UnknownAddress("no"), "unknown-address", False),
        (ServiceUnavailable("no"), "service-unavailable", True),
        (KeyError("secret"), "internal", True),
    ],
)
def test_a_problem_of_the_caller_is_an_answer_and_one_of_ours_is_none(
    error: Exception, status: str, failed: bool
) -> None:
    outcome = outcome_of("ask", answered_with(error, 0.5), {})
    assert (outcome.status, outcome.failed, outcome.seconds) == (status, failed, 0.5)
    assert "secret" not in outcome.summary


@given(
    operation=st.sampled_from(["analyze", "ask", "search", "standards", "districts", "other"]),
    answer=st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=5),
)
def test_whatever_another_bundle_answers_has_an_outcome(operation: str, answer: dict[str, Any]) -> None:
    outcome = outcome_of(operation, Answered(0.1, answer=answer), {})
    assert len(outcome.summary) <= 2000
    assert "\0" not in outcome.summary
    assert outcome.cost >= 0
    assert all(0 <= score <= 1 for score in outcome.scores.values())
