"""When the judge decides: its own arithmetic, over many runs at once, looked at after every observation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.guardrails import Guardrails
from plotlot.domain.sequential import (
    event_growth,
    harm_growth,
    harm_mixture,
    mean_log_e,
    none,
    noninferior_growth,
    noninferior_mixture,
)
from plotlot.domain.verdicts import log_threshold
from plotlot.evaluation.delivery.streams import Differences, Numbers

NEVER = np.inf
BLOCK = 32  # pairs that are weighed at once; the runs that they decide leave
HARM, NONINFERIOR = "harm", "noninferior"


@dataclass(frozen=True)
class Times:
    """Observations until harm, and until non-inferiority, was first enough in each run; infinite where never."""

    harm: Numbers
    noninferior: Numbers

    def rolled_back(self) -> NDArray[np.bool_]:
        """Runs that end in a rollback: nothing was promoted before."""
        return (self.harm < NEVER) & (self.harm <= self.noninferior)


@dataclass(frozen=True)
class Events:
    """Beside each pair: 0 no event, -1 one of the stable bundle, 1 of the candidate [guardrails, runs, pairs]."""

    whose: NDArray[np.int8]
    shares: Numbers


def times(
    guardrails: Guardrails,
    differences: Differences,
    events: Events | None = None,
    seek: tuple[str, ...] = (HARM, NONINFERIOR),
) -> Times:
    """First times of both kinds, from differences [guardrails, runs, pairs]; ``seek`` says which are wanted."""
    runs, pairs = differences.shape[1:]
    found = {HARM: np.full(runs, NEVER), NONINFERIOR: np.full(runs, NEVER)}
    running, wealth = np.arange(runs), _Wealth.at_start(guardrails, runs)
    for start in range(0, pairs, BLOCK):
        block = slice(start, min(start + BLOCK, pairs))
        told = differences[:, running, block].astype(np.float64)
        if HARM in seek:
            log_e = _harm(guardrails, wealth, told, events, running, block)
            _note(found[HARM], running, start, log_e >= log_threshold(guardrails))
        if NONINFERIOR in seek:
            log_e = _noninferior(guardrails, wealth, told, start)
            _note(found[NONINFERIOR], running, start, log_e >= log_threshold(guardrails))
        going = np.logical_or.reduce([found[kind][running] == NEVER for kind in seek])
        running, wealth = running[going], wealth.of(going)
        if not len(running):
            break
    return Times(found[HARM], found[NONINFERIOR])


@dataclass
class _Wealth:
    """Logarithms of the bets' wealth [guardrails, runs, bets], and sums of squared differences, so far."""

    harm: Numbers
    noninferior: Numbers
    squares: Numbers

    @staticmethod
    def at_start(guardrails: Guardrails, runs: int) -> "_Wealth":
        start, count = none(guardrails.each[0]), len(guardrails.each)
        return _Wealth(
            np.zeros((count, runs, len(start.harm))),
            np.zeros((count, runs, len(start.noninferior))),
            np.zeros((count, runs)),
        )

    def of(self, going: NDArray[np.bool_]) -> "_Wealth":
        return _Wealth(self.harm[:, going], self.noninferior[:, going], self.squares[:, going])


def _harm(
    guardrails: Guardrails,
    wealth: _Wealth,
    told: Numbers,
    events: Events | None,
    running: NDArray[np.intp],
    block: slice,
) -> Numbers:
    """The mean e-value of harm after each pair of a block [runs, pairs], as logarithm; the wealth goes on."""
    each = []
    for index, guardrail in enumerate(guardrails.each):
        growth = harm_growth(guardrail, told[index])
        if events is not None:
            whose = events.whose[index, running, block]
            growth += event_growth(guardrail, whose > 0, events.shares[block]) * (whose != 0)[..., None]
        path = wealth.harm[index][:, None] + np.cumsum(growth, axis=1)
        wealth.harm[index] = path[:, -1]
        each.append(harm_mixture(path))
    return mean_log_e(np.stack(each, axis=-1))


def _noninferior(guardrails: Guardrails, wealth: _Wealth, told: Numbers, start: int) -> Numbers:
    """The least e-value of non-inferiority after each pair of a block [runs, pairs], as logarithm."""
    each = []
    for index, guardrail in enumerate(guardrails.each):
        summed = wealth.squares[index][:, None] + np.cumsum(told[index] ** 2, axis=1)
        before = start + np.arange(told.shape[-1])
        growth = noninferior_growth(guardrail, told[index], before, summed - told[index] ** 2)
        path = wealth.noninferior[index][:, None] + np.cumsum(growth, axis=1)
        wealth.noninferior[index], wealth.squares[index] = path[:, -1], summed[:, -1]
        each.append(noninferior_mixture(path))
    return np.minimum.reduce(each)


def _note(found: Numbers, running: NDArray[np.intp], start: int, enough: NDArray[np.bool_]) -> None:
    """Note the first pair at which it was enough, in runs where it was not before."""
    first = np.where(enough.any(axis=1), start + enough.argmax(axis=1) + 1, NEVER)
    found[running] = np.minimum(found[running], first)


def event_times(guardrails: Guardrails, on_candidate: NDArray[np.bool_], share: float) -> Numbers:
    """Events until harm of one guardrail was enough, from events [runs, events]; infinite where never."""
    guardrail, threshold = guardrails.each[0], log_threshold(guardrails)
    runs, events = on_candidate.shape
    wealth = np.zeros((runs, len(none(guardrail).harm)))
    found = np.full(runs, NEVER)
    for step in range(events):
        wealth += event_growth(guardrail, on_candidate[:, step], share)
        reached = (found == NEVER) & (harm_mixture(wealth) >= threshold)
        found[reached] = step + 1
        if not (found == NEVER).any():
            break
    return found
