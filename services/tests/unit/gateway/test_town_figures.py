"""The figures of a town: counted by services, told by people, shown in words."""

import pytest

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.gateway.feedback import FeedbackCount
from plotlot.gateway.town_figures import town_json, with_feedback
from plotlot.gateway.town_view import counted, share_words, town_view

TOWN = retrieval_pb2.Municipality(name="A, OH", documents=2, retrieved_at="2026-01-05T10:00:00Z")
COUNTS = extraction_pb2.StandardCounts(
    municipality="A, OH", districts=3, districts_read=2, stated=9, verified=9, dropped=3, read_at="2026-01-06"
)


def test_a_code_that_was_not_read_has_no_coverage_rather_than_none_stated() -> None:
    town = town_json(TOWN)
    assert (town["coverage"], town["quality"], town["indexed_at"]) == (None, None, None)
    assert town_view(with_feedback([town], [])[0]).verified == "–"


def test_quality_is_the_share_of_what_was_read_that_verified() -> None:
    assert town_json(TOWN, COUNTS)["quality"] == {"verified": 9, "dropped": 3, "verified_share": 0.75}
    nothing = extraction_pb2.StandardCounts(municipality="A, OH")
    assert town_json(TOWN, nothing)["quality"]["verified_share"] is None


def test_remarks_count_for_their_town_however_they_spell_it() -> None:
    said = [
        FeedbackCount("A, OH", "missing", 2, 1),
        FeedbackCount(" a ,oh", "missing", 1, 1),
        FeedbackCount("A, OH", "other", 1, 0),
        FeedbackCount("B, OH", "missing", 7, 7),
    ]
    (town,) = with_feedback([town_json(TOWN)], said)
    assert town["feedback"] == {"reported": {"missing": 3, "other": 1}, "open": {"missing": 2}}
    view = town_view(town)
    assert (view.reported, view.open) == ("3 missing values, 1 other remark", "2 missing values")


@pytest.mark.parametrize(("share", "words"), [(1.0, "100%"), (0.9999, "99.9%"), (0.0, "0%"), (None, "–")])
def test_all_is_said_only_of_all(share: float | None, words: str) -> None:
    assert share_words(share) == words


def test_every_kind_of_remark_has_words() -> None:
    kinds = ("wrong_number", "wrong_section", "missing", "other")
    assert counted(dict.fromkeys(kinds, 1)).count("1 ") == 4
