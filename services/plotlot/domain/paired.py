"""Whether a change made answers worse: the same cases before and after it, their differences clustered by town.

Questions about one code go well or badly together, so the town is the unit, and each town counts the same: what is
estimated is the mean over towns of the mean difference over a town's cases, positive being better.

- 20 towns or more: bootstrap over towns, its percentiles widened for the number of towns (Hesterberg 2015,
  The American Statistician 69).
- 2 to 19 towns: t interval of the towns' means (Ibragimov and Müller 2010, JBES 28), which keeps its level also
  where towns vary unequally as long as each side has at most 4 % (Bakirov and Székely 2005). Resampling so few towns
  would give intervals that are too narrow. Towns may come out alike by luck, for their scores are coarse: so the
  error is at least what the cases within towns vary by.
- one town: t interval over its cases; it speaks of that town alone.

Fail where all of the interval is worse than the margin, pass where none of it is, otherwise inconclusive. A change
that made no case worse passes, however unequal its gains; ``unseen`` says how many cases it may make worse without
having met one of these.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from plotlot.domain.quantiles import normal_tail, student

ALPHA = 0.025  # each side: together an interval of 95 %
TOWNS_TO_RESAMPLE = 20
RESAMPLES = 4000
MOST_NEEDED = 1_000_000


class GateVerdict(StrEnum):
    """What a gate says of a change."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Margin:
    """What a metric may lose before it counts as worse; ``relative`` margins are shares of the mean before."""

    metric: str
    margin: float
    higher_is_better: bool = True
    relative: bool = False


@dataclass(frozen=True, slots=True)
class CasePair:
    """One case's score before and after; None is a score that is missing."""

    case: str
    town: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric before and after, and the verdict on it.

    ``low`` is compared with the margin to pass, ``high`` to fail. ``missing`` pairs lack a score and count against
    the change. ``needed`` cases would decide it at what is seen now; None where it is decided, or no number would.
    """

    margin: Margin
    verdict: GateVerdict
    before: float | None
    after: float | None
    difference: float
    low: float
    high: float
    cases: int
    towns: int
    worse: int
    better: int
    missing: int
    method: str
    needed: int | None
    unseen: float


def compare(margin: Margin, pairs: Sequence[CasePair], draws: np.random.Generator) -> Comparison:
    """The verdict on one metric: it fails with at most ``ALPHA`` where the true loss is within the margin."""
    if not pairs:
        raise ValueError(f"no case has {margin.metric}")
    gains = gains_of(margin, pairs)
    of_towns = gains_by_town(pairs, gains)
    towns = len(of_towns)
    units = [mean(of_town) for of_town in of_towns] if towns > 1 else gains
    centre = mean(units)
    error = max(standard_error(units), _error_within(of_towns) if towns > 1 else 0.0)
    if towns >= TOWNS_TO_RESAMPLE:
        low, high = _resampled(units, draws)
    else:
        low, high = _t_interval(units, error)
    low = low if min(gains) < 0 else max(low, 0.0)
    verdict = _verdict(low, high, margin.margin)
    undecided = verdict is GateVerdict.INCONCLUSIVE
    return Comparison(
        margin=margin,
        verdict=verdict,
        before=_mean_of_towns((pair.town, pair.before) for pair in pairs),
        after=_mean_of_towns((pair.town, pair.after) for pair in pairs),
        difference=centre,
        low=low,
        high=high,
        cases=len(pairs),
        towns=towns,
        worse=sum(gain < 0 for gain in gains),
        better=sum(gain > 0 for gain in gains),
        missing=sum(pair.before is None or pair.after is None for pair in pairs),
        method=method_words(towns),
        needed=cases_needed(len(units), error, centre + margin.margin, len(pairs)) if undecided else None,
        unseen=1 - ALPHA ** (1 / len(pairs)),
    )


def overall(comparisons: Iterable[Comparison]) -> GateVerdict:
    """Fail where one metric fails, pass where all pass; of nothing compared nothing is known."""
    verdicts = {comparison.verdict for comparison in comparisons}
    if GateVerdict.FAIL in verdicts:
        return GateVerdict.FAIL
    return GateVerdict.PASS if verdicts == {GateVerdict.PASS} else GateVerdict.INCONCLUSIVE


def gains_of(margin: Margin, pairs: Sequence[CasePair]) -> list[float]:
    """How much better each case got. What is missing after the change counts as the worst; what was missing before
    it, as no gain."""
    known = [pair.before for pair in pairs if pair.before is not None]
    usual = mean(known) if known else 0.0
    scale = (usual or 1.0) if margin.relative else 1.0
    return [_gain(margin, pair, usual) / scale for pair in pairs]


def _gain(margin: Margin, pair: CasePair, usual: float) -> float:
    if pair.before is None:
        return 0.0
    if pair.after is None:  # no score at all, or as if the cost had doubled
        return -pair.before if margin.higher_is_better else -max(pair.before, usual)
    return pair.after - pair.before if margin.higher_is_better else pair.before - pair.after


def gains_by_town(pairs: Sequence[CasePair], gains: Sequence[float]) -> list[list[float]]:
    """The gains of each town's cases, towns in their order by name."""
    by_town: dict[str, list[float]] = defaultdict(list)
    for pair, gain in zip(pairs, gains, strict=True):
        by_town[pair.town].append(gain)
    return [of_town for _, of_town in sorted(by_town.items())]


