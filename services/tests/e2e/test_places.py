"""Addresses, maps and comparisons in a real Chromium: by keyboard, without scripts, on a phone."""

from pathlib import Path
from typing import Any

import pytest
from browser import Page
from page_checks import PHONE, faults, too_wide

from plotlot.gateway.web.vendored import leaflet_files

TOWN, ADDRESS = "Larkfield, OH", "100 S Main Street"
BOX = "document.getElementById('address')"


def typed(page: Page, site: str, text: str, path: str = "/") -> None:
    """Type into the address box, and wait for what is suggested."""
    page.open(site + path)
    page.fill("#address", text)
    page.wait(lambda: page.text("[role=status]"))


def suggested(page: Page) -> list[str]:
    found: list[str] = page.run("[...document.querySelectorAll('[role=option]')].map((e) => e.textContent)")
    return found


def attribute(page: Page, name: str) -> Any:
    return page.run(f"{BOX}.getAttribute('{name}')")


def active(page: Page) -> str:
    """The suggestion that a screen reader reads out."""
    return str(
        page.run(f"document.getElementById({BOX}.getAttribute('aria-activedescendant'))?.textContent ?? ''")
    )


def test_an_address_is_chosen_by_keyboard(page: Page, site: str, tmp_path: Path) -> None:
    typed(page, site, "100 main")
    assert suggested(page) == [f"100 N Main St, {TOWN}", f"100 S Main St, {TOWN}"]
    assert page.text("[role=status]").startswith("2 addresses")
    assert (attribute(page, "role"), attribute(page, "aria-expanded")) == ("combobox", "true")
    seen = []
    for key, code in (("ArrowDown", 40), ("ArrowDown", 40), ("ArrowDown", 40), ("ArrowUp", 38)):
        page.press(key, code)
        seen.append(active(page)[:5])
    assert seen == ["100 N", "100 S", "", "100 S"]
    assert page.run("document.querySelectorAll('[aria-selected=true]').length") == 1
    assert page.run("document.activeElement.id") == "address"
    page.screenshot(tmp_path / "suggestions.png")
    assert faults(page) == []
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/analyses/"))
    page.wait(lambda: page.text("h1") == "100 S Main St")
    assert page.complaints == []


def test_escape_closes_the_suggestions_then_empties_the_box(page: Page, site: str) -> None:
    typed(page, site, "100 main")
    page.press("Escape", 27)
    assert (suggested(page) != [], attribute(page, "aria-expanded")) == (True, "false")
    assert page.run(f"{BOX}.value") == "100 main"
    page.press("ArrowDown", 40)
    assert attribute(page, "aria-expanded") == "true"
    page.press("Escape", 27)
    page.press("Escape", 27)
    assert page.run(f"{BOX}.value") == ""
    page.fill("#address", "9999")
    page.wait(lambda: "No address" in page.text("[role=status]"))
    assert attribute(page, "aria-expanded") == "false"


def test_an_address_is_chosen_by_mouse(page: Page, site: str) -> None:
    typed(page, site, "100 s ma")
    page.click("[role=option]")
    page.wait(lambda: page.path().startswith("/analyses/"))


def test_an_address_that_is_not_here_says_what_to_do_and_keeps_what_was_typed(page: Page, site: str) -> None:
    typed(page, site, "12 Nowhere Blvd")
    page.press("Enter", 13)
    page.wait(lambda: page.run("!document.getElementById('problem').hidden"))
    assert page.text("#problem-remedy")
    assert page.run(f"{BOX}.value") == "12 Nowhere Blvd"


@pytest.mark.skipif(not leaflet_files(), reason="Leaflet is not installed: make setup")
def test_the_lot_is_drawn_on_a_map_that_the_keyboard_moves(page: Page, site: str, tmp_path: Path) -> None:
    page.open(f"{site}/analyze?address={ADDRESS}".replace(" ", "%20"))
    page.run("document.querySelector('.whereabouts').scrollIntoView()")
    page.wait(lambda: page.run("document.querySelectorAll('.lot-map path').length >= 7"))
    drawn = "document.querySelector('.lot-map .map-{}').getBoundingClientRect()"
    lot, envelope = drawn.format("lot"), drawn.format("envelope")
    assert page.run(f"{lot}.left < {envelope}.left && {lot}.right > {envelope}.right")
    assert {"Front 25 ft", "Rear 30 ft", "Main St"} <= set(
        page.run("[...document.querySelectorAll('.map-label')].map((e) => e.textContent)")
    )
    before = page.run(f"{lot}.width")
    page.run("document.querySelector('.lot-map').focus()")
    page.press("-", 189)
    page.wait(lambda: abs(page.run(f"{lot}.width") - before / 2) < 1)
    page.run("document.querySelector('[aria-label=\"Show the whole lot\"]').focus()")
    page.press("Enter", 13)
    page.wait(lambda: abs(page.run(f"{lot}.width") - before) < 1)
    page.screenshot(tmp_path / "map.png")
    assert faults(page) == []
    assert page.complaints == []
    assert all(address.startswith((site, "data:")) for address in page.requests)


def test_where_a_lot_is_stands_in_words_without_a_script(page: Page, site: str) -> None:
    page.without_script()
    page.open(f"{site}/analyze?address={ADDRESS}".replace(" ", "%20"))
    assert "40.5875° N, 83.5526° W, on Main St" in page.text(".whereabouts")
    assert not page.run("!!document.querySelector('.lot-map')?.getClientRects().length")
    assert page.run("!!document.querySelector('.drawing svg')")


def test_lots_are_compared_without_a_script(page: Page, site: str) -> None:
    page.without_script()
    page.open(f"{site}/analyze?address={ADDRESS}".replace(" ", "%20"))
    page.click("main a[href^='/compare']")
    page.wait(lambda: page.text("h1") == "Compare lots")
    page.fill("#address", "2 Elm St")
    page.press("Enter", 13)
    page.wait(lambda: "2 Elm St" in page.text(".compared thead"))
    assert page.path() == "/compare"
    assert "differs" in page.text(".row-units")
    assert page.run("document.querySelectorAll('.drawn svg').length") == 2
    page.click(".compared details summary")
    assert page.text(".compared details[open] blockquote")
    page.click(".less")
    page.wait(
        lambda: "2 Elm St" in page.text(".compared thead") and "100 S" not in page.text(".compared thead")
    )


def test_lots_that_are_suggested_are_added_at_once(page: Page, site: str, tmp_path: Path) -> None:
    page.open(f"{site}/compare")
    for address in ("100 S Main St", "2 Elm St"):
        page.fill("#address", address)
        page.wait(lambda: suggested(page))
        page.press("ArrowDown", 40)
        page.press("Enter", 13)
        page.wait(lambda shown=address: shown in page.text(".compared thead"))
    assert faults(page) == []
    page.size(*PHONE)
    assert too_wide(page) == []
    page.media(prefers_color_scheme="dark")
    page.screenshot(tmp_path / "phone.png")
    assert faults(page) == []
    assert page.complaints == []
