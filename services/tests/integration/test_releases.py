"""Releases over REST, on their pages and on the command line: a real gateway over a judge on real gRPC."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from fake_judge import CANDIDATE, MEASURES, STABLE, TIMES_WORSE, FakeJudge, Story, harm, pair, story
from integration.conftest import announced, plotlot, stopping
from serving_releases import gateway_over

from plotlot.cli import main

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
WORSE = "rollback: citations got worse by 9 points"


@dataclass
class Site:
    """A gateway, and the judge that it asks."""

    url: str
    judge: FakeJudge

    def get(self, path: str, **more: object) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30, **more)  # type: ignore[arg-type]

    def run(self, *arguments: str) -> Result:
        """The command line against this gateway."""
        return CliRunner().invoke(main, ["release", *arguments], env={"PLOTLOT_URL": self.url})


def rolled_back() -> Story:
    """A release that broke citations, with what it did."""
    found = story("release-bad", "rolled_back", 5, "rollback", WORSE, TIMES_WORSE, weights=(5.0,))
    found.release.candidate_requests, found.release.harmed_requests = 400, 2
    found.pairs += [
        pair(1, HOSTILE, "The rear yard is 20 feet.", f"The rear yard is 12 feet. {HOSTILE}"),
        pair(2, "May I keep goats?", "Not answered.", None, source="gold"),
    ]
    found.harmed += [harm(1, HOSTILE, failed=True), harm(2, "How tall?", failed=False)]
    return found


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Releases of every stage, the newest first."""
    judge = FakeJudge(
        story("release-canary", "canary", 25, weights=(5.0, 25.0)),
        story("release-shadow", "shadow", pairs=20, empty=("agreement", "refusals")),
        story("release-fresh", "shadow", pairs=0, empty=tuple(MEASURES)),
        rolled_back(),
        story("release-good", "promoted", 100, "promote", "promote: nothing is worse", weights=(5.0, 100.0)),
        story("release-stopped", "aborted", 5, pairs=30, weights=(5.0,)),
        story("release-old", "superseded", pairs=30),
        story("release-long", "canary", 50, pairs=1500, weights=(5.0, 25.0, 50.0)),
    )
    with gateway_over(judge) as url:
        yield Site(url, judge)


@pytest.fixture
def open_site() -> Iterator[Site]:
    """A judge of its own, to be steered."""
    judge = FakeJudge(story("release-1", "canary", 5, pairs=30, weights=(5.0,)))
    with gateway_over(judge) as url:
        yield Site(url, judge)


@pytest.fixture
def judgeless() -> Iterator[str]:
    """A gateway whose judge is away."""
    with gateway_over(None) as url:
        yield url


def test_releases_are_listed_with_stage_and_reason(site: Site) -> None:
    found = site.get("/v1/releases").json()["releases"]
    assert [each["id"] for each in found[:2]] == ["release-canary", "release-shadow"]
    assert found[3]["stage"] == "rolled_back"
    assert found[3]["reason"] == WORSE
    assert found[3]["harmed_requests"] == 2
    assert len(site.get("/v1/releases?limit=1").json()["releases"]) == 1


def test_a_release_has_its_evidence_looks_and_verdicts(site: Site) -> None:
    found = site.get("/v1/releases/release-bad").json()
    assert found["changes"] == ["generation.prompt: quotes/1 -> quotes/2"]
    evidence = {each["guardrail"]: each for each in found["evidence"]}
    assert set(evidence) == set(MEASURES)
    assert evidence["citations"]["harm_log_e"] > evidence["citations"]["harm_log_threshold"]
    assert evidence["citations"]["candidate_mean"] > evidence["citations"]["stable_mean"]
    assert {look["guardrail"] for look in found["looks"]} == set(MEASURES)
    assert found["verdicts"][-1]["verdict"] == "rollback"
    assert found["verdicts"][0]["evidence"] == [{"guardrail": "citations"}]
    assert found["closed_at"].endswith("Z")
    assert site.get("/v1/releases/release-canary").json()["closed_at"] is None


def test_pairs_and_harm_are_told_as_they_were(site: Site) -> None:
    pairs = site.get("/v1/releases/release-bad/pairs").json()["pairs"]
    assert pairs[0]["question"] == HOSTILE
    assert pairs[0]["stable"]["scores"] == {"citations": 1.0}
    assert pairs[1]["candidate"] is None
    harmed = site.get("/v1/releases/release-bad/harmed?limit=1").json()["harmed"]
    assert [each["outcome"]["failed"] for each in harmed] == [True]


