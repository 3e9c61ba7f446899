"""The figures of a town: counted by services, told by people, shown in words."""

import pytest

from plotlot.api.extraction.v1 import extraction_pb2
from plotlot.api.retrieval.v1 import retrieval_pb2
from plotlot.gateway.feedback.store import FeedbackCount
from plotlot.gateway.places.figures import Json, town_json, with_feedback, with_questions
from plotlot.gateway.places.view import counted, share_words, town_view
from plotlot.gateway.quality.town_questions import Asked

TOWN = retrieval_pb2.Municipality(name="A, OH", documents=2, retrieved_at="2026-01-05T10:00:00Z")
COUNTS = extraction_pb2.StandardCounts(
    municipality="A, OH", districts=3, districts_read=2, stated=9, verified=9, dropped=3, read_at="2026-01-06"
)


REFRESHED = retrieval_pb2.Refreshed(
    publisher="ours", product="Code", supplement="Supplement 12", dated="2025-12-01", stage="current",
    refreshed_at="2026-01-12T02:00:00Z", checked_at="2026-01-12T02:00:00Z", swapped_at="2026-01-12T02:00:00Z",
    sections=40, added=1, changed=2, removed=0,
)  # fmt: skip


def told(town: Json, asked: Asked | None = None) -> Json:
    """A town with what people said of it, and asked about it."""
    return with_questions(with_feedback([town], []), {town["name"]: asked} if asked else {})[0]


def refreshed(**changes: object) -> retrieval_pb2.Municipality:
    """The town with what its refreshes came to."""
    found = retrieval_pb2.Refreshed()
    found.CopyFrom(REFRESHED)
    for name, value in changes.items():
        setattr(found, name, value)
    return retrieval_pb2.Municipality(name="A, OH", retrieved_at="2026-01-05T10:00:00Z", refreshed=found)


def test_a_town_that_was_refreshed_says_what_serves_and_what_changed() -> None:
    view = town_view(told(town_json(refreshed())))
    assert view.refresh is not None
    assert view.refresh.supplement == "Code, Supplement 12, December 1, 2025"
    assert (view.refresh.checked, view.refresh.outcome) == ("January 12, 2026", "brought up to date")
    assert (view.refresh.changes, view.refresh.amiss) == ("1 new, 2 changed, 0 gone", "")


def test_a_day_that_stands_in_the_name_of_the_supplement_is_not_said_again() -> None:
    view = town_view(told(town_json(refreshed(supplement="Supplement 12, adopted December 1, 2025"))))
    assert view.refresh is not None
    assert view.refresh.supplement == "Code, Supplement 12, adopted December 1, 2025"


def test_a_town_that_is_held_back_says_why_and_since_when() -> None:
    found = town_json(
        refreshed(stage="quarantined", reason="it is empty", unwell_since="2026-02-01T02:00:00Z")
    )
    view = town_view(told(found))
    assert view.refresh is not None
    assert view.refresh.amiss == "A newer code is held back since February 1, 2026: it is empty"


def test_what_was_never_swapped_in_has_no_sections_rather_than_none() -> None:
    found = town_json(refreshed(stage="failed", swapped_at="", checked_at="", added=0))
    assert (found["refresh"]["added"], found["refresh"]["checked_at"]) == (None, None)
    view = town_view(told(found))
    assert view.refresh is not None
    assert (view.refresh.changes, view.refresh.checked, view.refresh.swapped) == ("", None, None)


def test_fields_are_told_with_the_share_of_the_districts_that_have_them() -> None:
    counts = extraction_pb2.StandardCounts(
        districts=3, districts_read=2, fields=[extraction_pb2.FieldCount(field="front_setback", districts=1)]
    )
    rows = {row.label: row for row in town_view(told(town_json(TOWN, counts))).fields}
    assert (rows["Front setback"].districts, rows["Front setback"].share) == (1, "50%")
    assert (rows["Rear setback"].districts, rows["Rear setback"].share) == (0, "0%")


def test_questions_that_were_refused_are_a_share_of_those_that_were_asked() -> None:
    town = told(town_json(TOWN), Asked(8, 2))
    assert town["questions"] == {"days": 30, "asked": 8, "refused": 2, "refused_share": 0.25}
    assert town_view(town).refused == "25% of 8"


def test_a_code_that_was_not_read_has_no_coverage_rather_than_none_stated() -> None:
    town = town_json(TOWN)
    assert (town["coverage"], town["quality"], town["indexed_at"]) == (None, None, None)
    view = town_view(told(town))
    assert (view.verified, view.refused, view.refresh, view.fields) == ("–", "", None, ())


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
    view = town_view(with_questions([town], {})[0])
    assert (view.reported, view.open) == ("3 missing values, 1 other remark", "2 missing values")


@pytest.mark.parametrize(("share", "words"), [(1.0, "100%"), (0.9999, "99.9%"), (0.0, "0%"), (None, "–")])
def test_all_is_said_only_of_all(share: float | None, words: str) -> None:
    assert share_words(share) == words


def test_every_kind_of_remark_has_words() -> None:
    kinds = ("wrong_number", "wrong_section", "missing", "other")
    assert counted(dict.fromkeys(kinds, 1)).count("1 ") == 4
