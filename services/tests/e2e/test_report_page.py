"""The report in a real Chromium: asked again by other facts, marked, shared, and compared, without any script."""

from pathlib import Path

import pytest
from browser import Page
from page_checks import faults

ADDRESS = "100%20S%20Main%20Street"


@pytest.fixture
def report(page: Page, site: str) -> Page:
    """A report, opened in a browser that runs no script."""
    page.without_script()
    page.open(f"{site}/analyze?address={ADDRESS}")
    page.wait(lambda: "11 units" in page.text(".units"))
    return page


def test_other_facts_are_asked_by_the_form_alone(report: Page, tmp_path: Path) -> None:
    first = report.path()
    report.click(".edit summary")
    report.fill("#fact-lot_area_sqft", "wide")
    report.click(".edit button")
    report.wait(lambda: report.path() == f"{first}/rerun" and report.text("#facts-wrong"))
    assert report.run("document.activeElement.id") == "fact-lot_area_sqft"
    assert report.run("document.activeElement.value") == "wide"
    report.fill("#fact-lot_area_sqft", "40,000")
    report.press("Enter", 13)
    report.wait(lambda: "13 units" in report.text(".units"))
    assert "40,000 sq ft instead of 33,000 sq ft" in report.text(".restated")
    assert report.run("document.querySelector('.restated p a').pathname") == first
    report.screenshot(tmp_path / "stated.png")


def test_a_number_is_marked_where_it_stands(report: Page) -> None:
    report.click("#standard-0 summary")
    report.fill("#standard-0 [name=expected]", "9500")
    report.fill("#standard-0 textarea", "Table 3-1")
    report.click("#standard-0 button")
    report.wait(lambda: "Thank you." in report.text("#standard-0"))
    assert report.run("location.hash") == "#standard-0"
    assert report.run("document.querySelectorAll('.thanks').length") == 1


def test_sharing_gives_a_link_that_shows_the_report(report: Page, site: str) -> None:
    report.click(".actions a[href$='/shares']")
    report.wait(lambda: "Share this report" in report.text("h1"))
    assert "/analyses/" in report.text(".made .link"), (
        "on one's own machine, the report's address is its link"
    )
    report.click(".ask-box button")
    report.wait(lambda: "/shared/" in report.text(".made .link"))
    report.open(report.text(".made .link").strip())
    assert "11 units" in report.text(".units")
    assert report.run("document.querySelectorAll('form').length") == 0


@pytest.mark.parametrize("path", ["", "/changes", "/shares"])
def test_pages_of_a_report_are_readable(page: Page, site: str, path: str) -> None:
    page.open(f"{site}/analyze?address={ADDRESS}")
    page.open(f"{site}{page.path()}{path}")
    page.run("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert faults(page) == []
    assert page.complaints == []