def test_a_bundle_has_its_manifest(site: Site) -> None:
    found = site.get(f"/v1/bundles/{CANDIDATE.id}").json()
    assert found["manifest"] == CANDIDATE.manifest()
    assert found["registered_at"] == "2026-11-21T18:00:00.000Z"


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("/v1/releases/nothing", "unknown-release"),
        ("/v1/releases/nothing/pairs", "unknown-release"),
        ("/v1/releases/nothing/harmed", "unknown-release"),
        ("/v1/bundles/nothing", "unknown-bundle"),
    ],
)
def test_what_is_not_known_is_a_problem(site: Site, path: str, id: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/errors#{id}"


def test_people_decide_over_the_judge(open_site: Site) -> None:
    body = {"action": "abort", "by": "jo", "why": "the county changed its numbers"}
    answer = httpx.post(f"{open_site.url}/v1/releases/release-1/steer", json=body)
    assert answer.status_code == 200
    assert answer.json()["stage"] == "aborted"
    steered = open_site.judge.steered[0]
    assert (steered.action, steered.by, steered.why) == ("abort", "jo", "the county changed its numbers")


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "by": "jo", "why": "x"},
        {"action": "abort", "by": "", "why": "x"},
        {"action": "abort", "by": "jo", "why": "  "},
        {"action": "abort", "by": "jo"},
        {"action": "abort", "by": "jo", "why": "x", "force": True},
    ],
)
def test_a_decision_has_a_name_and_a_reason(open_site: Site, body: dict) -> None:
    assert httpx.post(f"{open_site.url}/v1/releases/release-1/steer", json=body).status_code == 422
    assert open_site.judge.steered == []


def test_a_form_of_another_site_steers_nothing(open_site: Site) -> None:
    body = json.dumps({"action": "abort", "by": "jo", "why": "x"})
    address = f"{open_site.url}/v1/releases/release-1/steer"
    answer = httpx.post(address, content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
    assert open_site.judge.steered == []


def test_without_a_judge_the_gateway_says_so(judgeless: str) -> None:
    answer = httpx.get(f"{judgeless}/v1/releases", timeout=30)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/errors#service-unavailable"
    page = httpx.get(f"{judgeless}/releases", timeout=30)
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ("release-canary", ["Canary, 25% of sessions", "plotlot release abort release-canary"]),
        ("release-shadow", ["In shadow", "No evidence yet", "plotlot release gold FILE"]),
        ("release-fresh", ["No evidence yet", "None so far."]),
        ("release-bad", ["Rolled back: citations got worse by", "Failed: 503", "Took 4.20 s", "12.9%"]),
        ("release-good", ["Promoted", "nothing is worse"]),
        ("release-stopped", ["Aborted by hand"]),
        ("release-old", ["Superseded"]),
        ("release-long", ["Canary, 50% of sessions"]),
    ],
)
def test_every_stage_has_its_page(site: Site, release: str, words: list[str]) -> None:
    answer = site.get(f"/releases/{release}")
    assert answer.status_code == 200, answer.text
    text = answer.text.replace("&#34;", '"')
    for word in words:
        assert word in text or word.capitalize() in text
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert 'style="' not in text
    refreshes = release in ("release-canary", "release-shadow", "release-fresh", "release-long")
    assert ("data-refresh" in text) == refreshes
    assert ('http-equiv="refresh"' in text) == refreshes


def test_a_page_can_be_held_still(site: Site) -> None:
    text = site.get("/releases/release-canary?refresh=false").text
    assert "refresh=" not in text.replace("?refresh=false", "")
    assert "Follow the release" in text


def test_hostile_questions_and_answers_are_shown_and_never_run(site: Site) -> None:
    text = site.get("/releases/release-bad").text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert(" in text


def test_what_differs_between_two_answers_is_marked(site: Site) -> None:
    text = site.get("/releases/release-bad").text
    assert "<mark>20</mark>" in text
    assert "<mark>12</mark>" in text
    assert "It counts at its worst for promotion." in text


def test_each_guardrail_has_a_chart_in_words(site: Site) -> None:
    text = site.get("/releases/release-bad").text
    assert text.count('role="img"') == len(MEASURES)
    assert "<title>Citations: evidence over time</title>" in text
    assert "rolls the release back at 120" in text


def test_a_manifest_of_other_software_may_be_missing(site: Site) -> None:
    known = site.judge.bundles.pop(STABLE.id)
    try:
        answer = site.get("/releases/release-canary")
    finally:
        site.judge.bundles[STABLE.id] = known
    assert answer.status_code == 200
    assert "The candidate’s manifest" in answer.text
    assert "The stable manifest" not in answer.text


def test_the_list_leads_to_each_release(site: Site) -> None:
    text = site.get("/releases").text
    for each in site.judge.stories:
        assert f'href="/releases/{each.release.id}"' in text
    assert "2 of 400" in text


def test_without_a_release_the_page_says_how_one_begins() -> None:
    with gateway_over(FakeJudge()) as url:
        text = httpx.get(f"{url}/releases").text
    assert "No release yet" in text
    assert "make release BUNDLE=candidate.json" in text


def test_an_unknown_release_is_a_page(site: Site) -> None:
    answer = site.get("/releases/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["status"], 0),
        (["status", "release-good"], 0),
        (["status", "release-bad"], 3),
        (["status", "release-stopped"], 3),
        (["status", "release-nothing"], 3),
        (["status", "bundle-nothing"], 3),
        (["status", "release-good", "--watch"], 0),
        (["status", "release-bad", "--watch"], 3),
        (["status", "release-old", "--watch"], 3),
        (["status", "release-canary", "--watch", "--timeout", "0"], 4),
        (["status", "nobody", "--watch", "--timeout", "0"], 4),
        (["explain", "release-bad"], 0),
        (["explain", "release-fresh"], 0),
        (["abort", "release-canary"], 2),
        (["shadow", "turn", "release-canary"], 2),
    ],
)
def test_exit_codes(site: Site, arguments: list[str], code: int) -> None:
    result = site.run(*arguments)
    assert result.exit_code == code, result.output


