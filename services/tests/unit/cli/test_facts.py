"""Facts after ``--fact``: read as the form reads them, and refused in words."""

import click
import pytest

from plotlot.cli.main import facts_of


def test_facts_are_read_by_name() -> None:
    assert facts_of(("lot_kind=corner", "lot_area_sqft=12,000")) == {
        "lot_kind": "corner",
        "lot_area_sqft": 12000,
    }
    assert facts_of(()) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("lot_kind=round", "lot_kind: it has to be one of interior, corner"),
        ("moon=full", "there is no fact 'moon'"),
        ("lot_area_sqft", "say what it is"),
        ("lot_area_sqft=", "say what it is"),
        ("lot_width_ft=wide", "lot_width_ft: it has to be a number"),
    ],
)
def test_a_fact_that_is_none_is_refused(given: str, said: str) -> None:
    with pytest.raises(click.UsageError, match=said):
        facts_of((given,))
