"""Evidence that may be looked at as often as anybody likes: tests by betting.

Somebody who doubts the candidate starts with 1 and bets on each answer, at odds that are fair as long as
the candidate is no worse. Then nobody expects to gain: the wealth is an e-process, and the chance that it ever
reaches 1 / alpha is at most alpha, whenever and however often it is read (Ville 1939). A second bettor
doubts that the candidate is worse by the margin, in the same way; what makes that one rich is non-inferiority.

- A pair's difference d in [-1, 1] multiplies the wealth by 1 + stake * d, or by 1 + stake * (margin - d)
  (betting on bounded means: Waudby-Smith & Ramdas 2024, JRSS-B 86, arXiv 2010.09686).
- An event among users multiplies it by q / share where the candidate had it, else by (1 - q) / (1 - share),
  with q = share * r / (share * r + 1 - share): the likelihood ratio of "given an event, it is r times as
  probable in a session of the candidate" (conditional binomial; the share may change from one to the next).

A test that knew the effect would need log(1 / alpha) / KL observations (Wald 1945). Nobody knows it:

- Harm has any size. The start is spread over bets on many ratios and their wealths are added (a mixture:
  Robbins 1970), so that the price of not knowing is about the same for each: bets lie closer where evidence
  tells ratios apart better by the time of a decision, at a density of sqrt(Fisher information / KL), and
  the ends, with neighbours on one side only, weigh more (by evening out exact expected numbers).
- Whoever hopes for a promotion expects no change; what is unknown is how often answers differ by chance. That
  is estimated from the pairs before, and staked upon (the best stake of a chance that is known: Kelly 1956). Two
  smaller bets are on a candidate worse by half of the margin, and better by all of it.

``docs/benchmarks-delivery.md`` shows what all this costs beside that bound.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plotlot.domain.guardrails import Guardrail
from plotlot.domain.outcomes import Difference

Numbers = NDArray[np.float64]

BETS = 16
# The boldest bet on harm, and what the mildest and the boldest weigh. At an alpha of 5 %, six answers in a row that got
# worse are then enough, or nine where there are six guardrails; a test that was told would take five, or seven.
MOST_RATIO = 22.0
HARM_ENDS = (0.06, 0.22)
# Stakes on non-inferiority, as multiples of the best one where nothing changed, and what each bet weighs.
NONINFERIOR_MULTIPLES = (0.5, 1.0, 2.0)
NONINFERIOR_WEIGHTS = (1 / 6, 2 / 3, 1 / 6)
# Of the most that may be staked, a little is kept, so that no single answer takes everything.
MOST_STAKED = 0.985
# How often answers differ, before any was seen: as if one in ten had, of five pairs.
SUPPOSED_PAIRS, SUPPOSED_SQUARES = 5, 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one guardrail: the logarithm of each bet's wealth, and the counts to tell people.

    ``pairs`` were bet on (sessions of them), ``missing`` of which have no answer of the candidate; ``squares`` is
    the sum of their squared differences. Sums and counts are of the measure, more is worse; events are users'.
    """

    harm: tuple[float, ...]
    noninferior: tuple[float, ...]
    pairs: int = 0
    missing: int = 0
    squares: float = 0.0
    stable_sum: float = 0.0
    stable_count: int = 0
    candidate_sum: float = 0.0
    candidate_count: int = 0
    stable_events: int = 0
    candidate_events: int = 0

    @property
    def stable_mean(self) -> float | None:
        """Mean of the measure over the stable bundle's answers; None without any."""
        return self.stable_sum / self.stable_count if self.stable_count else None

    @property
    def candidate_mean(self) -> float | None:
        """Mean of the measure over the candidate's answers; None without any."""
        return self.candidate_sum / self.candidate_count if self.candidate_count else None

    def values(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def evidence_from(values: Mapping[str, Any]) -> Evidence:
    """Evidence from its ``values()``. Raises ValueError for what this code cannot continue."""
    known = {**values, "harm": tuple(values["harm"]), "noninferior": tuple(values["noninferior"])}
    evidence = Evidence(**known)
    made, makes = (len(evidence.harm), len(evidence.noninferior)), (BETS, len(NONINFERIOR_WEIGHTS))
    if made != makes:
        raise ValueError(f"evidence of {made} bets, where this code makes {makes}")
    return evidence


def none(guardrail: Guardrail) -> Evidence:
    """Before the first answer: every bet has its start, whatever the guardrail."""
    return Evidence((0.0,) * BETS, (0.0,) * len(NONINFERIOR_WEIGHTS))


def with_differences(evidence: Evidence, guardrail: Guardrail, said: Sequence[Difference]) -> Evidence:
    """Bet on what sessions say, one after another, each the mean of its pairs in [-1, 1].

    The two bettors are told ``harm`` and ``inferior``: they differ where an answer is missing, which counts 0 for
    harm and 1, the worst, for non-inferiority.
    """
    harm = np.array([one.harm for one in said])
    inferior = np.array([one.inferior for one in said])
    squares = inferior * inferior
    earlier = evidence.squares + np.cumsum(squares) - squares
    grown = noninferior_growth(guardrail, inferior, evidence.pairs + np.arange(len(said)), earlier)
    stable = [one.stable for one in said if one.stable is not None]
    candidate = [one.candidate for one in said if one.candidate is not None]
    return replace(
        evidence,
        harm=_added(evidence.harm, harm_growth(guardrail, harm).sum(axis=0)),
        noninferior=_added(evidence.noninferior, grown.sum(axis=0)),
        pairs=evidence.pairs + len(said),
        missing=evidence.missing + sum(one.missing for one in said),
        squares=evidence.squares + float(squares.sum()),
        stable_sum=evidence.stable_sum + sum(stable),
        stable_count=evidence.stable_count + len(stable),
        candidate_sum=evidence.candidate_sum + sum(candidate),
        candidate_count=evidence.candidate_count + len(candidate),
    )


def with_event(evidence: Evidence, guardrail: Guardrail, on_candidate: bool, share: float) -> Evidence:
    """Bet on whose session failed, or was too slow; ``share`` is the chance that a session was the candidate's.

    At a share of 0 or 1 only one bundle could have had it: that is counted, and says nothing.
    """
    harm = evidence.harm
    if 0 < share < 1:
        harm = _added(harm, event_growth(guardrail, on_candidate, share))
    return replace(
        evidence,
        harm=harm,
        stable_events=evidence.stable_events + (not on_candidate),
        candidate_events=evidence.candidate_events + on_candidate,
    )


def harm_log_e(evidence: Evidence) -> float:
    """Logarithm of the e-value against "the candidate is no worse"."""
    return float(harm_mixture(np.array(evidence.harm)))


def noninferior_log_e(evidence: Evidence) -> float:
    """Logarithm of the e-value against "the candidate is worse by the margin, or by more"."""
    return float(noninferior_mixture(np.array(evidence.noninferior)))


def harm_growth(guardrail: Guardrail, differences: ArrayLike) -> Numbers:
    """What differences [...] add to the logarithms of the wealth of each bet on harm [..., bets]."""
    ratios = harm_ratios(guardrail.least_ratio)
    stakes = (ratios - 1) / (ratios + 1)
    growth: Numbers = np.log1p(stakes * _bounded(differences)[..., None])
    return growth


def noninferior_growth(
    guardrail: Guardrail, differences: ArrayLike, pairs: ArrayLike, squares: ArrayLike
) -> Numbers:
    """What differences [...] add to the logarithms of the wealth of each bet on non-inferiority [..., bets].

    ``pairs`` and ``squares`` [...] are the number of differences before each, and the sum of their squares.
    """
    best = noninferior_stake(guardrail.margin, pairs, squares)[..., None] * np.array(NONINFERIOR_MULTIPLES)
    stakes = np.minimum(best, MOST_STAKED / (1 - guardrail.margin))
    growth: Numbers = np.log1p(stakes * (guardrail.margin - _bounded(differences)[..., None]))
    return growth


def noninferior_stake(margin: float, pairs: ArrayLike, squares: ArrayLike) -> Numbers:
    """The stake that grows fastest where d is 1 and -1 with one same chance, as it was in pairs before.

    That chance is half the mean square; the stake solves the derivative of the expected logarithm.
    """
    chance = (np.asarray(squares) + SUPPOSED_SQUARES) / (np.asarray(pairs) + SUPPOSED_PAIRS) / 2
    product = 1 - margin * margin
    linear = 2 * product * chance - 2 * margin * margin * (1 - chance)
    root = np.sqrt(linear * linear + 4 * product * margin * margin)
    stake: Numbers = (root - linear) / (2 * product * margin)
    return stake


def event_growth(guardrail: Guardrail, on_candidate: ArrayLike, shares: ArrayLike) -> Numbers:
    """What events [...] at shares [...], above 0 and below 1, add to the same bets on harm."""
    ratios = harm_ratios(guardrail.least_ratio)
    share = np.asarray(shares, np.float64)[..., None]
    on = np.asarray(on_candidate, bool)[..., None]
    growth: Numbers = np.where(on, np.log(ratios), 0.0) - np.log1p(share * (ratios - 1))
    return growth


def harm_mixture(wealth: Numbers) -> Numbers:
    """Logarithm of the e-value of bets on harm [..., bets]."""
    return _mixture(wealth, _harm_weights())


def noninferior_mixture(wealth: Numbers) -> Numbers:
    """Logarithm of the e-value of bets on non-inferiority [..., bets]."""
    return _mixture(wealth, np.array(NONINFERIOR_WEIGHTS))


def mean_log_e(log_es: ArrayLike) -> Numbers:
    """Logarithm of the mean of e-values, given their logarithms [..., guardrails]: an e-value of all at once."""
    logs = np.asarray(log_es, np.float64)
    return _mixture(logs, np.full(logs.shape[-1], 1 / logs.shape[-1]))


@lru_cache(maxsize=64)
def harm_ratios(least_ratio: float) -> Numbers:
    """The effects that are bet on: harm so many times as often as its contrary."""
    odds = np.linspace(math.log(least_ratio), math.log(MOST_RATIO), 2001)
    chance = 1 / (1 + np.exp(-odds))
    information = chance * (1 - chance)
    divergence = odds * chance - np.log1p(np.exp(odds)) + math.log(2)
    density = np.sqrt(information / divergence)
    reached = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return _constant(np.exp(np.interp(np.linspace(0, reached[-1], BETS), reached, odds)))


@lru_cache(maxsize=1)
def _harm_weights() -> Numbers:
    mildest, boldest = HARM_ENDS
    weights = np.full(BETS, (1 - mildest - boldest) / (BETS - 2))
    weights[0], weights[-1] = mildest, boldest
    return _constant(weights)


def _mixture(wealth: Numbers, weights: Numbers) -> Numbers:
    most = wealth.max(axis=-1)
    total: Numbers = most + np.log(np.exp(wealth - most[..., None]) @ weights)
    return total


def _added(wealth: tuple[float, ...], growth: Numbers) -> tuple[float, ...]:
    return tuple((np.array(wealth) + growth).tolist())


def _bounded(differences: ArrayLike) -> Numbers:
    values = np.asarray(differences, np.float64)
    if not np.all(np.abs(values) <= 1):
        raise ValueError("a difference lies in [-1, 1]")
    return values


def _constant(values: Numbers) -> Numbers:
    values.setflags(write=False)
    return values
