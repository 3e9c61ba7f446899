"""An hour of a rollout: what users meet follows the verdicts, and only those who were worse off are harmed."""

import numpy as np

from plotlot.evaluation.delivery.comparison import compare, fewer_harmed
from plotlot.evaluation.delivery.judged import NEVER
from plotlot.evaluation.delivery.rollout import rolled_out, users_only
from plotlot.evaluation.delivery.streams import Change
from plotlot.evaluation.delivery.traffic import MINUTES, WEIGHTS, Day, harmed_until, hours, seen

ALIKE = Day("alike", Change(0.02, 0.02, agreement=1.0), Change(0.2, 0.2, agreement=1.0))
BROKEN = Day("broken", Change(0.02, 0.9), Change(0.2, 0.2), harmful=True)


def test_a_candidate_that_answers_alike_meets_all_users_and_harms_nobody() -> None:
    outcomes = rolled_out(hours(np.random.default_rng(1), 20, ALIKE))
    assert (outcomes.minutes == NEVER).all()
    assert (outcomes.weights == len(WEIGHTS) - 1).all()
    assert outcomes.harmed.sum() == 0


def test_a_broken_candidate_meets_no_user() -> None:
    outcomes = rolled_out(hours(np.random.default_rng(1), 20, BROKEN))
    assert (outcomes.minutes <= 2).all()
    assert outcomes.harmed.sum() == 0
    assert (outcomes.weights == 0).all()


def test_without_a_shadow_users_meet_it_first() -> None:
    outcomes = users_only(hours(np.random.default_rng(1), 20, BROKEN))
    assert (outcomes.minutes < 10).all()
    assert outcomes.harmed.min() > 0


def test_harm_grows_with_the_share_and_with_time() -> None:
    hour = hours(np.random.default_rng(1), 10, BROKEN)
    assert hour.harmed[0].sum() == 0
    assert (np.diff(hour.harmed.astype(int), axis=0) >= 0).all()
    early, late = (harmed_until(hour, np.full(10, minute)) for minute in (10.0, NEVER))
    assert (early < late).all()


def test_dashboards_show_the_planned_weights() -> None:
    shown = seen(hours(np.random.default_rng(1), 50, BROKEN))
    shares = shown.candidate_requests.mean(axis=0) / 100
    assert shares[:20].mean() < 0.07 < 0.2 < shares[20:40].mean() < 0.3 < 0.45 < shares[40:].mean() < 0.55
    assert shown.candidate_bad.shape == (2, 50, MINUTES)
    assert (shown.candidate_requests + shown.stable_requests == 100).all()


def test_only_rules_of_few_false_rollbacks_that_miss_no_more_are_said_to_harm_fewer() -> None:
    def figures(false: float, missed: float, harmed: float) -> dict:
        return {
            "setting": f"{false} {missed} {harmed}",
            "false_rollback": false,
            "by_change": {"change": {"missed": missed, "harmed": harmed}},
        }

    settings = [figures(0.04, 0, 1), figures(0.06, 0, 1), figures(0.04, 0.5, 1), figures(0.04, 0, 3)]
    found = fewer_harmed(figures(0.03, 0.1, 2), {"other": {"settings": settings}})
    assert [row["setting"] for row in found] == ["0.04 0 1"]


def test_the_comparison_has_every_rule_and_change() -> None:
    found = compare(np.random.default_rng(1), 10)
    assert set(found["others"]) == {"kayenta", "flagger", "argo", "peeked_z"}
    for rule in found["others"].values():
        assert len(rule["settings"]) >= 5
        assert {"false_rollback", "missed", "harmed"} <= set(rule)
    assert found["plotlot"]["missed"] <= 0.2
    assert found["plotlot"]["harmed"] < found["plotlot_users_only"]["harmed"]
