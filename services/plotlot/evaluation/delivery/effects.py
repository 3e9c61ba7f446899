"""Expected observations until the verdict, beside Wald's bound, over a range of effects."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from plotlot.domain.guardrails import Guardrail, Guardrails, Measure
from plotlot.evaluation.delivery import bounds
from plotlot.evaluation.delivery.judged import event_times, times
from plotlot.evaluation.delivery.streams import Change, Numbers, Random, differences

ALPHA = 0.05
MARGIN = 0.05
WITHIN = 2000  # observations that a test which was told the effect may need, to be held to the bound
LONGEST = 12  # times the bound: nearly no run lasts so long
MILDEST = 0.001  # information of one observation under which a range is cut


@dataclass(frozen=True)
class Effect:
    """One effect and one side of the test; ``share`` is the candidate's, for events among users."""

    name: str
    kind: str  # harm, no change or events
    change: Change
    margin: float = MARGIN
    share: float = 0.5
    guardrails: int = 1

    @property
    def rate(self) -> float:
        """Information of one observation, in nats."""
        if self.kind == "harm":
            return bounds.harm_rate(self.change)
        if self.kind == "no change":
            return bounds.noninferior_rate(self.change, self.margin)
        return bounds.event_rate(self.change.stable, self.change.candidate, self.share)

    @property
    def bound(self) -> float:
        """The least expected observations of a test that was told the effect."""
        return bounds.observations(self.rate, ALPHA, self.guardrails)


def judged(effect: Effect) -> Guardrails:
    """The judge for one guardrail of so many: alone, it must show log(k / alpha)."""
    guardrail = Guardrail("answers", Measure.SCORE, margin=effect.margin)
    return Guardrails(alpha=ALPHA / effect.guardrails, each=(guardrail,))


def observations(random: Random, runs: int, effect: Effect) -> Numbers:
    """Observations until the verdict in each run; infinite where it took over LONGEST times the bound."""
    most = int(effect.bound * LONGEST) + 50
    if effect.kind == "events":
        return _requests(random, runs, effect)
    found = []
    for done in range(0, runs, 500):
        stream = differences(random, (1, min(500, runs - done), most), effect.change)
        kind = "harm" if effect.kind == "harm" else "noninferior"
        found.append(getattr(times(judged(effect), stream, seek=(kind,)), kind))
    return np.concatenate(found)


def _requests(random: Random, runs: int, effect: Effect) -> Numbers:
    """Users' requests until events were enough: the gaps between events, and whose each was."""
    change, share = effect.change, effect.share
    chance = share * change.candidate + (1 - share) * change.stable
    events = int(effect.bound * chance * LONGEST) + 50
    on_candidate = random.random((runs, events), np.float32) < share * change.candidate / chance
    needed = event_times(judged(effect), on_candidate, np.full(events, share))
    requests = np.cumsum(random.geometric(chance, (runs, events)), axis=1).astype(np.float64)
    last = np.where(np.isfinite(needed), needed, 1).astype(np.intp) - 1
    return np.where(np.isfinite(needed), requests[np.arange(runs), last], np.inf)


def figures(effect: Effect, needed: Numbers) -> dict[str, Any]:
    """Mean beside the bound with its 95 % interval, median, and how many never came to it."""
    decided = needed[np.isfinite(needed)]
    mean = float(decided.mean())
    half = 1.96 * float(decided.std(ddof=1)) / len(decided) ** 0.5 if len(decided) > 1 else 0.0
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
        for effect in _all(guardrails):
            if effect.rate > MILDEST and effect.bound <= WITHIN:
                yield effect


def _all(guardrails: int) -> Iterator[Effect]:
    for points in (3, 5, 8, 12, 20, 40):
        change = Change(0.2, 0.2 + points / 100)
        yield Effect(f"right answers 80 % to {80 - points} %", "harm", change, guardrails=guardrails)
    for points in (5, 10):
        change = Change(0.2, 0.2 + points / 100, agreement=0.0)
        name = f"right answers 80 % to {80 - points} %, luck not shared"
        yield Effect(name, "harm", change, guardrails=guardrails)
    yield Effect("every answer worse", "harm", Change(0.0, 1.0), guardrails=guardrails)
    for percent in (4, 6, 10, 20, 50):
        change = Change(0.02, percent / 100)
        yield Effect(f"failures 2 % to {percent} %, equal shares", "events", change, guardrails=guardrails)
    for share in (0.25, 0.05):
        for percent in (6, 10, 20):
            change = Change(0.02, percent / 100)
            name = f"failures 2 % to {percent} %, candidate's share {share:.0%}"
            yield Effect(name, "events", change, share=share, guardrails=guardrails)
    if guardrails > 1:  # for a promotion each guardrail needs 1 / alpha, however many there are
        return
    for margin in (0.02, 0.05, 0.1):
        yield Effect(f"same answers, margin {margin:g}", "no change", Change(0.2, 0.2, 1.0), margin)
        for bad, agreement in ((0.02, 0.8), (0.2, 0.8), (0.2, 0.0)):
            shared = "" if agreement else ", luck not shared"
            name = f"{bad:.0%} bad on both sides, margin {margin:g}{shared}"
            yield Effect(name, "no change", Change(bad, bad, agreement), margin)
