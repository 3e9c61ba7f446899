"""What people on call are told of a release at each of its stages."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plotlot.gateway.releases.view import further_pairs, guardrail_view, runs_of, state_of, steps_of, view_of

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
HARM, FINE = math.log(120), math.log(20)


def evidence(guardrail: str = "citations", **changes: Any) -> dict[str, Any]:
    given = {
        "guardrail": guardrail, "measure": "score", "margin": 0.02, "pairs": 100, "set_aside": 0, "missing": 0,
        "stable_events": 0, "candidate_events": 0, "stable_mean": 0.02, "candidate_mean": 0.02,
        "harm_log_e": 0.0, "harm_log_threshold": HARM, "noninferior_log_e": 1.0,
        "noninferior_log_threshold": FINE,
    }  # fmt: skip
    return {**given, **changes}


def release(stage: str = "canary", weight: float = 5.0, **changes: Any) -> dict[str, Any]:
    given = {
        "id": "release-1", "stable": "bundle-a", "candidate": "bundle-b", "stage": stage, "weight": weight,
        "verdict": "continue", "reason": "continue: citations may still be worse", "shadow_stopped": False,
        "opened_at": at(-300), "closed_at": None, "asked_at": at(-3),
        "changes": ["generation.prompt: quotes/1 -> quotes/2"], "candidate_requests": 10, "harmed_requests": 0,
        "evidence": [evidence()], "looks": [], "verdicts": [],
    }  # fmt: skip
    return {**given, **changes}


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def verdict(
    seconds: float, stage: str, weight: float, verdict: str = "continue", reason: str = "why"
) -> dict:
    return {
        "at": at(seconds), "stage": stage, "weight": weight, "verdict": verdict, "reason": reason, "evidence": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"pairs": 0}, "empty"),
        ({"pairs": 0, "missing": 4}, "undecided"),
        ({"pairs": 0, "candidate_events": 1}, "undecided"),
        ({}, "undecided"),
        ({"harm_log_e": HARM * 0.6}, "leaning"),
        ({"noninferior_log_e": FINE}, "proven"),
        ({"harm_log_e": HARM}, "worse"),
        ({"harm_log_e": HARM, "noninferior_log_e": FINE}, "worse"),
    ],
)
def test_the_state_of_a_guardrail(changes: dict[str, Any], state: str) -> None:
    assert state_of(evidence(**changes)) == state


def test_a_guardrail_says_by_how_much_it_got_worse() -> None:
    view = guardrail_view(evidence(candidate_mean=0.083, missing=2, set_aside=7, candidate_events=3))
    assert (view.difference, view.margin) == ("+6.3 points", "2 points")
    assert view.sentence == "2.0% of citations did not hold on stable, 8.3% on the candidate."
    assert view.counted == (
        "100 sessions, 2 without the candidate's answer, 7 set aside,"
        " users: 3 events on the candidate, 0 on stable"
    )


def test_what_would_decide_is_told_in_sessions() -> None:
    assert further_pairs(evidence(noninferior_log_e=FINE / 4)) == 300
    assert further_pairs(evidence(noninferior_log_e=-1.0)) is None
    assert "300 more sessions" in guardrail_view(evidence(noninferior_log_e=FINE / 4)).decides
    assert "plotlot release gold FILE" in guardrail_view(evidence("agreement", pairs=0)).decides


@pytest.mark.parametrize(
    ("changes", "mood", "headline"),
    [
        ({"stage": "promoted"}, "good", "Promoted"),
        ({"stage": "aborted"}, "bad", "Aborted by hand"),
        ({"stage": "superseded"}, "quiet", "Superseded"),
        ({"evidence": []}, "quiet", "No evidence yet"),
        ({"evidence": [evidence(pairs=0)]}, "quiet", "No evidence yet"),
        ({}, "quiet", "No harm seen: 0 of 1 guardrails settled"),
        (
            {"evidence": [evidence(noninferior_log_e=FINE), evidence("cost")]},
            "good",
            "No harm seen: 1 of 2 guardrails settled",
        ),
        (
            {"evidence": [evidence(noninferior_log_e=FINE)]},
            "good",
            "Going well: every guardrail is within its margin",
        ),
        (
            {"evidence": [evidence(), evidence("latency", harm_log_e=HARM * 0.6, candidate_mean=0.06)]},
            "watch",
            "Slow answers may be getting worse: +4 points",
        ),
        (
            {"evidence": [evidence(), evidence("failure", harm_log_e=HARM, candidate_mean=0.07)]},
            "bad",
            "Failures got worse by 5 points: it goes back",
        ),
        (
            {
                "stage": "rolled_back",
                "evidence": [evidence("agreement", pairs=0), evidence(harm_log_e=4.0, candidate_mean=0.12)],
            },
            "bad",
            "Rolled back: citations got worse by 10 points",
        ),
    ],
)
def test_the_headline_says_how_it_goes(changes: dict[str, Any], mood: str, headline: str) -> None:
    view = view_of(release(**changes), NOW)
    assert (view.mood, view.headline) == (mood, headline)


def test_the_guardrail_that_people_must_see_comes_first() -> None:
    found = [
        evidence("cost", noninferior_log_e=FINE),
        evidence("agreement", pairs=0),
        evidence("latency", harm_log_e=HARM * 0.7),
        evidence("citations", harm_log_e=HARM),
        evidence("failure"),
    ]
    names = [each.name for each in view_of(release(evidence=found), NOW).guardrails]
    assert names == ["citations", "latency", "agreement", "failure", "cost"]


def test_the_reason_does_not_repeat_the_verdict() -> None:
    assert view_of(release(), NOW).summary == "citations may still be worse"


@pytest.mark.parametrize(
    ("stage", "weight", "verdicts", "steps"),
    [
        ("shadow", 0, [], "now ahead ahead ahead ahead"),
        ("canary", 25, [verdict(-9, "canary", 5)], "done done now ahead ahead"),
        ("promoted", 100, [], "done done done done done"),
        (
            "rolled_back",
            0,
            [verdict(-9, "shadow", 0), verdict(-8, "canary", 5)],
            "done stopped ahead ahead ahead",
        ),
        ("rolled_back", 0, [verdict(-9, "shadow", 0)], "stopped ahead ahead ahead ahead"),
        ("aborted", 0, [], "stopped ahead ahead ahead ahead"),
        ("superseded", 5, [verdict(-9, "shadow", 0)], "done stopped ahead ahead ahead"),
        ("canary", 10, [], "done done now ahead ahead ahead"),
    ],
)
def test_the_steps_say_where_it_stands_or_ended(
    stage: str, weight: float, verdicts: list[dict], steps: str
) -> None:
    found = steps_of(release(stage, weight, verdicts=verdicts))
    assert " ".join(step.state for step in found) == steps


def test_verdicts_that_repeat_are_one_run_and_the_watch_runs_beside() -> None:
    given = [verdict(n, "canary", 5, reason=f"continue: {n}") for n in range(0, 60, 10)]
    given += [verdict(n, "watch", 5) for n in range(5, 65, 10)]
    given.append(verdict(70, "canary", 5, "promote", "promote: all is well"))
    runs = runs_of(given)
    assert [(run.verdict, run.stage, run.number) for run in runs] == [
        ("promote", "Canary, 5% of sessions", 1),
        ("continue", "On watch", 6),
        ("continue", "Canary, 5% of sessions", 6),
    ]
    assert runs[0].reason == "all is well"
    assert runs[2].reason == "50"


def test_people_are_told_what_they_may_have_to_do() -> None:
    found = release(
        shadow_stopped=True, asked_at=at(-600), evidence=[evidence(), evidence("refusals", pairs=0)]
    )
    notices = view_of(found, NOW).notices
    assert any("plotlot release shadow start release-1" in notice for notice in notices)
    assert any("for 10 minutes" in notice for notice in notices)
    assert any(notice.startswith("Refusals: it holds up promotion") for notice in notices)
    assert view_of(release("promoted", shadow_stopped=True), NOW).notices == ()
