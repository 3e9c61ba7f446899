"""An hour of users' requests while a candidate is rolled out, the same for every rule that is compared."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotlot.evaluation.delivery.streams import Change, Numbers, Random, bad_answers

MINUTES = 60
REQUESTS = 100  # a minute
SHADOWED = 20  # of them asked of the candidate too
# Percent of requests that a candidate answers; rules without a shadow stage give each step a third of the hour.
WEIGHTS = (0, 5, 25, 50, 100)
STEPS = (5, 25, 50)


@dataclass(frozen=True)
class Day:
    """How often each bundle fails, and how often it answers wrongly; ``harmful`` says which verdict is right."""

    name: str
    failing: Change
    wrong: Change
    harmful: bool = False


@dataclass(frozen=True)
class Hour:
    """What happened in each run and minute, had the candidate had each of WEIGHTS.

    Counts are [weights, metrics, runs, minutes] where metrics are failures and wrong answers, and
    [weights, runs, minutes] where they are of requests; ``differences`` of shadowed pairs are [metrics, runs, pairs].
    """

    candidate_requests: NDArray[np.int16]
    candidate_bad: NDArray[np.int16]
    stable_bad: NDArray[np.int16]
    harmed: NDArray[np.int16]
    differences: NDArray[np.float32]

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return self.harmed.shape[1]


@dataclass(frozen=True)
class Seen:
    """What a rule without pairs has: requests and bad answers of both arms, over the planned weights."""

    candidate_requests: Numbers
    candidate_bad: Numbers
    stable_requests: Numbers
    stable_bad: Numbers


def hours(random: Random, runs: int, day: Day) -> Hour:
    """So many hours of a day; some hundreds fit in memory."""
    shape = (runs, MINUTES, REQUESTS)
    lots = random.random(shape, np.float32) * 100
    bad = [bad_answers(random, shape, change) for change in (day.failing, day.wrong)]
    worse = np.logical_or.reduce([candidate & ~stable for stable, candidate in bad])
    met = [lots < weight for weight in WEIGHTS]
    pairs = [
        (candidate.astype(np.float32) - stable)[..., :SHADOWED].reshape(runs, -1) for stable, candidate in bad
    ]
    return Hour(
        candidate_requests=_counts(iter(met)),
        candidate_bad=np.stack([_counts(candidate & given for _, candidate in bad) for given in met]),
        stable_bad=np.stack([_counts(stable & ~given for stable, _ in bad) for given in met]),
        harmed=_counts(worse & given for given in met),
        differences=np.stack(pairs),
    )


def _counts(each: Iterator[NDArray[np.bool_]]) -> NDArray[np.int16]:
    return np.stack([one.sum(axis=-1) for one in each]).astype(np.int16)


def planned() -> NDArray[np.intp]:
    """Index in WEIGHTS of each minute's weight, for rules that raise it by the clock."""
    return np.repeat([WEIGHTS.index(step) for step in STEPS], MINUTES // len(STEPS))


def seen(hour: Hour) -> Seen:
    """What dashboards show of an hour at the planned weights: requests [runs, minutes], bad [metrics, runs, minutes]."""
    plan, minutes = planned(), np.arange(MINUTES)
    requests = hour.candidate_requests[plan, :, minutes].T.astype(np.float64)
    return Seen(
        candidate_requests=requests,
        candidate_bad=np.moveaxis(hour.candidate_bad[plan, :, :, minutes], 0, -1).astype(np.float64),
        stable_requests=REQUESTS - requests,
        stable_bad=np.moveaxis(hour.stable_bad[plan, :, :, minutes], 0, -1).astype(np.float64),
    )


def harmed_until(hour: Hour, minutes: Numbers) -> Numbers:
    """Users harmed in each run at the planned weights, up to and with the minute of its rollback."""
    plan, clock = planned(), np.arange(MINUTES)
    each = hour.harmed[plan, :, clock].T
    harmed: Numbers = np.where(clock + 1 <= minutes[:, None], each, 0).sum(axis=1).astype(np.float64)
    return harmed
