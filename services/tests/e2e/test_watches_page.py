"""The page of watches in a real Chromium, without a script: from a town and from a report, and back to nothing."""

from pathlib import Path

from browser import Page
from page_checks import faults_on_every_screen, moved

TOWN = "Larkfield, OH"
BUTTON = "form[action='/watches'] button"


def test_a_town_and_a_report_are_watched_and_watched_no_more(page: Page, site: str, tmp_path: Path) -> None:
    page.without_script()
    page.open(f"{site}/towns/{TOWN.replace(' ', '%20')}")
    page.click(BUTTON)
    page.wait(lambda: page.path() == "/watches")
    page.open(f"{site}/analyze?address=100%20S%20Main%20Street")
    page.wait(lambda: page.path().startswith("/analyses/"))
    report = page.path()
    page.click(BUTTON)
    page.wait(lambda: page.path() == "/watches")
    assert page.run("document.querySelector(':target h2 a').pathname") == report
    titles = page.run("[...document.querySelectorAll('.watch h2')].map((title) => title.textContent)")
    assert titles == ["100 S Main St", TOWN]
    assert "The whole code" in page.text("main")
    page.screenshot(tmp_path / "watches.png")
    page.click("a[href='/watches?changed=true']")
    page.wait(lambda: "Nothing that you watch has changed" in page.text("main"))
    page.click("a[href='/watches']")
    page.wait(lambda: page.run("document.querySelectorAll('.watch').length") == 2)
    for left in (1, 0):
        page.click(".watch .acts button")
        page.wait(lambda left=left: page.run("document.querySelectorAll('.watch').length") == left)
    assert "You watch nothing yet" in page.text("main")


def test_from_the_towns_one_comes_to_what_one_watches(page: Page, site: str) -> None:
    page.open(f"{site}/towns/{TOWN.replace(' ', '%20')}")
    page.click(BUTTON)
    page.wait(lambda: page.path() == "/watches")
    page.open(f"{site}/towns")
    page.click("a[href='/watches']")
    page.wait(lambda: page.text(".watch h2") == TOWN)
    assert moved(page) == []
    assert faults_on_every_screen(page) == []
    assert page.complaints == []
    page.click(".watch .acts button")
    page.wait(lambda: "You watch nothing yet" in page.text("main"))
