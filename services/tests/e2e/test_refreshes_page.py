"""The pages of refreshes in a real Chromium: before any, as one goes on, and with towns that were not taken."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page
from e2e.conftest import serving
from fakes.state import State, made_state, published
from page_checks import SIZES, faults_on_every_screen, moved


@pytest.fixture(scope="module")
def state() -> State:
    return made_state(towns=3, sections=6, chapters=2)


@pytest.fixture(scope="module")
def refreshing(state: State, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PlotLot that knows the state's publisher, and works on refreshes."""
    with published(state) as server:
        entry = {"kind": "municode", "name": "fake", "url": server.url, "site": server.url}
        publishers = json.dumps({"publishers": [entry]})
        data = tmp_path_factory.mktemp("data")
        with serving(
            data,
            publishers=publishers,
            egress_own_hosts=server.host,
            publisher_requests_per_second="1000",
        ) as url:
            yield url


def check(page: Page, tmp_path: Path, name: str) -> None:
    """That a page can be read on every screen."""
    assert faults_on_every_screen(page) == []
    page.size(*SIZES[-1])
    page.screenshot(tmp_path / f"{name}.png")
    assert page.complaints == []


def test_where_nobody_refreshed_yet_the_page_says_so(page: Page, refreshing: str, tmp_path: Path) -> None:
    page.open(f"{refreshing}/towns")
    page.click("a[href='/refreshes']")
    page.wait(lambda: page.text("h1") == "Refreshes")
    assert "Nothing was refreshed yet" in page.text("main")
    assert moved(page) == []
    check(page, tmp_path, "none")


def test_a_refresh_is_begun_watched_and_comes_to_its_end_by_itself(
    page: Page, refreshing: str, state: State, tmp_path: Path
) -> None:
    away = state.towns[1]
    away.product_gone = True
    page.open(f"{refreshing}/refreshes")
    page.fill("#state", "QX")
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/refreshes/refresh-"))
    page.run("window.stayed = true")
    page.wait(lambda: "1 failed" in page.text("[role=status]"))
    assert page.run("window.stayed")
    assert not page.run("!!document.querySelector('progress')")
    rows = page.run("[...document.querySelectorAll('tbody tr')].map((row) => row.textContent)")
    assert len(rows) == len(state.towns)
    assert sum("brought up to date" in row for row in rows) == 2
    check(page, tmp_path, "ended")


def test_towns_that_were_not_taken_have_their_reason_and_are_tried_again(
    page: Page, refreshing: str, state: State, tmp_path: Path
) -> None:
    away, shrunk = state.towns[1], state.towns[0]
    shrunk.chapters, shrunk.revision = shrunk.chapters[:1], 2
    page.open(f"{refreshing}/refreshes")
    page.fill("#town", f"{shrunk.name}, QX")
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/refreshes/refresh-"))

    def ends() -> bool:
        page.open(f"{refreshing}{page.path()}")
        return "held back" in page.text("[role=status]")

    page.wait(ends)
    page.open(f"{refreshing}/refreshes")
    shown = page.text("main")
    assert "is not there" in shown
    assert "shrank" in shown
    check(page, tmp_path, "left")
    away.product_gone = False
    page.without_script()
    page.open(f"{refreshing}/refreshes")
    page.click("form.all button")
    page.wait(lambda: page.path().startswith("/refreshes/refresh-"))

    def taken() -> bool:
        page.open(f"{refreshing}{page.path()}")
        return "1 brought up to date" in page.text("[role=status]")

    page.wait(taken)
    page.open(f"{refreshing}/refreshes")
    page.click("input[name=accept] ~ button")
    page.wait(lambda: page.path().startswith("/refreshes/refresh-"))
    page.wait(taken)
    page.open(f"{refreshing}/refreshes")
    assert "Towns that were not taken" not in page.text("main")


def test_who_watches_a_code_is_told_which_sections_changed_and_that_a_newer_one_is_held_back(
    page: Page, refreshing: str, state: State, tmp_path: Path
) -> None:
    town = state.towns[2]
    page.open(f"{refreshing}/towns/{town.name}, QX".replace(" ", "%20"))
    page.click("form[action='/watches'] button")
    page.wait(lambda: "Nothing changed" in page.text(".watch"))
    state.revise(town, 1, 2, "The minimum lot area shall be 7,500 square feet in every district.")
    refreshed(page, refreshing, f"{town.name}, QX", "1 brought up to date")
    page.open(f"{refreshing}/watches?changed=true")
    assert "1 section changed" in page.text(".watch")
    assert page.text(".told .chip") == "changed"
    check(page, tmp_path, "watched")
    town.chapters, town.revision = town.chapters[:1], town.revision + 1
    refreshed(page, refreshing, f"{town.name}, QX", "1 held back")
    page.open(f"{refreshing}/watches")
    assert "A newer code is held back since" in page.text(".watch .amiss")


def refreshed(page: Page, url: str, town: str, outcome: str) -> None:
    """Refresh a town by its form, until the page of it says so."""
    page.open(f"{url}/refreshes")
    page.fill("#town", town)
    page.press("Enter", 13)
    page.wait(lambda: page.path().startswith("/refreshes/refresh-"))

    def ends() -> bool:
        page.open(f"{url}{page.path()}")
        return outcome in page.text("[role=status]")

    page.wait(ends)
