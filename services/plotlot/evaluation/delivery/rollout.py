"""The judge over an hour of a rollout: shadow first, then users, by evidence; or users only, by the clock."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.domain.sequential import (
    event_growth,
    harm_growth,
    harm_mixture,
    mean_log_e,
    noninferior_growth,
    noninferior_mixture,
)
from plotlot.domain.verdicts import log_threshold
from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.streams import Numbers
from plotlot.evaluation.delivery.traffic import MINUTES, SHADOWED, WEIGHTS, Hour, planned

GUARDRAILS = Guardrails(
    each=(
        Guardrail("failure", Measure.FAILURE, margin=0.02),
        Guardrail("answers", Measure.SCORE, margin=0.05),
    )
)


@dataclass(frozen=True)
class Outcomes:
    """The minute of each run's rollback, infinite where there is none, its users harmed, and how far it came."""

    minutes: Numbers
    harmed: Numbers
    weights: NDArray[np.intp]


def rolled_out(hour: Hour, guardrails: Guardrails = GUARDRAILS) -> Outcomes:
    """As it is deployed: looked at each minute; a promotion raises the weight, a rollback ends it."""
    harm, sure = _pairs_by_minute(hour, guardrails)
    threshold, runs = log_threshold(guardrails), hour.runs
    weight, sessions = np.zeros(runs, np.intp), np.zeros(runs)
    users = np.zeros((runs, len(guardrails.each), harm.shape[-1]))
    minutes, harmed, every = np.full(runs, NEVER), np.zeros(runs), np.arange(runs)
    for minute in range(MINUTES):
        going = minutes == NEVER
        harmed += np.where(going, hour.harmed[weight, every, minute], 0)
        sessions += hour.candidate_requests[weight, every, minute]
        for index in range(1, len(WEIGHTS) - 1):
            at = going & (weight == index)
            users[at] += _events(hour, guardrails, index, minute)[at]
        worse = mean_log_e(harm_mixture(harm[:, :, minute] + users)) >= threshold
        # After the last promotion nobody looks any more: what was missed is missed.
        going &= weight < len(WEIGHTS) - 1
        minutes[going & worse] = minute + 1
        enough = (weight == 0) | (sessions >= guardrails.least_sessions)
        further = going & ~worse & enough & (noninferior_mixture(sure[:, :, minute]).min(axis=1) >= threshold)
        weight[further] += 1
        sessions[further] = 0
    return Outcomes(minutes, harmed, weight)


def users_only(hour: Hour, guardrails: Guardrails = GUARDRAILS) -> Outcomes:
    """Without a shadow stage, at the weights of the clock: bad answers of users are all there is to bet on."""
    plan = planned()
    wealth = np.cumsum([_events(hour, guardrails, plan[minute], minute) for minute in range(MINUTES)], axis=0)
    worse = mean_log_e(harm_mixture(wealth)) >= log_threshold(guardrails)
    minutes = np.where(worse.any(axis=0), worse.argmax(axis=0) + 1, NEVER)
    met = np.arange(MINUTES)[:, None] < minutes
    harmed = np.where(met, hour.harmed[plan, :, np.arange(MINUTES)], 0).sum(axis=0).astype(np.float64)
    return Outcomes(minutes, harmed, np.full(hour.runs, plan[-1]))


def _pairs_by_minute(hour: Hour, guardrails: Guardrails) -> tuple[Numbers, Numbers]:
    """Wealth of the bets on pairs at the end of each minute [runs, guardrails, minutes, bets], of both kinds."""
    harm, sure = [], []
    for guardrail, differences in zip(guardrails.each, hour.differences.astype(np.float64), strict=True):
        squares = np.cumsum(differences**2, axis=1) - differences**2
        known = np.arange(differences.shape[1])
        harm.append(_ends(harm_growth(guardrail, differences)))
        sure.append(_ends(noninferior_growth(guardrail, differences, known, squares)))
    return np.stack(harm, 1), np.stack(sure, 1)


def _ends(growth: Numbers) -> Numbers:
    runs, _, bets = growth.shape
    ends: Numbers = growth.reshape(runs, MINUTES, SHADOWED, bets).sum(axis=2).cumsum(axis=1)
    return ends


def _events(hour: Hour, guardrails: Guardrails, index: int, minute: int) -> Numbers:
    """What a minute's events at a weight add to the bets [runs, guardrails, bets]."""
    share = WEIGHTS[index] / 100
    grown = []
    for metric, guardrail in enumerate(guardrails.each):
        each = event_growth(guardrail, [False, True], share)
        stable, candidate = (bad[index, metric, :, minute] for bad in (hour.stable_bad, hour.candidate_bad))
        grown.append(stable[:, None] * each[0] + candidate[:, None] * each[1])
    return np.stack(grown, 1)
