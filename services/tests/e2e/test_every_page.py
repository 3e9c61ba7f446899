"""Every page in a real Chromium: read by axe, on a phone, a tablet and a desktop, in the light and in the dark."""

from pathlib import Path

import pytest
from browser import Page
from page_checks import SIZES, faults, faults_on_every_screen, moved

TOWN, ADDRESS, AMBIGUOUS = "Larkfield, OH", "100 S Main Street", "100 Main Street"
PAGES = {
    "home": "/",
    "report": f"/analyze?address={ADDRESS}",
    "report of a range": "/analyze?address=30 Maple Ave",
    "report of no district": "/analyze?address=5 Station Rd",
    "ask": "/ask",
    "answer": "/ask?question=How tall may a fence in a front yard be?",
    "refusal": "/ask?question=Who was the first mayor?",
    "comparison of nothing yet": "/compare",
    "comparison": f"/compare/add?address={ADDRESS}",
    "towns": "/towns",
    "town": f"/towns/{TOWN}",
    "district": f"/towns/{TOWN}/R-3",
    "watches": "/watches",
    "refreshes": "/refreshes",
    "releases": "/releases",
    "errors": "/errors",
    "error": "/errors/ambiguous-address",
    "API": "/docs",
    "problem": f"/analyze?address={AMBIGUOUS}",
    "problem of a question": "/ask?question=How tall%3F&municipality=Nowhere",
    "missing": "/no/such/page",
}
# What a browser says by itself of an answer that is an error is no complaint of the page.
ANSWERED = "Failed to load resource: the server responded with a status of 4"


def test_the_checks_find_what_is_wrong(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "wrong.html"
    file.write_text(
        "<html><body><h3>Wrong</h3><input><p style='color: #aaa; width: 2000px'>pale</p><img src='data:,'>"
    )
    page.open(file.as_uri())
    found = " ".join(faults(page))
    for fault in ("contrast", "not labelled", "axe html-has-lang", "axe image-alt", "headings", "wider"):
        assert fault in found
    page.run("document.body.prepend(Object.assign(document.createElement('div'), {style: 'height: 300px'}))")
    page.wait(lambda: moved(page))


@pytest.mark.parametrize("name", ["shares", "changes"])
def test_what_belongs_to_a_report_can_be_read(page: Page, site: str, name: str) -> None:
    page.open(site + PAGES["report"].replace(" ", "%20"))
    page.open(f"{site}{page.path()}/{name}")
    page.size(*SIZES[0])
    assert faults(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_read(page: Page, site: str, tmp_path: Path, name: str) -> None:
    page.open(site + PAGES[name].replace(" ", "%20"))
    assert moved(page) == []
    assert faults_on_every_screen(page) == []
    page.media(prefers_color_scheme="dark")
    page.size(*SIZES[0])
    page.screenshot(tmp_path / "dark.png")
    assert faults(page) == []
    assert [said for said in page.complaints if not said.startswith(ANSWERED)] == []
    assert all(address.startswith((site, "data:")) for address in page.requests)


def test_the_keyboard_leads_from_the_address_to_a_quote(page: Page, site: str) -> None:
    page.open(site)
    while page.run("document.activeElement.id") != "address":
        page.press("Tab", 9)
    page.send("Input.insertText", text=ADDRESS)
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/analyses/") and page.text(".units"))
    for _ in range(60):
        page.press("Tab", 9)
        assert page.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if page.run("document.activeElement.hash?.startsWith('#standard-')"):
            break
    page.press("Enter", 13)
    page.wait(lambda: page.run("location.hash"))
    assert page.run(
        "(() => { const r = document.querySelector(':target .quote').getBoundingClientRect();"
        " return r.top >= 0 && r.top < innerHeight; })()"
    )


def test_an_answer_comes_without_leaving_the_page(page: Page, site: str) -> None:
    page.open(f"{site}/ask")
    page.run("window.stayed = true")
    page.fill("#question", "How tall may a fence in a front yard be?")
    page.press("Enter", 13)
    page.wait(lambda: page.text("#reply") == "Answer")
    assert page.run("window.stayed")
    assert page.run("document.querySelectorAll('.reply .quote blockquote').length") >= 1
    assert "In force from" in page.text(".reply .quote .dates")
    assert "question=How+tall" in page.run("location.search")
    assert faults(page) == []
    shown = page.text("#answer")
    page.open(page.run("location.href"))
    assert page.text("#answer") == shown, "the same as without a script"
    assert page.complaints == []


def test_a_question_of_an_unknown_town_keeps_what_was_typed(page: Page, site: str) -> None:
    page.open(f"{site}/ask")
    page.run("document.querySelector('#municipality option').value = 'Larkfeild, OH'")
    page.fill("#question", "How tall may a fence be?")
    page.press("Enter", 13)
    page.wait(lambda: page.text(".suggestions"))
    assert TOWN in page.text(".suggestions")
    assert page.run("document.getElementById('question').value") == "How tall may a fence be?"
