"""The simulation decides when the judge decides, keeps its level, and agrees with another's e-values."""

from dataclasses import replace

import numpy as np
import pytest
import ville
from numpy.typing import NDArray

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.domain.outcomes import Difference
from plotlot.domain.sequential import (
    event_growth,
    harm_growth,
    harm_mixture,
    none,
    noninferior_growth,
    noninferior_mixture,
    with_differences,
    with_event,
)
from plotlot.domain.verdicts import Stage, Verdict, decide
from plotlot.evaluation.delivery.judged import NEVER, Events, event_times, times
from plotlot.evaluation.delivery.streams import Change, differences, session_differences

ANSWERS = Guardrail("answers", Measure.SCORE, margin=0.05)
FAILURE = Guardrail("failure", Measure.FAILURE, margin=0.05)
ONE = Guardrails(each=(ANSWERS,))
BOTH = Guardrails(each=(ANSWERS, FAILURE))
SAME, WORSE = Change(0.2, 0.2), Change(0.2, 0.3)


def decided(
    streams: NDArray[np.float32], whose: NDArray[np.int8], shares: NDArray[np.float64], verdict: Verdict
) -> float:
    """The pair at which the judge itself first says so, of streams [guardrails, pairs]."""
    evidence = {each.name: none(each) for each in BOTH.each}
    for pair in range(streams.shape[1]):
        for index, each in enumerate(BOTH.each):
            difference = float(streams[index, pair])
            said = [Difference(difference, difference, None, None)]
            evidence[each.name] = with_differences(evidence[each.name], each, said)
            if whose[index, pair]:
                evidence[each.name] = with_event(
                    evidence[each.name], each, whose[index, pair] > 0, shares[pair]
                )
        if decide(BOTH, evidence, Stage.SHADOW).verdict == verdict:
            return pair + 1
    return NEVER


@pytest.mark.parametrize(
    ("change", "agreement", "verdict"), [(WORSE, 0.8, Verdict.ROLLBACK), (SAME, 0.95, Verdict.PROMOTE)]
)
def test_times_are_those_of_the_judge(change: Change, agreement: float, verdict: Verdict) -> None:
    random, shape = np.random.default_rng(4), (4, 260)
    first = replace(change, agreement=agreement)
    streams = np.stack(
        [differences(random, shape, first), differences(random, shape, Change(0.2, 0.2, 0.95))]
    )
    whose = random.choice(np.array([-1, -1, 0, 0, 0, 0, 1], np.int8), streams.shape)
    shares = np.repeat([0.3, 0.5], 130)
    found = times(BOTH, streams, Events(whose, shares))
    early = np.where(found.noninferior < found.harm, found.noninferior, NEVER)
    mine = found.harm if verdict == Verdict.ROLLBACK else early
    judged = [decided(streams[:, run], whose[:, run], shares, verdict) for run in range(4)]
    assert list(mine) == judged
    assert min(judged) < NEVER


def test_a_run_that_is_decided_early_leaves_the_others_as_they_were() -> None:
    streams = differences(np.random.default_rng(4), (1, 12, 400), WORSE)
    together = times(ONE, streams).harm
    alone = np.concatenate([times(ONE, streams[:, [run]]).harm for run in range(12)])
    assert (together == alone).all()


def test_events_are_enough_by_themselves() -> None:
    needed = event_times(ONE, np.array([[True] * 9, [False] * 9]), share=0.5)
    assert list(needed) == [6, NEVER]


@pytest.mark.parametrize("kind", ["pairs", "margin", "rare events", "sessions"])
def test_nobody_gains_on_average_however_they_stop(kind: str) -> None:
    """Stopped when it is 3 or after 200 observations, an e-value's mean is at most 1 where nothing is wrong."""
    random, runs, count = np.random.default_rng(11), 1500, 200
    if kind == "rare events":
        log_e = harm_mixture(
            np.cumsum(
                event_growth(FAILURE, random.random((runs, count)) < 0.05, np.full(count, 0.05)), axis=1
            )
        )
    elif kind == "margin":
        drawn = differences(random, (runs, count), Change(0.2, 0.25)).astype(np.float64)
        squares = np.cumsum(drawn**2, axis=1) - drawn**2
        log_e = noninferior_mixture(
            np.cumsum(noninferior_growth(ANSWERS, drawn, np.arange(count), squares), axis=1)
        )
    else:
        drawn = (
            differences(random, (runs, count), SAME)
            if kind == "pairs"
            else session_differences(random, runs, count, 10, SAME, repeated=0.9).mean(axis=-1)
        )
        log_e = harm_mixture(np.cumsum(harm_growth(ANSWERS, drawn), axis=1))
    high = log_e >= np.log(3)
    stop = np.where(high.any(axis=1), high.argmax(axis=1), count - 1)
    values = np.exp(log_e[np.arange(runs), stop])
    assert values.mean() <= 1 + 3 * values.std() / runs**0.5
    assert high.any(axis=1).mean() <= 1 / 3
    assert values.std() > 0.1


def test_on_pairs_it_is_as_soon_as_the_oracle_and_sooner() -> None:
    """ville's test of a bounded mean, of the same level, on the same pairs."""
    streams = differences(np.random.default_rng(3), (1, 60, 1500), Change(0.2, 0.25))
    mine = times(ONE, streams, seek=("harm",)).harm
    theirs = []
    for stream in streams[0].astype(np.float64):
        test = ville.BettingTest(0.0, bounds=(-1.0, 1.0), alternative="greater", alpha=0.05)
        log_e = test._process(stream)
        theirs.append(log_e.argmax() + 1 if log_e.max() >= np.log(20) else NEVER)
    assert np.median(mine) <= np.median(theirs)
    assert np.isfinite(mine).mean() >= 0.95


def test_on_events_at_equal_shares_it_weighs_as_the_oracle_does() -> None:
    """ville's Beta mixture against a fair coin looks both ways: ours, which looks one way, is near, and above on harm."""
    random = np.random.default_rng(3)
    coins = random.random((200, 120)) < 0.75
    mine = harm_mixture(event_growth(FAILURE, coins, np.full(120, 0.5)).sum(axis=1))
    theirs = np.array([ville.BernoulliTest(0.5)._process(coin.astype(float))[-1] for coin in coins])
    assert np.abs(mine - theirs).max() < 1.5
    assert (mine > theirs).mean() > 0.9