def test_the_status_is_of_the_newest_release_or_of_a_candidate(site: Site) -> None:
    assert json.loads(site.run("status", "--json").stdout)["id"] == "release-canary"
    assert json.loads(site.run("status", CANDIDATE.id, "--json").stdout)["id"] == "release-canary"
    both = f"{STABLE.id}..{CANDIDATE.id}"
    assert json.loads(site.run("status", both, "--json").stdout)["id"] == "release-canary"
    assert site.run("status", f"{CANDIDATE.id}..{STABLE.id}").exit_code == 3
    assert json.loads(site.run("list", "--json").stdout)["releases"][0]["id"] == "release-canary"


def test_an_explanation_names_the_guardrail_its_figures_and_the_worst_pairs(site: Site) -> None:
    text = site.run("explain", "release-bad").output
    assert "Rolled back: citations got worse by 10.8 points" in text
    assert text.index("Citations  Worse") < text.index("Slow answers")
    assert "2.1% of citations did not hold on stable, 12.9% on the candidate" in text
    assert "The rear yard is 12 feet." in text
    assert "failed 503" in text
    document = json.loads(site.run("explain", "release-bad", "--json").stdout)
    assert [each["request_id"] for each in document["pairs"]] == ["req-1", "req-2"]


def test_a_decision_by_hand_is_sent_with_name_and_reason(open_site: Site) -> None:
    result = open_site.run("shadow", "stop", "release-1", "--by", "jo")
    assert result.exit_code == 0
    assert "shadow stopped" in result.output
    result = open_site.run("promote", "release-1", "--why", "looked at every pair", "--by", "jo", "--json")
    assert json.loads(result.stdout)["stage"] == "promoted"
    assert [(each.action, each.by) for each in open_site.judge.steered] == [
        ("stop_shadow", "jo"),
        ("promote", "jo"),
    ]
    assert open_site.judge.steered[1].why == "looked at every pair"


def test_known_answers_are_sent_as_they_were_written(open_site: Site, tmp_path: Path) -> None:
    cases = [
        {"question": "How tall may a house be?", "municipality": "Testford, OH", "words": ["35 feet"]},
        {"question": "May I keep a dragon?", "municipality": "Testford, OH", "refused": True},
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, cases)))
    result = open_site.run("gold", str(file))
    assert result.exit_code == 0, result.output
    assert "2 of 2 added" in result.output
    assert json.loads(open_site.run("gold", str(file), "--json").stdout) == {"given": 2, "added": 0}
    file.write_text('{"question": "How tall?"}')
    refused = open_site.run("gold", str(file))
    assert refused.exit_code == 2
    assert "say what is known of the answer" in refused.output


def test_a_watch_waits_for_the_release_to_begin_and_ends_with_it() -> None:
    judge = FakeJudge()
    with gateway_over(judge) as url:
        arguments = (
            "release",
            "status",
            CANDIDATE.id,
            "--watch",
            "--every",
            "0.1",
            "--timeout",
            "60",
            "--json",
        )
        process = plotlot(*arguments, env={"PLOTLOT_URL": url})
        with stopping(process):
            announced(process, "waiting: there is no release of")
            judge.stories.append(story("release-1", "shadow", pairs=3))
            announced(process, "release-1: In shadow")
            judge.stories[0].release.stage = "promoted"
            output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(output)["stage"] == "promoted"


def test_a_watch_without_an_id_follows_the_next_release_and_not_one_that_was_decided() -> None:
    judge = FakeJudge(story("release-1", "rolled_back", 5, pairs=3))
    with gateway_over(judge) as url:
        process = plotlot("release", "status", "--watch", "--every", "0.1", env={"PLOTLOT_URL": url})
        with stopping(process):
            assert "waiting for the next; release-1: Rolled back" in announced(process, "waiting")
            judge.stories.insert(0, story("release-2", "canary", 5, pairs=3))
            announced(process, "release-2: Canary")
            judge.stories.insert(0, story("release-3", "shadow", pairs=3))
            judge.stories[1].release.stage = "promoted"
            output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "release-2" in output


def test_a_watch_goes_on_while_the_gateway_is_away() -> None:
    judge = FakeJudge(story("release-1", "canary", 5, pairs=3))
    with gateway_over(judge) as url:
        away = url.rsplit(":", 1)[0] + ":9"
        process = plotlot("release", "status", "--watch", "--every", "0.1", env={"PLOTLOT_URL": away})
        with stopping(process):
            assert "waiting: the gateway at" in announced(process, "waiting")
            assert process.poll() is None
