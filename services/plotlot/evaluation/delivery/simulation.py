"""What ``plotlot judge simulate`` runs: each scenario by its name, from a seed, so that any may be run alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from plotlot.domain.guardrails import DEFAULT, Guardrail, Guardrails, Measure
from plotlot.domain.verdicts import Stage, Verdict, decide
from plotlot.evaluation.delivery.comparison import compare, rate
from plotlot.evaluation.delivery.effects import (
    ALPHA,
    MARGIN,
    Effect,
    effects,
    figures,
    observations,
    observations_told,
)
from plotlot.evaluation.delivery.judged import NEVER, Events, Times, times
from plotlot.evaluation.delivery.streams import (
    Change,
    Differences,
    Numbers,
    Random,
    cost_differences,
    differences,
    score_differences,
    session_differences,
)

PAIRS = 6000
BATCH = 250
ALL = Guardrails(alpha=ALPHA, each=DEFAULT)
ONE = Guardrails(alpha=ALPHA, each=(Guardrail("answers", Measure.SCORE, margin=MARGIN),))
SAME = Change(0.2, 0.2)
WORSE = Change(0.2, 0.25)
DROP = Effect("right answers 80 % to 75 %", "harm", WORSE)
NO_CHANGE = Effect("no change, margin 5 points", "no change", SAME)
ERRORS = Effect("failures 2 % to 6 %, equal shares", "events", Change(0.02, 0.06))
HOURS = {"two_hours": 2, "day": 24}
LOOKS = (50, 100, 200, 400, 800, 1500, 3000, 6000)

Scenario = Callable[[Random, int], dict[str, Any]]


def scenarios() -> dict[str, Scenario]:
    """Every scenario by its name; the slowest first, for those who run several at a time."""
    return {
        "comparison": compare,
        "healthy": healthy,
        "range": effect_range,
        "margin": margin,
        "sessions": sessions,
        "peeking": peeking,
        "drop5": partial(of_effect, effect=DROP, outcome="rolled_back", unit="pairs"),
        "no_change": partial(of_effect, effect=NO_CHANGE, outcome="promoted", unit="pairs"),
        "errors": partial(of_effect, effect=ERRORS, outcome="rolled_back", unit="requests"),
        "low_traffic": low_traffic,
        "no_traffic": no_traffic,
        "missing": missing,
    }


def run(name: str, runs: int, seed: int) -> dict[str, Any]:
    """One scenario; its chances depend on the seed and its name only."""
    random = np.random.default_rng([seed, *name.encode()])
    return scenarios()[name](random, runs)


def simulated(runs: int, seed: int, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The results of all scenarios, as the command prints them."""
    comparison = results["comparison"]
    return {
        "runs": runs,
        "seed": seed,
        **{name: results[name] for name in ("healthy", "margin", "drop5", "no_change", "errors", "sessions")},
        "bound_ratio": {name: results[name]["bound_ratio"] for name in ("drop5", "no_change", "errors")},
        "range": results["range"]["effects"],
        **{name: results[name] for name in ("low_traffic", "no_traffic", "missing", "peeking")},
        "plotlot": comparison["plotlot"],
        "plotlot_users_only": comparison["plotlot_users_only"],
        "others": comparison["others"],
        "fewer_harmed": comparison["fewer_harmed"],
        "fewer_harmed_users_only": comparison["fewer_harmed_users_only"],
    }


def healthy(random: Random, runs: int) -> dict[str, Any]:
    """All guardrails together, nothing changed, pairs and users' events under rising weights, 6,000 looks."""
    found = _batches(
        runs, lambda batch: times(ALL, _all_guardrails(random, batch, PAIRS), _events(random, batch))
    )
    false, promoted = found.harm < NEVER, found.noninferior < found.harm
    return {
        **_named("false_rollback", int(false.sum()), runs),
        **_named("promoted", int(promoted.sum()), runs),
        "median_pairs": _median(np.where(promoted, found.noninferior, NEVER)),
    }


def margin(random: Random, runs: int) -> dict[str, Any]:
    """One guardrail exactly at its margin, 6,000 looks: as the judge ends it, and had nobody rolled back before."""
    found = _batches(runs, lambda batch: times(ONE, differences(random, (1, batch, PAIRS), WORSE)))
    return {
        **_named("promoted", int((found.noninferior < found.harm).sum()), runs),
        **_named("promoted_without_rollbacks", int((found.noninferior < NEVER).sum()), runs),
    }


def of_effect(random: Random, runs: int, effect: Effect, outcome: str, unit: str) -> dict[str, Any]:
    """One guardrail alone at 5 %, until its verdict."""
    needed = observations(random, runs, effect)
    measured = figures(effect, needed)
    return {
        **_named(outcome, int((needed < NEVER).sum()), runs),
        f"median_{unit}": measured["median"],
        f"mean_{unit}": measured["mean"],
        "bound": measured["bound"],
        "bound_ratio": measured["ratio"],
        "bound_ratio_interval": measured["ratio_interval"],
    }


