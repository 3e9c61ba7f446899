"""A watch in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plotlot.gateway.watching.view import AT_ONCE, watch_view
from plotlot.gateway.watching.watches import MOST_TOLD, Watch

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def change(section: str, day: str, kind: str = "changed", document: str = "code.md") -> dict[str, str]:
    return {"document": document, "section": section, "change": kind, "changed_at": f"{day}T03:00:00+00:00"}


def watch(*changes: dict[str, str], **others: Any) -> Watch:
    values = {"analysis_id": None, "cited": 0, "lot": None, "covered": None} | others
    return Watch(
        "wt-1", municipality="Larkfield, OH", client="key:a", created_at=SINCE, changes=changes, **values
    )


def test_a_code_is_called_as_its_town_and_a_report_as_its_lot() -> None:
    town, lot = watch_view(watch()), watch_view(watch(analysis_id="an-1", cited=3, lot="7 Elm St"))
    assert (town.title, town.what, town.since) == ("Larkfield, OH", "The whole code", "March 1, 2026")
    assert lot.title == "7 Elm St"
    assert lot.what == "The 3 sections that this report on a lot in Larkfield, OH cites"
    assert watch_view(watch(analysis_id="an-1", cited=1, lot="")).title == "Report an-1"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (0, "Nothing changed"),
        (1, "1 section changed"),
        (2, "2 sections changed"),
        (MOST_TOLD, "200 sections changed, or more: these are the newest"),
    ],
)
def test_what_changed_is_counted(changes: int, words: str) -> None:
    assert watch_view(watch(*(change(f"Sec. {n}", "2026-05-01") for n in range(changes)))).headline == words


def test_what_changed_stands_by_its_day_and_much_of_a_day_opens_when_asked() -> None:
    many = [change(f"Sec. {n}", "2026-05-02", "added") for n in range(AT_ONCE + 3)]
    newer, older = watch_view(watch(*many, change("Gone", "2026-05-01", "removed"))).days
    assert (newer.words, len(newer.shown), len(newer.more)) == ("May 2, 2026", AT_ONCE, 3)
    assert (older.words, older.more) == ("May 1, 2026", [])
    assert [(one.words, one.section, one.document) for one in older.shown] == [("removed", "Gone", "")]


def test_a_section_that_changed_twice_is_told_of_once_as_it_did_last() -> None:
    twice = watch(
        change("B", "2026-05-02", "removed"), change("A", "2026-05-01"), change("B", "2026-05-01", "added")
    )
    newer, older = watch_view(twice).days
    assert watch_view(twice).headline == "2 sections changed"
    assert [(one.section, one.words) for one in newer.shown] == [("B", "removed")]
    assert [one.section for one in older.shown] == ["A"]


def test_documents_are_named_where_there_are_several() -> None:
    (day,) = watch_view(watch(change("A", "2026-05-01"), change("B", "2026-05-01", document="map.pdf"))).days
    assert [one.document for one in day.shown] == ["code", "map"]


def test_a_document_that_the_sections_path_names_is_not_named_again() -> None:
    chapters = [
        change(f"Chapter {n} Yards > Sec. {n}-1", "2026-05-01", document=f"Code/Chapter {n} - Yards.json")
        for n in (1, 2)
    ]
    (day,) = watch_view(watch(*chapters)).days
    assert [one.document for one in day.shown] == ["", ""]


@pytest.mark.parametrize(
    ("covered", "words", "amiss"),
    [
        (None, "No publisher is asked", False),
        ({"stage": "unchanged"}, "last asked May 2, 2026", False),
        (
            {"stage": "quarantined", "unwell_since": "2026-05-01T03:00"},
            "held back since May 1, 2026: it shrank",
            True,
        ),
        (
            {"stage": "failed", "unwell_since": "2026-05-01T03:00"},
            "The code cannot be refreshed since May 1, 2026",
            True,
        ),
    ],
)
def test_where_nothing_changed_it_is_told_how_lately_somebody_looked(
    covered: dict[str, Any] | None, words: str, amiss: bool
) -> None:
    known = {"checked_at": "2026-05-02T03:00", "reason": "it shrank", "unwell_since": None}
    found = watch_view(watch(covered=None if covered is None else known | covered))
    assert words in found.checked
    assert found.amiss is amiss
