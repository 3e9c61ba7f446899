"""Expected observations until the verdict, beside Wald's bound, over a range of effects."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.evaluation.delivery import bounds
from plotlot.evaluation.delivery.judged import NEVER, event_times, times
from plotlot.evaluation.delivery.streams import Change, Differences, Numbers, Random, differences

ALPHA = 0.05
MARGIN = 0.05
LEAST_RATIO = Guardrail("answers", Measure.SCORE, margin=MARGIN).least_ratio
MILD_RATIO = 1.2  # where luck is not shared, harm that is found in time is milder
WITHIN = 2000  # observations that a test which was told the effect may need, to be held to the bound
LONGEST = 12  # times the bound: nearly no run lasts so long
BATCH = 500


@dataclass(frozen=True)
class Effect:
    """One effect and one side of the test; ``share`` is the candidate's, for events among users."""

    name: str
    kind: str  # harm, no change or events
    change: Change
    margin: float = MARGIN
    share: float = 0.5
    guardrails: int = 1
    least_ratio: float = LEAST_RATIO

    @property
    def chance(self) -> float:
        """Of an event in a user's request, whoever answered it."""
        return self.share * self.change.candidate + (1 - self.share) * self.change.stable

    @property
    def whose(self) -> float:
        """Chance that an event is the candidate's."""
        return self.share * self.change.candidate / self.chance

    @property
    def rate(self) -> float:
        """Information of one observation, in nats."""
        if self.kind == "harm":
            return bounds.harm_rate(self.change)
        if self.kind == "no change":
            return bounds.noninferior_rate(self.change, self.margin)
        return self.chance * bounds.divergence(self.whose, self.share)

    @property
    def bound(self) -> float:
        """The least expected observations of a test that was told the effect."""
        return bounds.observations(self.rate, ALPHA, self.guardrails)

    @property
    def longest(self) -> int:
        """Observations after which a run is given up."""
        return int(self.bound * LONGEST) + 50


def judged(effect: Effect) -> Guardrails:
    """The judge for one guardrail of so many: alone, it must show log(k / alpha)."""
    guardrail = Guardrail("answers", Measure.SCORE, margin=effect.margin, least_ratio=effect.least_ratio)
    return Guardrails(alpha=ALPHA / effect.guardrails, each=(guardrail,))


def observations(random: Random, runs: int, effect: Effect) -> Numbers:
    """Observations until the verdict in each run; infinite where a run was given up."""
    if effect.kind == "events":
        on_candidate = _whose(random, runs, effect)
        return _requests(random, effect, event_times(judged(effect), on_candidate, effect.share))
    if effect.kind == "harm":
        each = [times(judged(effect), stream, seek=("harm",)).harm for stream in _pairs(random, runs, effect)]
    else:
        seek = ("noninferior",)
        each = [
            times(judged(effect), stream, seek=seek).noninferior for stream in _pairs(random, runs, effect)
        ]
    return np.concatenate(each)


def observations_told(random: Random, runs: int, effect: Effect) -> Numbers:
    """The same for a test that was told the effect and stakes everything on it (Wald 1945)."""
    threshold = math.log(effect.guardrails / ALPHA)
    if effect.kind == "events":
        won, lost = math.log(effect.whose / effect.share), math.log((1 - effect.whose) / (1 - effect.share))
        growth = np.where(_whose(random, runs, effect), won, lost)
        return _requests(random, effect, _first(growth, threshold))
    each = [_first(_told(effect, stream[0]), threshold) for stream in _pairs(random, runs, effect)]
    return np.concatenate(each)


def figures(effect: Effect, needed: Numbers) -> dict[str, Any]:
    """Mean beside the bound with its 95 % interval, median, and how many never came to it."""
    decided = needed[np.isfinite(needed)]
    mean = float(decided.mean())
    half = 1.96 * float(decided.std()) / len(decided) ** 0.5
    middle = float(np.median(needed))
    return {
        "effect": effect.name,
        "kind": effect.kind,
        "guardrails": effect.guardrails,
        "bound": round(effect.bound, 1),
        "mean": round(mean, 1),
        "median": middle if np.isfinite(middle) else None,
        "ratio": round(mean / effect.bound, 3),
        "ratio_interval": [round((mean - half) / effect.bound, 3), round((mean + half) / effect.bound, 3)],
        "undecided": int(len(needed) - len(decided)),
    }


