"""Thresholds, joins and calibration, from outcomes alone."""

import pytest

from plotlot.training import joining
from plotlot.training.joining import GRID, added, better, bins, thresholds, weighed
from plotlot.training.scores import Outcome, counts, figures


def outcomes(field: str, right: int, wrong: int, missed: int, confidence: float = 0.8) -> list[Outcome]:
    return [
        *(Outcome("A", "R-1", field, confidence, True) for _ in range(right)),
        *(Outcome("A", "R-1", field, confidence, False) for _ in range(wrong)),
        *(Outcome("A", "R-1", field, None, False) for _ in range(missed)),
    ]


def test_what_is_wrong_is_missed_too() -> None:
    assert counts(outcomes("max_height", 3, 1, 2)).scores() == {"precision": 0.75, "recall": 0.5, "f1": 0.6}


def test_figures_are_of_all_and_of_each_field() -> None:
    found = figures([*outcomes("max_height", 1, 0, 0), *outcomes("rear_setback", 0, 1, 0)])
    assert found["micro"]["precision"] == 0.5
    assert found["max_height"]["f1"] == 1.0
    assert found["rear_setback"]["values"] == 1


def test_a_threshold_is_the_lowest_that_is_precise_enough() -> None:
    at = {
        floor: outcomes("max_height", 60, 20, 0) if floor < 0.5 else outcomes("max_height", 50, 1, 29)
        for floor in GRID
    }
    assert thresholds(at) == {"max_height": 0.5}


def test_a_field_that_shows_too_little_has_no_threshold() -> None:
    assert thresholds({floor: outcomes("max_height", 5, 0, 60) for floor in GRID}) == {}


def test_a_field_joins_where_more_is_right_and_no_larger_share_wrong() -> None:
    rules = outcomes("max_height", 50, 2, 48)
    assert better(outcomes("max_height", 60, 2, 38), rules) == ("max_height",)
    assert better(outcomes("max_height", 60, 30, 10), rules) == ()
    assert better(outcomes("max_height", 40, 0, 60), rules) == ()


def test_bins_tell_the_share_that_was_right() -> None:
    rows = bins(outcomes("max_height", 8, 2, 5, confidence=0.85))
    assert rows == [{"confidence": 0.85, "right": 0.8, "values": 10.0}]


def test_what_is_added_must_be_right_where_the_rules_are_silent() -> None:
    rules = [*outcomes("max_height", 40, 0, 0), *outcomes("max_height", 0, 0, 20)]
    often = [*outcomes("max_height", 40, 0, 0), *outcomes("max_height", 10, 10, 0)]
    seldom = [*outcomes("max_height", 40, 0, 0), *outcomes("max_height", 9, 1, 10)]
    at = {floor: often if floor < 0.7 else seldom for floor in GRID}
    assert added(at, rules, {"max_height": 0.5}) == {"max_height": 0.7}
    assert added(dict.fromkeys(GRID, often), rules, {"max_height": 0.5}) == {}


def test_weights_follow_what_was_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "evidence", lambda one: one)
    monkeypatch.setattr(joining, "_voices", lambda found: [1.0] * len(found))
    told = [({"bias": 1.0, "near": float(near)}, near > 2) for near in range(6) for _ in range(20)]
    weights = weighed(told)  # type: ignore[arg-type]
    assert weights["near"] > 1
    assert weights["rival"] == 0
    assert weights == weighed(told)  # type: ignore[arg-type]