def sessions(random: Random, runs: int) -> dict[str, Any]:
    """Nothing changed, ten requests a session of which nine in ten repeat its fate: by session, and by request."""

    def both(batch: int) -> Times:
        drawn = session_differences(random, batch, PAIRS // 10, 10, SAME, repeated=0.9)
        by_session = times(ONE, drawn.mean(axis=-1)[None], seek=("harm",)).harm
        return Times(by_session, times(ONE, drawn.reshape(1, batch, -1), seek=("harm",)).harm)

    found = _batches(runs, both)
    return {
        **_named("false_rollback", int((found.harm < NEVER).sum()), runs),
        **_named("false_rollback_by_request", int((found.noninferior < NEVER).sum()), runs),
    }


def low_traffic(random: Random, runs: int) -> dict[str, Any]:
    """A request a minute, one in five shadowed: all guardrails healthy, and one at its margin."""
    pairs = max(HOURS.values()) * 12
    same = times(ALL, _all_guardrails(random, runs, pairs), seek=("harm",))
    worse = _all_guardrails(random, runs, pairs)
    index = [guardrail.name for guardrail in DEFAULT].index("agreement")
    worse[index] = differences(random, (runs, pairs), WORSE)
    found = times(ALL, worse)
    promoted = np.where(found.noninferior < found.harm, found.noninferior, NEVER)
    return {
        name: {
            **_named("false_rollback", int((same.harm <= hours * 12).sum()), runs),
            **_named("worse_promoted", int((promoted <= hours * 12).sum()), runs),
        }
        for name, hours in HOURS.items()
    }


def no_traffic(random: Random, runs: int) -> dict[str, Any]:
    """No evidence at all: whatever is asked, as the judge itself decides."""
    asked = [(stage, int(met)) for stage in Stage for met in random.integers(0, 10**6, 100)]
    given = [decide(ALL, {}, stage, met).verdict for stage, met in asked]
    return {"verdicts": len(given), "other_than_continue": sum(each != Verdict.CONTINUE for each in given)}


def missing(random: Random, runs: int, pairs: int = 2000, share: float = 0.3) -> dict[str, Any]:
    """Nothing changed, but three in ten answers of the candidate never arrive."""
    told = differences(random, (1, runs, pairs), SAME)
    away = random.random(told.shape, np.float32) < share
    harm = times(ONE, np.where(away, 0, told), seek=("harm",)).harm
    sure = times(ONE, np.where(away, 1, told), seek=("noninferior",)).noninferior
    return {
        **_named("false_rollback", int((harm < NEVER).sum()), runs),
        **_named("promoted", int((sure < NEVER).sum()), runs),
    }


def peeking(random: Random, runs: int) -> dict[str, Any]:
    """False alarms so far after so many pairs: this judge, and a z-test of pairs looked at each 50."""
    alarms: list[Numbers] = []

    def one(batch: int) -> Times:
        drawn = differences(random, (1, batch, PAIRS), SAME)
        alarms.append(_z_alarm(drawn[0]))
        return times(ONE, drawn, seek=("harm",))

    ours = _batches(runs, one).harm
    theirs = np.concatenate(alarms)
    return {
        "pairs": list(LOOKS),
        "judge": [round(float((ours <= look).mean()), 4) for look in LOOKS],
        "z_each_50": [round(float((theirs <= look).mean()), 4) for look in LOOKS],
    }


def effect_range(random: Random, runs: int) -> dict[str, Any]:
    """Every effect of the range beside its bound, and beside a test that was told it."""
    return {"effects": [_beside_bound(random, runs, effect) for effect in effects()]}


def _beside_bound(random: Random, runs: int, effect: Effect) -> dict[str, Any]:
    told = figures(effect, observations_told(random, runs, effect))
    return {**figures(effect, observations(random, runs, effect)), "told_ratio": told["ratio"]}


def _z_alarm(drawn: Differences) -> Numbers:
    """Pairs until a one-sided z-test of the mean at 5 %, each 50 pairs, is first significant."""
    looks = np.arange(50, drawn.shape[1] + 1, 50)
    total = np.cumsum(drawn, axis=1, dtype=np.float64)[:, looks - 1]
    squares = np.cumsum(drawn**2, axis=1, dtype=np.float64)[:, looks - 1]
    spread = np.sqrt(np.maximum(squares - total**2 / looks, 1e-12))
    high = total / spread > 1.6449
    return np.where(high.any(axis=1), looks[high.argmax(axis=1)], NEVER)


def _all_guardrails(random: Random, runs: int, pairs: int) -> Differences:
    """Healthy differences of PlotLot's own guardrails [guardrails, runs, pairs]."""
    shape = (runs, pairs)
    by_name = {
        "failure": lambda: differences(random, shape, Change(0.02, 0.02)),
        "latency": lambda: differences(random, shape, Change(0.05, 0.05)),
        "citations": lambda: score_differences(random, shape, quotes=6, right=0.95),
        "agreement": lambda: differences(random, shape, SAME),
        "refusals": lambda: differences(random, shape, Change(0.1, 0.1)),
        "cost": lambda: cost_differences(random, shape, scale=1.0),
    }
    return np.stack([by_name[guardrail.name]() for guardrail in DEFAULT])


def _events(random: Random, runs: int) -> Events:
    """A user's request beside each pair, at 5, 25 and then 50 %, that may fail or be too slow on either side."""
    shares = np.repeat([0.05, 0.25, 0.5], PAIRS // 3)
    whose = np.zeros((len(DEFAULT), runs, PAIRS), np.int8)
    for index, chance in ((0, 0.02), (1, 0.05)):
        happened = random.random((runs, PAIRS), np.float32) < chance
        candidate = random.random((runs, PAIRS), np.float32) < shares
        whose[index] = np.where(happened, np.where(candidate, 1, -1), 0)
    return Events(whose, shares)


def _batches(runs: int, found: Callable[[int], Times]) -> Times:
    """Runs in parts that fit in memory."""
    parts = [found(min(BATCH, runs - done)) for done in range(0, runs, BATCH)]
    return Times(
        np.concatenate([part.harm for part in parts]), np.concatenate([part.noninferior for part in parts])
    )


def _named(name: str, count: int, runs: int) -> dict[str, Any]:
    measured = rate(count, runs)
    return {name: measured["rate"], f"{name}_interval": measured["interval"]}


def _median(values: Numbers) -> float | None:
    middle = float(np.median(values))
    return middle if middle < NEVER else None
