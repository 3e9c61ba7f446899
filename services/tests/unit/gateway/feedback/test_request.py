"""What a remark is about."""

import pytest

from plotlot.gateway.feedback.request import FeedbackRequest


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("lot_area", "lot_area"),
        ("lot_area_sqft", "lot_area"),
        ("frontage_ft", "frontage"),
        ("units", "units"),
    ],
)
def test_a_figure_has_the_name_of_its_fact_too(field: str, kept: str) -> None:
    remark = FeedbackRequest(kind="wrong_number", municipality="Larkfield, OH", field=field)
    assert remark.field == kept