def effects() -> Iterator[Effect]:
    """Those that a test which was told them would catch within 2,000 observations, for 1 and for 6 guardrails."""
    for guardrails in (1, 6):
        for effect in (*_harms(guardrails), *_failures(guardrails)):
            if effect.bound <= WITHIN:
                yield effect
    # For a promotion each guardrail must show 1 / alpha, however many there are.
    for effect in _unchanged():
        if effect.bound <= WITHIN:
            yield effect


def _harms(guardrails: int) -> Iterator[Effect]:
    for points in (2, 3, 5, 8, 12, 20, 40):
        change = Change(0.2, 0.2 + points / 100)
        yield Effect(f"right answers 80 % to {80 - points} %", "harm", change, guardrails=guardrails)
    for points in (5, 10):
        change = Change(0.2, 0.2 + points / 100, agreement=0.0)
        name = f"right answers 80 % to {80 - points} %, luck not shared, bets from {MILD_RATIO:g}"
        yield Effect(name, "harm", change, guardrails=guardrails, least_ratio=MILD_RATIO)
    yield Effect("every answer worse", "harm", Change(0.0, 1.0), guardrails=guardrails)


def _failures(guardrails: int) -> Iterator[Effect]:
    for share, candidates in ((0.5, (4, 6, 10, 20, 50)), (0.25, (6, 10, 20)), (0.05, (6, 10, 20))):
        for percent in candidates:
            change = Change(0.02, percent / 100)
            name = f"failures 2 % to {percent} %, candidate's share {100 * share:.0f} %"
            yield Effect(name, "events", change, share=share, guardrails=guardrails)


def _unchanged() -> Iterator[Effect]:
    for margin in (0.02, 0.05, 0.1):
        name = f"same answers, margin {100 * margin:.0f} points"
        yield Effect(name, "no change", Change(0.2, 0.2, 1.0), margin)
        for bad, agreement in ((0.02, 0.8), (0.2, 0.8), (0.2, 0.0)):
            name = f"{100 * bad:.0f} % bad on both sides, margin {100 * margin:.0f} points"
            shared = "" if agreement else ", luck not shared"
            yield Effect(name + shared, "no change", Change(bad, bad, agreement), margin)


def _pairs(random: Random, runs: int, effect: Effect) -> Iterator[Differences]:
    """Streams of pairs [1, runs, pairs], in parts that fit in memory."""
    for done in range(0, runs, BATCH):
        yield differences(random, (1, min(BATCH, runs - done), effect.longest), effect.change)


def _told(effect: Effect, stream: Differences) -> Numbers:
    """What pairs add to the logarithm of the best bet."""
    with np.errstate(divide="ignore"):  # the best bet may lose everything, where that cannot happen
        if effect.kind == "harm":
            worse, better = effect.change.chances
            return np.log1p((worse - better) / (worse + better) * stream.astype(np.float64))
        stake = bounds.noninferior_stake(effect.change, effect.margin)
        return np.log1p(stake * (effect.margin - stream.astype(np.float64)))


def _whose(random: Random, runs: int, effect: Effect) -> NDArray[np.bool_]:
    """Whether each event was the candidate's [runs, events]."""
    events = int(effect.longest * effect.chance) + 50
    return random.random((runs, events), np.float32) < effect.whose


def _requests(random: Random, effect: Effect, events: Numbers) -> Numbers:
    """Users' requests until so many of them had an event."""
    decided = np.isfinite(events)
    needed = np.where(decided, events, 1).astype(np.int64)
    return np.where(decided, needed + random.negative_binomial(needed, effect.chance), NEVER)


def _first(growth: Numbers, threshold: float) -> Numbers:
    """Observations until the sum of growth [runs, observations] first reaches the threshold."""
    reached = np.cumsum(growth, axis=1) >= threshold
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, NEVER)
