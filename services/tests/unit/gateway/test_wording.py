"""Values, conditions and units in the words of the page."""

from typing import Any

import pytest

from plotlot.gateway import wording
from plotlot.gateway.reports.view import headline, lower_limit


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (8712.0, "sqft", "8,712 sq ft"),
        (1.0, "stories", "1 story"),
        (2.5, "stories", "2.5 stories"),
        (35.0, "percent", "35%"),
        (0.5, "ratio", "0.5"),
        (1.0, "units_per_acre", "1 unit per acre"),
        (None, "ft", "–"),
    ],
)
def test_a_measure_has_its_unit(value: float | None, unit: str, words: str) -> None:
    assert wording.measure(value, unit) == words


def limit(name: str, low: int | None, high: int | None, binding: bool = False) -> dict[str, Any]:
    return {"field": name, "units_low": low, "units_high": high, "binding": binding, "informative": False}


@pytest.mark.parametrize(
    ("name", "low", "high", "words"),
    [("min_lot_area", 0, 0, "Not met"), ("min_lot_width", None, None, "Met"), ("max_density", 0, 0, "0"),
     ("min_lot_width", 0, None, "Undecided"), ("uses", 1, None, "1 or more"), ("floor_area", 2, 5, "2 to 5")],
)  # fmt: skip
def test_what_a_constraint_allows_fits_a_table(
    name: str, low: int | None, high: int | None, words: str
) -> None:
    assert wording.allowed(limit(name, low, high)) == words


def test_the_lower_figure_is_explained_where_another_rule_decides() -> None:
    density, floor = limit("max_density", 3, 3, binding=True), limit("floor_area", 1, 18)
    units = {"units_low": 1, "units_high": 3}
    assert lower_limit(units, (density, floor), density) == floor
    assert lower_limit({"units_low": 3, "units_high": 3}, (density, floor), density) is None


@pytest.mark.parametrize(
    ("quote", "value", "marked"),
    [
        ("Minimum front yard (ft.) | 25 | 20 | 25", "25", "Minimum front yard (ft.) | 25 | 20 | [25]"),
        ("Lot area | 7,500 | 17,500 [2]", "7,500", "Lot area | [7,500] | 17,500 [2]"),
        ("exceed thirty-five (35) feet", "Thirty-five (35)", "exceed [thirty-five (35)] feet"),
        ("1.5 spaces", "5", "1.5 spaces"),
        ("5 feet, or 5 percent of the depth", "5", "5 feet, or 5 percent of the depth"),
        ("as the Board says", "", "as the Board says"),
    ],
)
def test_the_value_is_marked_in_its_quote(quote: str, value: str, marked: str) -> None:
    before, at, after = wording.highlighted(quote, value)
    assert before + at + after == quote
    assert (f"{before}[{at}]{after}" if at else quote) == marked


def test_a_citation_names_its_document_once() -> None:
    title, path = "Zoning Ordinance", "Zoning Ordinance > Chapter 3 > Sec. 3.1"
    cited = {"section": path, "document": "doc-1", "document_title": title}
    assert (wording.section_words(cited), wording.source_words(cited)) == ("Chapter 3 > Sec. 3.1", title)
    untitled = {"section": path, "document": "doc-1"}
    assert (wording.section_words(untitled), wording.source_words(untitled)) == (path, "doc-1")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(2, 2, "2 units"), (1, 1, "1 unit"), (1, 3, "1 to 3 units"), (1, None, "1 unit or more"),
     (0, 4, "0 to 4 units"), (0, None, "Not known"), (None, None, "Not known")],
)  # fmt: skip
def test_units_are_an_interval(low: int | None, high: int | None, words: str) -> None:
    assert wording.unit_count(low, high) == words


def test_no_units_are_said_so_whatever_the_low_figure() -> None:
    assert headline({"units_low": 0, "units_high": 0}, "not_buildable") == "No units"


@pytest.mark.parametrize(
    ("status", "words"),
    [("not_stated", "Not stated"), ("delegated", "Ask the planning department"),
     ("conflicting", "Conflicting"), ("stated", "See the quote")],
)  # fmt: skip
def test_a_standard_without_a_value_says_what_is_known(status: str, words: str) -> None:
    assert wording.value_words({"value": None, "unit": "ft", "formula": None, "status": status}) == words


def test_a_formula_is_a_share_within_bounds() -> None:
    formula: dict[str, Any] = {"percent": 20.0, "of": "lot_depth", "minimum": 15.0, "maximum": 30.0}
    assert wording.formula_words(formula) == "20% of the lot depth, at least 15 ft, at most 30 ft"


def test_arithmetic_is_set_in_steps() -> None:
    text = "envelope 4,575 sqft; 35 % of 8,846 = 3,096 sqft; 3,096 sqft x 2 stories / 1,500 sqft a unit"
    assert wording.steps(text) == [
        "Envelope 4,575 sq ft",
        "35% of 8,846 = 3,096 sq ft",
        "3,096 sq ft × 2 stories ÷ 1,500 sq ft a unit",
    ]


@pytest.mark.parametrize(
    ("low", "high", "verdict", "words"),
    [
        (2, 2, "buildable", "One more unit needs 100 sq ft more lot area."),
        (2, 3, "buildable", "To be sure of 3 units, the lot needs 100 sq ft more lot area."),
        (0, 0, "not_buildable", "Building here needs 100 sq ft more lot area."),
    ],
)
def test_what_would_allow_one_more(low: int, high: int, verdict: str, words: str) -> None:
    constraint = {"units_low": low, "units_high": high, "one_more": "needs 100 sqft more lot area"}
    assert wording.one_more_words(constraint, verdict) == words


def test_what_is_not_seen_is_left_out() -> None:
    assert wording.plain("a\u200bb\u202ec\x00d é\n") == "abcd é\n"


@pytest.mark.parametrize(
    ("effective", "retrieved", "words"),
    [
        ("2024-03-01", "2026-01-05T23:59:00+00:00", "In force from March 1, 2024; retrieved January 5, 2026"),
        ("", "2026-01-05T10:00:00Z", "It names no day from which it is in force; retrieved January 5, 2026"),
        ("2024-12-31", "", "In force from December 31, 2024"),
        ("", "", ""),
    ],
)
def test_a_citation_says_how_old_its_document_is(effective: str, retrieved: str, words: str) -> None:
    assert wording.dates_words({"effective_date": effective, "retrieved_at": retrieved}) == words
    assert wording.dates_words({}) == "", "reports of before had no dates"
