"""What of a reading is shown: certain enough, and where quotes are cut, verified again or dropped."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.bundles import Extraction
from plotlot.domain.quotes import quote_stands
from plotlot.domain.standards import Citation, Formula, Standard, Status, not_stated
from plotlot.extraction.presenting import shown

TEXT = (
    "Sec. 1. In the R-1 district a front yard of not less than twenty-five (25) feet in depth shall be provided. "
    "The building shall not exceed thirty-five (35) feet in height. Lots: 6,000 square feet."
)
DOCUMENT = "doc-1"


def standard(
    field: str, value: float, quoted: str, unit: str, quote: str, confidence: float = 0.9
) -> Standard:
    start = TEXT.index(quote)
    citation = Citation(DOCUMENT, "0" * 64, "Sec. 1", 1, start, start + len(quote), quote)
    return Standard(
        field,
        Status.STATED,
        value,
        unit,
        citation,
        "reader/9",
        confidence,
        quoted_value=quoted,
        quoted_unit=unit,
    )


YARD = standard("front_setback", 25, "twenty-five (25)", "ft", TEXT[: TEXT.index(" The building")])
HEIGHT = standard(
    "max_height", 35, "thirty-five (35)", "ft", "The building shall not exceed thirty-five (35) feet"
)
AREA = standard("min_lot_area", 6000, "6,000", "sqft", "Lots: 6,000 square feet", 0.6)
READ = [AREA, YARD, HEIGHT, not_stated("max_far", "reader/9")]
TEXTS = {DOCUMENT: TEXT}


def test_a_bundle_that_asks_nothing_shows_what_was_read() -> None:
    found = shown(READ, Extraction(), {})
    assert (found.standards, found.dropped) == (tuple(READ), 0)


def test_what_is_less_certain_than_asked_is_not_stated_and_is_no_dropped_citation() -> None:
    found = shown(READ, Extraction(least_confidence=0.8), {})
    assert found.standards == (not_stated("min_lot_area", "reader/9"), YARD, HEIGHT, READ[3])
    assert found.dropped == 0


def test_one_of_two_that_stays_stands_for_its_field() -> None:
    doubtful = replace(YARD, confidence=0.5, conditions={"lot": "corner"})
    assert shown([YARD, doubtful], Extraction(least_confidence=0.8), {}).standards == (YARD,)


def test_a_long_quote_is_cut_to_whole_words_around_its_value_and_still_holds() -> None:
    (found,) = shown([YARD], Extraction(longest_quote=40), TEXTS).standards
    assert found.citation is not None
    assert len(found.citation.quote) <= 40
    assert "twenty-five (25)" in found.citation.quote
    assert quote_stands(found.citation, TEXT)
    assert f" {found.citation.quote} " in TEXT
    assert replace(found, citation=YARD.citation) == YARD


def test_a_quote_that_is_short_enough_stays_and_needs_no_text() -> None:
    assert shown([AREA], Extraction(longest_quote=200), {}).standards == (AREA,)


def test_a_cut_that_loses_the_value_is_dropped_and_counted() -> None:
    found = shown(READ, Extraction(longest_quote=3), TEXTS)
    assert found.dropped == 3
    assert [one.status for one in found.standards] == [Status.NOT_STATED] * 4
    assert [one.field for one in found.standards] == [
        "min_lot_area",
        "front_setback",
        "max_height",
        "max_far",
    ]


def test_a_formula_needs_all_its_numbers_in_the_quote() -> None:
    share = replace(HEIGHT, value=None, formula=Formula(35, "depth_ft"), quoted_value="thirty-five (35)")
    assert shown([share], Extraction(longest_quote=30), TEXTS).dropped == 0
    assert shown(
        [replace(share, formula=Formula(35, "depth_ft", 10))], Extraction(longest_quote=30), TEXTS
    ).dropped


def test_a_document_that_is_gone_verifies_nothing() -> None:
    assert shown([YARD], Extraction(longest_quote=40), {}).dropped == 1


@pytest.mark.parametrize("one", [YARD, HEIGHT, AREA], ids=lambda one: one.field)
@given(longest=st.integers(1, 130))
def test_whatever_is_shown_is_the_documents_text(one: Standard, longest: int) -> None:
    for kept in shown([one], Extraction(longest_quote=longest), TEXTS).standards:
        if kept.citation is not None:
            assert quote_stands(kept.citation, TEXT)
            assert len(kept.citation.quote) <= max(longest, 1)
