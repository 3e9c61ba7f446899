"""A quote opened where it stands in the code, in a real Chromium."""

from pathlib import Path

from browser import Page
from page_checks import faults, faults_on_every_screen, too_wide

TOWN, REPORT = "Larkfield%2C%20OH", "/analyze?address=100%20S%20Main%20Street"
LINKS = "[...document.querySelectorAll('.quote a[href^=\"/documents/\"]')]"


def test_a_quote_of_a_report_is_marked_where_it_stands_in_the_code(
    page: Page, site: str, tmp_path: Path
) -> None:
    page.open(site + REPORT)
    quotes: list[list[str]] = page.run(
        f"{LINKS}.map((a) => [a.href, a.closest('.quote').querySelector('blockquote').textContent])"
    )
    assert len(quotes) > 5
    for address, quote in quotes[:4]:
        page.open(address)
        assert page.run("document.querySelector('#quote').textContent") == quote
        assert page.run(
            "(() => { const r = document.querySelector('#quote').getBoundingClientRect();"
            " return r.top >= 0 && r.top < innerHeight; })()"
        )
    assert faults_on_every_screen(page) == []
    page.media(prefers_color_scheme="dark")
    assert faults(page) == []
    page.screenshot(tmp_path / "quote.png")
    assert page.complaints == []


def test_a_document_is_read_from_its_contents(page: Page, site: str) -> None:
    page.open(f"{site}/towns/{TOWN}")
    page.open(page.run("document.querySelector('#documents ~ table a').href"))
    assert page.text("h1").startswith("Zoning Ordinance")
    page.run("document.querySelector('.contents').open = true")
    named = page.run("[...document.querySelectorAll('.contents a')].map((a) => a.textContent)")
    assert len(named) > 3
    whole = page.run("document.querySelector('.words').textContent")
    assert all(name.split()[-1] in whole for name in named)
    assert faults(page) == []
    assert not too_wide(page)
    page.open(page.run("document.querySelector('.contents a:last-of-type').href"))
    assert page.run("document.querySelector('.words').textContent") == whole, (
        "it is short: all of it is shown"
    )


def test_what_is_not_there_is_a_problem_page(page: Page, site: str) -> None:
    page.open(f"{site}/documents/none")
    assert "no document" in page.text("main")
    page.open(f"{site}/documents/none?start=-1")
    assert "Start" in page.text("main")
    assert faults(page) == []
