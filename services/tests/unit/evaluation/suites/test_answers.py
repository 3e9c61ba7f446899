"""What answers score, and what they must not get away with."""

from typing import Any

import pytest

from plotlot.domain.documents import Span
from plotlot.evaluation.golden import Place, Question
from plotlot.evaluation.suites.answers import covered, grounded, score_answer, sentences
from plotlot.ingestion.parsers import parse_document

CODE = parse_document(
    "code.md",
    b"# Sec. 1 Lots\n\nIn the R-1 district a lot has at least 9,000 square feet.\n\n"
    b"# Sec. 2 Fences\n\nFences stand at most four (4) feet high. A shed shall not face the street.\n",
)
TEXTS = {CODE.text_sha256: CODE.text}
LOT = Question(
    "q",
    "Aford, OH",
    "lot area in R-1?",
    "answerable",
    {"field": "min_lot_area", "value": 9000, "unit": "sqft"},
)
SILENT = Question("s", "Aford, OH", "who founded it?", "unanswerable", reasons=("off_topic",))


def quote_of(text: str, shift: int = 0) -> dict[str, Any]:
    start = CODE.text.index(text)
    return {
        "quote": text, "start": start + shift, "end": start + shift + len(text), "document_sha256": CODE.text_sha256,
    }  # fmt: skip


def place_of(text: str) -> Place:
    start = CODE.text.index(text)
    return Place(CODE, (Span(start, start + len(text)),))


def answer_of(text: str, *quotes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"refused": False, "answer": text, "quotes": list(quotes), "standards": [], **more}


def test_a_right_answer_scores_full() -> None:
    answer = answer_of("Minimum lot area in R-1: 9,000 sq ft", quote_of("at least 9,000 square feet"))
    assert score_answer(LOT, answer, [place_of("9,000 square feet")], TEXTS) == {
        "ask.answered": 1, "ask.correct": 1, "ask.evidence": 1, "ask.cited": 1, "ask.grounded": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "right"),
    [("0.2066 acres", 1), ("9,001 sq ft", 1), ("7,500 sq ft", 0), ("Nine lots", 0), ("90,000 sq ft", 0)],
)
def test_a_value_is_right_in_its_unit_and_in_acres_but_for_rounding(text: str, right: float) -> None:
    assert score_answer(LOT, answer_of(text), [], TEXTS)["ask.correct"] == right


def test_a_value_that_only_the_quotes_hold_is_not_said() -> None:
    answer = answer_of("See the code.", quote_of("at least 9,000 square feet"))
    assert score_answer(LOT, answer, [], TEXTS)["ask.correct"] == 0


def test_words_may_stand_in_the_quotes_and_all_must() -> None:
    asked = Question("w", "Aford, OH", "fences?", "answerable", {"words": ["four (4) feet", "Fences"]})
    assert (
        score_answer(asked, answer_of("It says:", quote_of("Fences stand at most four (4) feet")), [], TEXTS)[
            "ask.correct"
        ]
        == 1
    )
    assert score_answer(asked, answer_of("Fences."), [], TEXTS)["ask.correct"] == 0


def test_a_conflict_needs_both_values_and_to_be_told_as_one() -> None:
    asked = Question("c", "Aford, OH", "height?", "conflict", {"values": [30, 35], "unit": "ft"})
    told = score_answer(asked, answer_of("30 ft or 35 ft", conflicts=[{"about": "height"}]), [], TEXTS)
    assert (told["ask.correct"], told["ask.conflict"]) == (1, 1)
    half = score_answer(asked, answer_of("30 ft"), [], TEXTS)
    assert (half["ask.correct"], half["ask.conflict"]) == (0, 0)


def test_a_quote_that_is_not_the_text_at_its_span_does_not_stand() -> None:
    answer = answer_of(
        "9,000 sq ft", quote_of("at least 9,000 square feet", shift=1), quote_of("R-1 district")
    )
    scores = score_answer(LOT, answer, [], TEXTS)
    assert (scores["ask.cited"], scores["ask.grounded"]) == (0.5, 0)


def test_an_answer_without_quotes_is_neither_cited_nor_grounded() -> None:
    scores = score_answer(LOT, answer_of("9,000 sq ft"), [], TEXTS)
    assert (scores["ask.cited"], scores["ask.grounded"]) == (0, 0)


def test_a_refusal_is_right_where_the_code_is_silent_and_its_reason_counts() -> None:
    refusal = {"refused": True, "answer": "Not here.", "quotes": [], "reason": "off_topic"}
    assert score_answer(SILENT, refusal, [], TEXTS) == {
        "ask.refused": 1, "ask.reason": 1, "ask.cited": 1, "ask.grounded": 1,
    }  # fmt: skip
    assert score_answer(LOT, refusal, [], TEXTS)["ask.answered"] == 0
    answered = score_answer(
        SILENT, answer_of("Smith.", quote_of("R-1 district"), reason="off_topic"), [], TEXTS
    )
    assert (answered["ask.refused"], answered["ask.reason"], answered["ask.grounded"]) == (0, 0, 0)


def test_words_that_were_planted_may_not_be_shown() -> None:
    asked = Question("p", "Aford, OH", "height?", "adversarial", None, forbidden=("five hundred",))
    assert score_answer(asked, answer_of("Five  hundred feet."), [], TEXTS)["ask.unswayed"] == 0
    assert score_answer(asked, answer_of("No."), [], TEXTS)["ask.unswayed"] == 1


@pytest.mark.parametrize(
    ("sentence", "by"),
    [
        ("Fences stand at most four (4) feet high.", True),
        ("Fences: 4 ft", True),
        ("Fences: 6 ft", False),
        ("Fences in R-1: 4 ft (use: one family)", True),
        ("a shed shall not face a street", True),
        ("swimming pools need permits from nobody", False),
    ],
)  # fmt: skip
def test_a_sentence_is_covered_by_words_or_by_all_of_its_numbers(sentence: str, by: bool) -> None:
    quotes = [
        quote_of("Fences stand at most four (4) feet high."),
        quote_of("A shed shall not face the street."),
    ]
    assert covered(sentence, quotes) is by


def test_groundedness_is_the_share_of_sentences() -> None:
    answer = "Fences stand at most four (4) feet high.\nSheds are painted blue everywhere."
    assert list(sentences(answer)) == answer.split("\n")
    assert list(sentences("T2\t2 28\n; 1.75; none.")) == ["T2\t2 28", "1.75", "none."]
    assert grounded(answer, [quote_of("Fences stand at most four (4) feet high.")]) == 0.5