def _mean_of_towns(scores: Iterable[tuple[str, float | None]]) -> float | None:
    by_town: dict[str, list[float]] = defaultdict(list)
    for town, score in scores:
        if score is not None:
            by_town[town].append(score)
    return mean([mean(known) for known in by_town.values()]) if by_town else None


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean of at least one value."""
    return math.fsum(values) / len(values)


def standard_error(values: Sequence[float]) -> float:
    """The standard error of a mean; 0 where there is one value."""
    return float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _error_within(of_towns: Sequence[Sequence[float]]) -> float:
    """The standard error of the mean over towns that comes from the cases within them."""
    return math.sqrt(sum(standard_error(gains) ** 2 for gains in of_towns)) / len(of_towns)


def _resampled(units: Sequence[float], draws: np.random.Generator) -> tuple[float, float]:
    """What the mean lies above, and below, each but with the chance ``ALPHA``, by the bootstrap."""
    values, count = np.asarray(units, dtype=float), len(units)
    means = values[draws.integers(0, count, size=(RESAMPLES, count))].mean(axis=1)
    tail = _widened(ALPHA, count)
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _t_interval(units: Sequence[float], error: float) -> tuple[float, float]:
    """The same, by Student's t. One value by itself says nothing, unless it is that nothing changed."""
    centre, degrees = mean(units), len(units) - 1
    if not degrees:
        return (-math.inf, math.inf) if centre else (0.0, 0.0)
    half = student(1 - ALPHA, degrees) * error
    return centre - half, centre + half


def _widened(alpha: float, count: int) -> float:
    """The percentile whose distance is that of a t interval."""
    return normal_tail(math.sqrt(count / (count - 1)) * student(1 - alpha, count - 1))


def _verdict(low: float, high: float, margin: float) -> GateVerdict:
    if high < -margin:
        return GateVerdict.FAIL
    return GateVerdict.PASS if low > -margin else GateVerdict.INCONCLUSIVE


def method_words(towns: int) -> str:
    """How the interval was made, for people."""
    if towns >= TOWNS_TO_RESAMPLE:
        return f"bootstrap over {towns} towns"
    return f"t interval of {towns} towns" if towns > 1 else "t interval of one town's cases"


def cases_needed(units: int, error: float, distance: float, cases: int) -> int | None:
    """The cases that would decide, were the mean and the spread of the units those seen; None where none would.

    ``units`` have the standard error ``error``; their mean is ``distance`` away from the margin.
    """
    if units < 2 or not distance:
        return None
    spread, low, high = error * math.sqrt(units), units, MOST_NEEDED
    if _half_width(spread, high) > abs(distance):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(spread, middle) < abs(distance) else (middle + 1, high)
    return math.ceil(low * cases / units)


def _half_width(spread: float, units: int) -> float:
    return student(1 - ALPHA, units - 1) * spread / math.sqrt(units)
