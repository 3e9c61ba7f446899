"""The form of a report's facts: what is shown in it, and what of it is stated anew."""

from typing import Any, get_args

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.fact_words import LABELS
from plotlot.domain.stated_facts import CHOICES, NAMES
from plotlot.gateway.reports.facts import GROUPS, facts_of, stated_in, typed_in
from plotlot.gateway.reports.facts_request import FactsRequest

REPORT: dict[str, Any] = {
    "facts": {
        "lot_area_sqft": {"value": 40000.0, "origin": "reader", "instead_of": 32999.867492},
        "lot_width_ft": {"value": 150.04, "origin": "boundary"},
        "lot_kind": {"value": "interior", "origin": "boundary"},
        "use": {"value": None, "origin": "unknown"},
        "sewer": {"value": "none", "origin": "reader", "instead_of": "public"},
        "district": {"value": "R-3", "origin": "source"},
        "unit_area_low_sqft": {"value": 600.0, "origin": "assumed"},
    }
}
SHOWN = {
    "lot_area_sqft": "40,000", "lot_width_ft": "150", "lot_kind": "", "use": "", "sewer": "none", "district": "R-3",
    "unit_area_low_sqft": "600",
}  # fmt: skip


def test_a_form_shows_what_was_taken() -> None:
    facts = {fact.name: fact for _, group in facts_of(REPORT) for fact in group}
    assert {name: fact.typed for name, fact in facts.items()} == SHOWN
    area, use = facts["lot_area_sqft"], facts["use"]
    assert (area.value, area.instead_words) == ("40,000 sq ft", "instead of 33,000 sq ft")
    assert area.stated
    assert use.unknown_words == "Whichever of the code's uses allows most"
    assert facts["lot_width_ft"].origin_words == "measured on the boundary"


def test_a_form_sent_as_it_was_shown_states_what_was_stated_before() -> None:
    assert typed_in(REPORT, SHOWN).given == stated_in(REPORT) == {"lot_area_sqft": 40000, "sewer": "none"}


def test_what_is_changed_is_stated_and_what_is_emptied_is_not() -> None:
    typed = {**SHOWN, "lot_width_ft": " 1,160.5", "sewer": "", "lot_kind": "corner"}
    assert typed_in(REPORT, typed).given == {
        "lot_area_sqft": 40000,
        "lot_width_ft": 1160.5,
        "lot_kind": "corner",
    }


def test_what_no_form_has_is_left_alone() -> None:
    assert typed_in(REPORT, {"verdict": "buildable"}).given == stated_in(REPORT)


def test_a_form_that_was_refused_keeps_what_was_typed() -> None:
    typed = {**SHOWN, "lot_width_ft": "wide"}
    with pytest.raises(InvalidRequest):
        typed_in(REPORT, typed)
    facts = {fact.name: fact.typed for _, group in facts_of(REPORT, typed) for fact in group}
    assert facts["lot_width_ft"] == "wide"


def test_a_report_of_before_facts_were_kept_has_none() -> None:
    assert facts_of({}) == ()
    assert stated_in({}) == {}


def test_every_fact_that_can_be_stated_has_words() -> None:
    assert set(LABELS) == set(NAMES) == set(FactsRequest.model_fields)
    assert {name for _, names in GROUPS for name in names} == set(NAMES)


def test_a_request_may_choose_what_can_be_stated() -> None:
    for name, choices in CHOICES.items():
        given, nothing = get_args(FactsRequest.model_fields[name].annotation)
        assert (get_args(given), nothing) == (choices, type(None)), name
