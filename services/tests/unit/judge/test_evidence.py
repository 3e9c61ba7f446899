"""What is told of the evidence, and how much of its growth."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from math import log

import pytest

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.judge.evidence import POINTS, Known, Look, figures, has_moved, thinned

QUALITY = Guardrail("quality", Measure.SCORE, margin=0.05)
FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.02)


def look(pairs: int) -> Look:
    return Look("quality", datetime(2026, 1, 1, tzinfo=UTC), pairs, 0.0, 0.0)


@pytest.mark.parametrize("number", [0, 1, POINTS, POINTS + 1, 10 * POINTS])
def test_looks_are_thinned_evenly_and_keep_their_ends(number: int) -> None:
    looks = [look(pairs) for pairs in range(number)]
    kept = list(thinned(looks))
    assert len(kept) == min(number, POINTS)
    assert kept[:1] == looks[:1]
    assert kept[-1:] == looks[-1:]
    assert len({each.pairs for each in kept}) == len(kept)
    gaps = [after.pairs - before.pairs for before, after in pairwise(kept)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [(0.0, 0.09, False), (0.0, -0.11, True), (3.0, 3.11, True), (100.0, 101.0, False), (100.0, 102.1, True)],
)
def test_a_look_is_kept_where_a_line_would_show_it(before: float, after: float, moved: bool) -> None:
    (now,) = figures(Guardrails(each=(QUALITY,)), Known({}))
    for name in ("harm_log_e", "noninferior_log_e"):
        last = replace(look(1), **{"harm_log_e": 0.0, "noninferior_log_e": 0.0, name: before})
        figure = replace(now, **{"harm_log_e": 0.0, "noninferior_log_e": 0.0, name: after})
        assert has_moved(figure, last) == moved


def test_the_first_look_is_kept_once_there_is_something_to_see() -> None:
    (now,) = figures(Guardrails(each=(QUALITY,)), Known({}))
    assert not has_moved(now, None)
    assert has_moved(replace(now, pairs=1), None)


def test_figures_stand_for_every_guardrail_also_before_the_first_answer() -> None:
    known = Known({}, {"quality": 2}).with_set_aside({"quality": 1})
    quality, failure = figures(Guardrails(alpha=0.05, each=(QUALITY, FAILURE)), known)
    assert (quality.guardrail, quality.set_aside, quality.stable_mean) == ("quality", 3, None)
    assert (failure.measure, failure.margin, failure.pairs) == ("failure", 0.02, 0)
    assert failure.harm_log_threshold == pytest.approx(log(2 / 0.05))
    assert failure.noninferior_log_threshold == pytest.approx(log(1 / 0.05))
