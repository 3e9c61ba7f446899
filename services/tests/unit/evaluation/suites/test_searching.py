"""How a ranking of sections is scored against evidence."""

from typing import Any

import pytest

from plotlot.domain.documents import Span
from plotlot.evaluation.golden import Place
from plotlot.evaluation.suites.searching import ranked, score_ranking
from plotlot.ingestion.parsers import parse_document

CODE = parse_document(
    "code.md",
    b"# Sec. 1 Lots\n\nA lot has 9,000 square feet.\n\nIt is dry.\n\n# Sec. 2 Fences\n\nFour feet high.\n",
)


def place_of(text: str) -> Place:
    start = CODE.text.index(text)
    return Place(CODE, (Span(start, start + len(text)),))


def result_of(text: str) -> dict[str, Any]:
    start = CODE.text.index(text)
    return {"start": start, "end": start + len(text), "document_sha256": CODE.text_sha256}


LOT, FENCE, DRY = (
    result_of("A lot has 9,000 square feet."),
    result_of("Four feet high."),
    result_of("It is dry."),
)


def test_the_evidence_first_scores_full() -> None:
    scores = score_ranking([LOT, FENCE], [place_of("9,000 square feet")])
    assert set(scores.values()) == {1.0}


def test_the_section_counts_where_another_of_its_paragraphs_is_found() -> None:
    scores = score_ranking([DRY], [place_of("9,000 square feet")])
    assert (scores["retrieval.section@5"], scores["retrieval.recall@5"]) == (1, 0)


def test_a_later_rank_scores_less_and_beyond_the_fifth_nothing_at_five() -> None:
    scores = score_ranking([FENCE] * 5 + [LOT], [place_of("9,000 square feet")])
    assert scores["retrieval.mrr"] == pytest.approx(1 / 6)
    assert (scores["retrieval.recall@5"], scores["retrieval.recall@10"], scores["retrieval.section@5"]) == (
        0,
        1,
        0,
    )


def test_evidence_found_again_is_not_found_twice() -> None:
    found = [place_of("9,000 square feet"), place_of("Four feet")]
    assert ranked([LOT, LOT, FENCE], found) == ["0", "other 1", "1"]


def test_another_document_with_the_same_spans_holds_nothing() -> None:
    assert (
        score_ranking([{**LOT, "document_sha256": "other"}], [place_of("9,000 square feet")])[
            "retrieval.section@5"
        ]
        == 0
    )


def test_less_than_half_of_the_evidence_is_not_found() -> None:
    assert ranked([{**LOT, "end": LOT["start"] + 12}], [place_of("9,000 square feet")]) == ["other 0"]
