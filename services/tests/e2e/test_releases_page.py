"""The pages of releases in a real Chromium: followed, read on a phone and in the dark, without scripts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import Page
from fake_judge import HEALTHY, MEASURES, TIMES_WORSE, FakeJudge, Story, harm, pair, story
from page_checks import PHONE, UNLABELLED, faults
from serving_releases import gateway_over

HOSTILE = "<img src=x onerror=\"document.title = 'run'\"><script>document.title = 'run'</script>"
LONG = "Q" * 2000
RELEASES = (
    "release-good",
    "release-bad",
    "release-leaning",
    "release-fresh",
    "release-promoted",
    "release-long",
)


def stories() -> list[Story]:
    """A release of each kind, with what people may type and software may answer."""
    bad = story("release-bad", "rolled_back", 5, "rollback", HOSTILE, TIMES_WORSE, weights=(5.0,))
    bad.release.harmed_requests = bad.release.candidate_requests = 2
    bad.release.changes.append(f"images.default: none -> registry.test/plotlot@sha256:{'b' * 64}")
    bad.pairs += [pair(1, HOSTILE, "20 feet", f"12 feet {HOSTILE}"), pair(2, "Goats?", "Not answered.", None)]
    bad.harmed += [harm(1, HOSTILE, failed=True), harm(2, LONG, failed=False)]
    long = story("release-long", "canary", 50, pairs=1500, weights=(5.0, 25.0, 50.0))
    long.release.reason = "why " * 400
    long.pairs += [pair(number, LONG, "one " * 500, "another " * 250) for number in range(20)]
    return [
        story("release-good", "canary", 25, weights=(5.0, 25.0)),
        story("release-leaning", "canary", 5, rates={**HEALTHY, "latency": (0.02, 0.05)}, weights=(5.0,)),
        story("release-fresh", "shadow", pairs=0, empty=tuple(MEASURES)),
        bad,
        story("release-promoted", "promoted", 100, "promote", weights=(5.0, 100.0)),
        long,
    ]


@pytest.fixture(scope="module")
def judge() -> FakeJudge:
    return FakeJudge(*stories())


@pytest.fixture(scope="module")
def site(judge: FakeJudge) -> Iterator[str]:
    with gateway_over(judge) as url:
        yield url


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("path", ["/releases", *(f"/releases/{release}" for release in RELEASES)])
def test_every_page_can_be_read(page: Page, site: str, tmp_path: Path, path: str, colours: str) -> None:
    page.media(prefers_color_scheme=colours)
    page.size(*PHONE)
    page.open(site + path)
    assert faults(page) == []
    assert page.complaints == []
    assert "run" not in page.run("document.title")
    page.screenshot(tmp_path / f"{colours}.png")


def test_the_verdict_is_seen_without_scrolling(page: Page, site: str) -> None:
    page.open(f"{site}/releases/release-bad")
    assert page.text("#verdict") == "Rolled back: citations got worse by 10.8 points"
    assert page.run("document.querySelector('.stages').getBoundingClientRect().bottom < innerHeight")
    assert page.run("document.querySelector('.card h3').innerText").startswith("Citations")
    assert page.run("document.querySelector('.card.is-worse h3').getBoundingClientRect().top < innerHeight")


def test_the_list_leads_to_a_release(page: Page, site: str) -> None:
    page.open(f"{site}/releases")
    page.click("a[href='/releases/release-bad']")
    page.wait(lambda: page.path() == "/releases/release-bad")
    page.wait(lambda: page.text("#verdict"))
    assert page.run("document.querySelectorAll('.chart svg').length") == len(MEASURES)
    assert page.run("document.querySelector('.chart svg').getBoundingClientRect().height") > 100


def test_an_open_release_is_followed_and_what_was_opened_stays_open(page: Page) -> None:
    followed = story("release-1", "canary", 5, weights=(5.0,))
    with gateway_over(FakeJudge(followed)) as url:
        page.open(f"{url}/releases/release-1")
        assert "5% of sessions" in page.text(".stage-now")
        page.run("document.getElementById('release').dataset.refresh = '0.1'")
        page.click("#how-to-read-summary")
        assert page.run("document.getElementById('how-to-read').open")
        page.run("document.getElementById('how-to-read-summary').focus()")
        page.run("window.kept = ['bundle', 'verdict'].map((id) => document.getElementById(id))")
        followed.release.weight = 25
        page.wait(lambda: "25% of sessions" in page.text(".stage-now"))
        assert page.run("document.getElementById('how-to-read').open")
        assert page.run("document.activeElement.id") == "how-to-read-summary"
        assert page.run("window.kept.every((each) => each.isConnected)"), "what did not change stays"
        followed.release.stage = "promoted"
        page.wait(lambda: page.text("#verdict") == "Promoted")
        assert page.run("document.querySelector('.banner').className") == "banner mood-good"
        assert page.run("document.title").startswith("Promoted")
        page.requests.clear()
        assert page.run("new Promise((done) => setTimeout(() => done('waited'), 500))") == "waited"
        assert page.requests == []
        assert page.complaints == []


def test_without_scripts_it_is_followed_too(page: Page) -> None:
    followed = story("release-1", "shadow", pairs=20)
    with gateway_over(FakeJudge(followed)) as url:
        page.without_script()
        page.open(f"{url}/releases/release-1")
        before = page.text("#verdict")
        followed.release.stage = "promoted"
        page.wait(lambda: page.text("#verdict") not in ("", before))
        assert page.text("#verdict") == "Promoted"


def test_a_silent_rollout_is_told(page: Page) -> None:
    silent = story("release-1", "canary", 5, pairs=30, opened=datetime.now(UTC) - timedelta(hours=2))
    with gateway_over(FakeJudge(silent)) as url:
        page.open(f"{url}/releases/release-1")
        assert "Nobody has asked for a verdict for 119 minutes" in page.text(".notice")


def test_without_a_release_the_page_says_how_one_begins(page: Page) -> None:
    with gateway_over(FakeJudge()) as url:
        page.open(f"{url}/releases")
        assert "No release yet" in page.text(".empty")
        assert page.run(UNLABELLED) == []
