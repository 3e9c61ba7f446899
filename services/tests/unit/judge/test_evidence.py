"""What is told of the evidence, and how much of its growth."""

from datetime import UTC, datetime
from itertools import pairwise
from math import log

import pytest

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.judge.evidence import POINTS, Known, Look, figures, thinned

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


def test_figures_stand_for_every_guardrail_also_before_the_first_answer() -> None:
    known = Known({}, {"quality": 2}).with_set_aside({"quality": 1})
    quality, failure = figures(Guardrails(alpha=0.05, each=(QUALITY, FAILURE)), known)
    assert (quality.guardrail, quality.set_aside, quality.stable_mean) == ("quality", 3, None)
    assert (failure.measure, failure.margin, failure.pairs) == ("failure", 0.02, 0)
    assert failure.harm_log_threshold == pytest.approx(log(2 / 0.05))
    assert failure.noninferior_log_threshold == pytest.approx(log(1 / 0.05))
