"""What is suggested for a name that is not here."""

import pytest

from plotlot.store.municipalities import unknown_municipality

HERE = ["Larkfield, OH", "Essex Junction, VT", "Decatur County, IN"]


@pytest.mark.parametrize("asked", ["Esex Junction, VT", "essex junction", "Essex, VT", "essex jct, vt"])
def test_a_slip_finds_the_town(asked: str) -> None:
    error = unknown_municipality(asked, HERE)
    assert error.suggestions == ("Essex Junction, VT",)
    assert "did you mean 'Essex Junction, VT'?" in error.message


@pytest.mark.parametrize("asked", ["Bad, OH", "Nowhere, VT", "Wayne County, IN"])
def test_a_town_of_the_same_state_is_not_near_for_that(asked: str) -> None:
    error = unknown_municipality(asked, HERE)
    assert error.suggestions == ()
    assert "ingest its code first" in error.message
