"""Figures of loads whose times are known."""

import pytest

from plotlot.evaluation.serving.figures import Objective, figures, keeps
from plotlot.evaluation.serving.targets import Outcome


def outcome(due: float, first: float, tokens: int, each: float, error: str = "") -> Outcome:
    arrivals = [due + first + number * each for number in range(tokens)]
    return Outcome(
        due, ended=arrivals[-1] if arrivals else due + first, arrivals=arrivals, tokens=tokens, error=error
    )


def test_times_count_from_when_a_request_was_due() -> None:
    found = figures([outcome(10.0, 0.5, 11, 0.1), outcome(10.0, 0.7, 11, 0.2)], Objective(0.6, 0.15))
    assert found["first_token_ms"]["p50"] == pytest.approx(600)
    assert found["token_ms"]["p50"] == pytest.approx(150)
    assert found["gap_ms"]["p99"] == pytest.approx(200)
    assert found["seconds"] == pytest.approx(2.7)
    assert found["tokens_per_second"] == pytest.approx(22 / 2.7)
    assert found["goodput_per_second"] == pytest.approx(1 / 2.7), "only the first keeps the objective"


def test_refusals_are_counted_by_kind_and_timed_unless_they_had_waited() -> None:
    refused = [outcome(0, 0.01, 0, 0, "overloaded"), outcome(0, 3.0, 0, 0, "displaced")]
    found = figures([outcome(0, 0.1, 2, 0.1), *refused], Objective())
    assert found["errors"] == {"overloaded": 1, "displaced": 1}
    assert found["refusal_ms"]["p99"] == pytest.approx(10)
    assert (found["requests"], found["answered"]) == (3, 1)


@pytest.mark.parametrize(
    ("one", "good"),
    [
        (outcome(0, 0.5, 5, 0.1), True),
        (outcome(0, 1.5, 5, 0.1), False),
        (outcome(0, 0.5, 5, 0.5), False),
        (outcome(0, 0.5, 5, 0.1, "engine-unavailable"), False),
        (outcome(0, 0.5, 0, 0), False),
    ],
)
def test_an_answer_is_good_where_it_came_in_time(one: Outcome, good: bool) -> None:
    assert keeps(one, Objective(1.0, 0.2)) is good


def test_nothing_has_no_figures() -> None:
    found = figures([], Objective())
    assert found["first_token_ms"] == {"p50": None, "p90": None, "p99": None}
    assert (found["tokens_per_second"], found["good_share"]) == (0.0, 0.0)
