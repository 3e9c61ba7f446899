"""The same hours of rollouts under this judge and under the rules of others."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plotlot.evaluation.delivery.intervals import wilson
from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.rivals import argo, flagger, kayenta, peeked_z
from plotlot.evaluation.delivery.rivals.rule import Rule
from plotlot.evaluation.delivery.rollout import rolled_out, users_only
from plotlot.evaluation.delivery.streams import Change, Numbers, Random
from plotlot.evaluation.delivery.traffic import Day, harmed_until, hours, seen

BATCH = 250  # hours that are in memory at a time
USUAL_FAILING, USUAL_WRONG = Change(0.02, 0.02), Change(0.2, 0.2)
DAYS = (
    Day("healthy", USUAL_FAILING, USUAL_WRONG),
    Day("healthy, both fail 6 % today", Change(0.06, 0.06), USUAL_WRONG),
    Day("healthy, harder questions today", USUAL_FAILING, Change(0.3, 0.3)),
    Day("failures 2 % to 4 %", Change(0.02, 0.04), USUAL_WRONG, harmful=True),
    Day("failures 2 % to 6 %", Change(0.02, 0.06), USUAL_WRONG, harmful=True),
    Day("failures 2 % to 50 %", Change(0.02, 0.5), USUAL_WRONG, harmful=True),
    Day("right answers 80 % to 75 %", USUAL_FAILING, Change(0.2, 0.25), harmful=True),
    Day("right answers 80 % to 60 %", USUAL_FAILING, Change(0.2, 0.4), harmful=True),
)
OTHERS: dict[str, tuple[Rule, ...]] = {
    "kayenta": kayenta.SETTINGS,
    "flagger": flagger.SETTINGS,
    "argo": argo.SETTINGS,
    "peeked_z": peeked_z.SETTINGS,
}
HELD = 0.05  # false rollbacks on a usual day that a rule may have to be compared


@dataclass
class Tally:
    """What came of one rule on each day, run by run."""

    minutes: dict[str, list[Numbers]] = field(default_factory=dict)
    harmed: dict[str, list[Numbers]] = field(default_factory=dict)

    def add(self, day: Day, minutes: Numbers, harmed: Numbers) -> None:
        """Count more runs of a day."""
        self.minutes.setdefault(day.name, []).append(minutes)
        self.harmed.setdefault(day.name, []).append(harmed)

    def figures(self) -> dict[str, Any]:
        """False rollbacks on the usual healthy day and on the worst one, misses and users harmed by change."""
        false = {day.name: self._rate(day, rolled_back=True) for day in DAYS if not day.harmful}
        missed = {day.name: self._rate(day, rolled_back=False) for day in DAYS if day.harmful}
        harmed = {
            day.name: round(float(np.concatenate(self.harmed[day.name]).mean()), 1)
            for day in DAYS
            if day.harmful
        }
        return {
            "false_rollback": false[DAYS[0].name]["rate"],
            "false_rollback_interval": false[DAYS[0].name]["interval"],
            "false_rollback_worst_day": max(each["rate"] for each in false.values()),
            "missed": mean([each["rate"] for each in missed.values()]),
            "harmed": mean(list(harmed.values())),
            "by_change": {
                name: {"missed": each["rate"], "missed_interval": each["interval"], "harmed": harmed[name]}
                for name, each in missed.items()
            },
            "by_healthy_day": false,
        }

    def _rate(self, day: Day, rolled_back: bool) -> dict[str, Any]:
        minutes = np.concatenate(self.minutes[day.name])
        count = int(((minutes < NEVER) == rolled_back).sum())
        return rate(count, len(minutes))


def compare(random: Random, runs: int) -> dict[str, Any]:
    """Figures of this judge, with its shadow stage and without, and of each rule at each setting."""
    ours, without = Tally(), Tally()
    theirs = {rule: Tally() for rules in OTHERS.values() for rule in rules}
    for day in DAYS:
        for done in range(0, runs, BATCH):
            hour = hours(random, min(BATCH, runs - done), day)
            shown = seen(hour)
            for tally, outcomes in ((ours, rolled_out(hour)), (without, users_only(hour))):
                tally.add(day, outcomes.minutes, outcomes.harmed)
            for rule, tally in theirs.items():
                minutes = rule.rolled_back(shown)
                tally.add(day, minutes, harmed_until(hour, minutes))
    others = {name: _settings([(rule, theirs[rule]) for rule in rules]) for name, rules in OTHERS.items()}
    return {
        "plotlot": ours.figures(),
        "plotlot_users_only": without.figures(),
        "others": others,
        "fewer_harmed": fewer_harmed(ours.figures(), others),
        "fewer_harmed_users_only": fewer_harmed(without.figures(), others),
    }


def _settings(rules: list[tuple[Rule, Tally]]) -> dict[str, Any]:
    """The figures of a rule's first setting, which is its usual one, and all of them."""
    each = [{"setting": rule.setting, **tally.figures()} for rule, tally in rules]
    usual = {key: each[0][key] for key in ("setting", "false_rollback", "missed", "harmed")}
    return {**usual, "settings": each}


def fewer_harmed(ours: dict[str, Any], others: dict[str, Any]) -> list[dict[str, Any]]:
    """Rules of few false rollbacks on a usual day that harm fewer users of a change, without missing more."""
    found = []
    for name, rule in others.items():
        for setting in rule["settings"]:
            if setting["false_rollback"] > HELD:
                continue
            for change, figures in setting["by_change"].items():
                own = ours["by_change"][change]
                if figures["harmed"] < own["harmed"] and figures["missed"] <= own["missed"]:
                    found.append({"rule": name, "setting": setting["setting"], "change": change})
    return found


def rate(count: int, runs: int) -> dict[str, Any]:
    """A rate with its 95 % interval."""
    low, high = wilson(count, runs)
    return {"rate": round(count / runs, 4), "interval": [round(low, 4), round(high, 4)]}


def mean(values: list[float]) -> float:
    """The mean, in four places."""
    return round(sum(values) / len(values), 4)
