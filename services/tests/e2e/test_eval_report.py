"""The report of a run in a real browser: filtered without a script, readable by everybody."""

from itertools import pairwise
from pathlib import Path

import pytest
from browser import Page
from page_checks import CONTRAST, DESKTOP, HEADINGS, PHONE, UNLABELLED, WIDER

from plotlot.evaluation.reports.report import choice_id
from plotlot.evaluation.reports.report import page as report
from plotlot.evaluation.runs import Case, Run

SHOWN = "[...document.querySelectorAll('.case')].filter((e) => e.getClientRects().length).length"
CASES = tuple(
    Case(
        f"ask/{town}-{number}", f"{town.capitalize()}, OH", slice_, "answerable",
        {"ask.correct": 0.0, "ask.cited": 1.0, "ask.grounded": None}, 12.0, 300.0,
        {"question": "How high?", "wanted": "35 ft", "answer": "nothing " * 40, "quotes": ["At most 35 feet."]},
    )
    for town in ("aford", "beford")
    for number, slice_ in enumerate(("prose", "tables", "tables"))
)  # fmt: skip
GROUPS = {
    "town": {"Aford, OH": {"cases": 3, "ask.correct": 0.0}, "Beford, OH": {"cases": 3, "ask.correct": 1.0}}
}
RUN = Run(
    "ask", "bundle-1", "reader/1", {"gold": "ab" * 32}, {"ask.correct": 0.5, "missing": 6.0}, CASES, GROUPS
)


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Page:
    """The report, in a browser that runs no script of a page."""
    path = tmp_path / "report.html"
    path.write_text(report(RUN.named()), encoding="utf-8")
    page.without_script()
    page.open(path.as_uri())
    return page


def test_failures_are_filtered_by_town_and_slice_together(opened: Page) -> None:
    assert opened.run(SHOWN) == 6
    opened.click(f"#{choice_id('Town', 'Aford, OH')}")
    assert opened.run(SHOWN) == 3
    opened.click(f"#{choice_id('Slice', 'tables')}")
    assert opened.run(SHOWN) == 2
    opened.click("input[name=Town]")
    assert opened.run(SHOWN) == 4


def test_a_case_opens_on_what_was_wanted_and_said(opened: Page) -> None:
    opened.click(".case summary")
    opened.wait(lambda: opened.text(".case[open]"))
    assert "At most 35 feet." in opened.text(".case[open]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_everybody_can_read_it(opened: Page, scheme: str, screen: tuple[int, int]) -> None:
    opened.size(*screen)
    opened.media(prefers_color_scheme=scheme)
    opened.run("document.querySelectorAll('details').forEach((e) => e.open = true)")
    assert opened.run(CONTRAST) == []
    assert opened.run(UNLABELLED) == []
    assert opened.run(WIDER) <= 0
    levels = opened.run(HEADINGS)
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_it_asks_for_nothing_and_complains_of_nothing(opened: Page) -> None:
    assert [address for address in opened.requests if not address.startswith("file:")] == []
    assert opened.complaints == []
