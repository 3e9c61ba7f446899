"""When the judge decides: its own arithmetic, over many runs at once, looked at after every observation."""

from collections.abc import Iterator
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
THINNED = 32  # runs that are decided leave after so many steps


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
    seek: tuple[str, ...] = ("harm", "noninferior"),
) -> Times:
    """First times of both kinds, from differences [guardrails, runs, pairs]; ``seek`` says which are wanted."""
    runs = differences.shape[1]
    found = {"harm": np.full(runs, NEVER), "noninferior": np.full(runs, NEVER)}
    threshold = log_threshold(guardrails)
    for step, running, states in _steps(guardrails, differences, events, found, seek):
        for name, log_e in states.items():
            reached = running[log_e >= threshold]
            found[name][reached] = np.minimum(found[name][reached], step)
    return Times(found["harm"], found["noninferior"])


def _steps(
    guardrails: Guardrails,
    differences: Differences,
    events: Events | None,
    found: dict[str, Numbers],
    seek: tuple[str, ...],
) -> Iterator[tuple[int, NDArray[np.intp], dict[str, Numbers]]]:
    """After each pair: its number, the runs still going, and each kind's evidence over all guardrails."""
    count, runs, pairs = differences.shape
    start = none(guardrails.each[0])
    running = np.arange(runs)
    harm = np.zeros((runs, count, len(start.harm)))
    sure = np.zeros((runs, count, len(start.noninferior)))
    squares = np.zeros((runs, count))
    for step in range(pairs):
        now = differences[:, running, step].T.astype(np.float64)
        states = {}
        for index, guardrail in enumerate(guardrails.each):
            if "harm" in seek:
                harm[:, index] += harm_growth(guardrail, now[:, index])
                if events is not None:
                    whose = events.whose[index, running, step]
                    grown = event_growth(guardrail, whose > 0, events.shares[step])
                    harm[:, index] += grown * (whose != 0)[:, None]
            if "noninferior" in seek:
                sure[:, index] += noninferior_growth(guardrail, now[:, index], step, squares[:, index])
        squares += now * now
        if "harm" in seek:
            states["harm"] = mean_log_e(harm_mixture(harm))
        if "noninferior" in seek:
            states["noninferior"] = noninferior_mixture(sure).min(axis=1)
        yield step + 1, running, states
        if step % THINNED == 0:
            going = np.logical_or.reduce([found[name][running] == NEVER for name in seek])
            running, harm, sure, squares = running[going], harm[going], sure[going], squares[going]
            if not len(running):
                return


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
