"""The page in a real Chromium: typed into, without scripts, by keyboard, in the dark and on paper."""

import urllib.request
from pathlib import Path

from browser import Page
from page_checks import CONTRAST

TOWN, ADDRESS, AMBIGUOUS = "Larkfield, OH", "100 S Main Street", "100 Main Street"


def analyze(page: Page, site: str, address: str = ADDRESS) -> None:
    """Type an address and press Enter."""
    page.open(site)
    page.fill("#address", address)
    page.press("Enter", 13)


def test_an_address_typed_in_is_answered(page: Page, site: str, tmp_path: Path) -> None:
    analyze(page, site)
    page.wait(lambda: page.path().startswith("/analyses/"))
    page.wait(lambda: "11 units" in page.text(".units"))
    assert "One more unit needs 3,000 sq ft more lot area" in page.text(".one-more")
    assert page.run("document.querySelector('.drawing svg').getBoundingClientRect().width") > 300
    page.screenshot(tmp_path / "report.png")
    assert page.complaints == []
    assert all(address.startswith((site, "data:")) for address in page.requests)


def cookies(page: Page) -> dict[str, str]:
    """The cookies of the page's site, of which no script knows."""
    found = page.send("Network.getCookies")["cookies"]
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in found)
    assert page.run("document.cookie") == ""
    return {cookie["name"]: cookie["value"] for cookie in found}


def test_a_visit_is_one_session_that_knows_its_bundle(page: Page, site: str) -> None:
    page.open(site)
    begun = cookies(page)
    assert set(begun) == {"plotlot-session", "plotlot-lane"}
    analyze(page, site)
    page.wait(lambda: page.path().startswith("/analyses/"))
    assert cookies(page) == begun


def test_the_stages_are_seen_on_the_way(page: Page, site: str) -> None:
    page.open(site)
    page.run("window.seen = []")
    page.run(
        "new MutationObserver(() => window.seen.push(document.querySelectorAll('#stages .done').length))"
        ".observe(document.getElementById('stages'), {subtree: true, attributes: true})"
    )
    page.run("window.addEventListener('pagehide', () => sessionStorage.setItem('seen', String(window.seen)))")
    page.fill("#address", ADDRESS)
    page.click("#analyze button")
    page.wait(lambda: page.path().startswith("/analyses/"))
    assert page.run("sessionStorage.getItem('seen').split(',').map(Number).includes(4)")


def test_a_near_miss_is_one_click_away(page: Page, site: str) -> None:
    analyze(page, site, "12 Elm Stret")
    page.wait(lambda: page.run("!document.getElementById('problem').hidden"))
    assert "No parcel is at" in page.text("#problem")
    page.click(".suggestion")
    page.wait(lambda: page.path().startswith("/analyses/"))


def test_an_ambiguous_address_is_settled_by_a_click(page: Page, site: str) -> None:
    analyze(page, site, AMBIGUOUS)
    page.wait(lambda: page.run("!document.getElementById('problem').hidden"))
    assert "100 N Main St, Larkfield, OH (parcel LK-011)" in page.text("#problem")
    page.click(".suggestion")
    page.wait(lambda: page.path().startswith("/analyses/"))
    page.wait(lambda: page.text("h1") == "100 N Main St")


def test_without_scripts_the_form_leads_to_the_same_report(page: Page, site: str) -> None:
    page.without_script()
    analyze(page, site)
    page.wait(lambda: "11 units" in page.text(".units"))
    analyze(page, site, AMBIGUOUS)
    page.wait(lambda: "Which one is it?" in page.text())
    assert page.path() == "/analyze"


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, site: str) -> None:
    page.open(site)
    page.press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(12):
        page.press("Tab", 9)
        if page.run("document.activeElement === document.body"):
            break
        seen.add(page.run("document.activeElement.id || document.activeElement.textContent"))
        assert page.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert {"address", "municipality", "Analyse", "Ask the code"} <= seen


def test_a_drawing_by_itself_keeps_its_colours(page: Page, site: str) -> None:
    page.open(f"{site}/analyze?address={ADDRESS.replace(' ', '%20')}")
    page.open(f"{site}/v1{page.path()}/drawing.svg")
    assert page.complaints == []
    assert page.run("document.documentElement.tagName") == "svg"
    assert page.run("[...document.querySelectorAll('*')].every((each) => !each.hasAttribute('style'))")


def test_a_report_prints_light_without_its_links(page: Page, site: str) -> None:
    page.media(prefers_color_scheme="dark")
    page.open(f"{site}/analyze?address={ADDRESS.replace(' ', '%20')}")
    page.media("print", prefers_color_scheme="dark")
    assert page.run("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.run("getComputedStyle(document.querySelector('header nav')).display") == "none"
    assert page.run(CONTRAST) == []
    assert page.pdf().startswith(b"%PDF")


def test_a_saved_report_opens_from_disk(page: Page, site: str, tmp_path: Path) -> None:
    page.open(f"{site}/analyze?address={ADDRESS.replace(' ', '%20')}")
    file = tmp_path / "report.html"
    with urllib.request.urlopen(f"{site}{page.path()}/report.html") as answer:
        file.write_bytes(answer.read())
    page.requests.clear()
    page.open(file.as_uri())
    assert "11 units" in page.text(".units")
    assert page.run("getComputedStyle(document.querySelector('.answer')).display") == "grid"
    assert [address for address in page.requests if not address.startswith(("file:", "data:"))] == []
    assert page.complaints == []
