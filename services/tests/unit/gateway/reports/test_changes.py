"""What asking again would change: nothing, a value, its words, or the lot itself."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from plotlot.gateway.reports.changes import changes_between, lot_gone
from plotlot.gateway.reports.changes_view import changes_view

Json = dict[str, Any]


def standard(field: str, value: float | None, quote: str, **changes: Any) -> Json:
    citation = {
        "document": "doc-1", "document_sha256": "aa", "document_title": "Zoning", "section": "Sec. 1", "page": None,
        "start": 10, "end": 20, "quote": quote, "effective_date": "2020-01-01", "retrieved_at": "2026-01-05T10:00:00Z",
    }  # fmt: skip
    plain = {
        "field": field, "status": "stated", "value": value, "unit": "ft", "conditions": {}, "formula": None,
        "quoted_value": "", "citation": citation,
    }  # fmt: skip
    return {**plain, **changes}


def report() -> Json:
    return {
        "id": "an-1",
        "created_at": "2026-01-05T10:00:00+00:00",
        "bundle": "bundle-1",
        "district": "R-1",
        "verdict": "buildable",
        "parcel": {"lot": {"area_sqft": 9000.0, "width_ft": 90.0, "depth_ft": 100.0, "kind": "interior", "frontage_ft": 90.0}},
        "facts": {"lot_area_sqft": {"value": 9000.0, "origin": "boundary"}},
        "yield": {"units_low": 2, "units_high": 2, "binding_constraint": "max_density", "use": ""},
        "standards": [
            standard("front_setback", 25.0, "25 feet"),
            standard("max_height", 35.0, "35 feet", status="conflicting"),
            standard("max_height", 40.0, "40 feet", status="conflicting"),
            standard("max_far", None, "", status="not_stated", citation=None),
        ],
    }  # fmt: skip


def changed(change: Callable[[Json], object]) -> Json:
    after = copy.deepcopy(report())
    after["id"], after["created_at"] = "an-2", "2026-11-22T10:00:00+00:00"
    change(after)
    return changes_between(report(), after)


def test_the_same_answer_is_the_same_however_its_text_has_moved() -> None:
    def move(after: Json) -> None:
        for each in after["standards"]:
            if each["citation"]:
                each["citation"] |= {"start": 999, "end": 1009, "section": "Sec. 2", "page": 4}
        after["facts"]["lot_area_sqft"]["value"] = 9000.01
        after["standards"].reverse()

    found = changed(move)
    assert found["same"]
    assert (found["answer"], found["facts"], found["standards"]) == ([], [], [])
    assert found["asked_again_at"] == "2026-11-22T10:00:00+00:00"


def test_a_changed_value_stands_beside_the_one_of_before() -> None:
    def change(after: Json) -> None:
        after["standards"][0] |= {"value": 30.0}
        after["standards"][0]["citation"] |= {
            "quote": "30 feet",
            "document_sha256": "bb",
            "document": "doc-2",
        }
        after["yield"]["units_high"] = 1
        after["bundle"] = "bundle-2"

    found = changed(change)
    assert not found["same"]
    (one,) = found["standards"]
    assert (one["change"], one["before"]["value"], one["after"]["value"]) == ("changed", 25, 30)
    assert found["answer"] == [{"name": "units_high", "before": 2, "after": 1}]
    assert found["bundle"] == {"before": "bundle-1", "after": "bundle-2"}
    view = changes_view(found)
    assert (view.answer[0].label, view.answer[0].before, view.answer[0].after) == ("Most units", "2", "1")
    assert view.released == ("bundle-1", "bundle-2")


def test_other_words_of_the_same_value_are_told_apart() -> None:
    found = changed(lambda after: after["standards"][0]["citation"].update(quote="twenty-five feet"))
    assert [each["change"] for each in found["standards"]] == ["reworded"]
    assert found["standards"][0]["before"]["citation"]["quote"] == "25 feet"


def test_of_a_conflict_that_is_settled_the_value_that_went_is_shown() -> None:
    def settle(after: Json) -> None:
        del after["standards"][2]
        after["standards"][1]["status"] = "stated"

    kinds = [(each["change"], each["before"]["value"]) for each in changed(settle)["standards"]]
    assert kinds == [("changed", 35), ("removed", 40)]


def test_what_is_read_for_the_first_time_is_added() -> None:
    found = changed(lambda after: after["standards"].append(standard("max_far", 0.5, "0.5")))
    assert [(each["change"], each["field"], each["before"]) for each in found["standards"]] == [
        ("added", "max_far", None)
    ]


def test_a_replaced_document_is_named_with_both_dates() -> None:
    def replace(after: Json) -> None:
        for each in after["standards"][:3]:
            each["citation"] |= {"document": "doc-2", "document_sha256": "bb", "effective_date": "2026-10-01"}

    found = changed(replace)
    (document,) = found["documents"]
    assert (document["before"]["document"], document["after"]["document"]) == ("doc-1", "doc-2")
    row = changes_view(found).documents[0]
    assert "January 1, 2020" in row.before
    assert "October 1, 2026" in row.after


def test_another_lot_is_shown_by_its_facts() -> None:
    found = changed(lambda after: after["facts"]["lot_area_sqft"].update(value=8000.0))
    row = changes_view(found).facts[0]
    assert (row.label, row.before, row.after) == ("Lot area", "9,000 sq ft", "8,000 sq ft")


def test_a_report_of_before_facts_were_kept_is_compared_by_its_lot() -> None:
    before = report()
    del before["facts"]
    after = copy.deepcopy(report())
    after["facts"]["lot_area_sqft"]["value"] = 8000.0
    assert changes_between(before, after)["facts"] == [
        {"name": "lot_area_sqft", "before": 9000.0, "after": 8000.0}
    ]


@pytest.mark.parametrize("missing", [None, ""])
def test_what_is_not_known_is_said_so(missing: str | None) -> None:
    found = changed(lambda after: after["yield"].update(units_high=missing))
    assert changes_view(found).answer[0].after == "Not known"


def test_a_lot_that_is_gone_is_said_to_be() -> None:
    view = changes_view(
        lot_gone(report(), "bundle-2", "2026-11-22T10:00:00+00:00", "no parcel 'p-1' is here")
    )
    assert view.gone == "no parcel 'p-1' is here"
    assert not view.same
