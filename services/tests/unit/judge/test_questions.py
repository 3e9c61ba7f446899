"""What may be asked."""

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.judge.questions import Question


@pytest.mark.parametrize(
    ("stage", "next_weight", "last"),
    [
        ("canary", 100, True),
        ("canary", 0, True),
        ("canary", 50, False),
        ("shadow", 0, False),
        ("shadow", 100, False),
        ("watch", 100, False),
    ],
)
def test_only_the_last_weight_of_a_canary_ends_the_release(
    stage: str, next_weight: float, last: bool
) -> None:
    assert Question("a", "b", stage, 50, next_weight).is_last == last


def test_a_shadow_has_no_weight_and_whoever_watches_knows_none() -> None:
    weights = [Question("a", "b", stage, 50).weight_now for stage in ("shadow", "canary", "watch")]
    assert weights == [0.0, 50, None]


@pytest.mark.parametrize(
    ("stable", "candidate", "stage", "weight"),
    [("", "b", "canary", 5), ("a", " ", "canary", 5), ("a", "b", "", 5), ("a", "b", "canary", 101)],
)
def test_what_makes_no_sense_is_refused(stable: str, candidate: str, stage: str, weight: float) -> None:
    with pytest.raises(InvalidRequest):
        Question(stable, candidate, stage, weight)
