"""Towns and refreshes in words."""

from typing import Any

import pytest

from plotlot.domain.coverage import ENDS, LISTED
from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.pages.refreshes import run_view, wanted_in
from plotlot.gateway.refreshing.refresh_client import Wanted
from plotlot.gateway.refreshing.wording import STAGE_WORDS, changes_words, outcome_words, stages_words


def town(stage: str, reason: str = "", **counts: int) -> dict[str, Any]:
    return {"stage": stage, "reason": reason, "counts": counts}


def test_what_became_of_a_town() -> None:
    assert outcome_words(town("unchanged")) == ""
    assert outcome_words(town("current", documents=2, sections=9, added=1)) == (
        "2 documents, 9 sections: 1 new, 0 changed, 0 gone"
    )
    assert outcome_words(town("current", documents=1, sections=1)) == "1 document, 1 section"
    assert outcome_words(town("failed", "it is away")) == "it is away; what was there before goes on serving"


def test_what_a_swap_did_to_sections() -> None:
    assert changes_words({"added": 1200, "changed": 0, "removed": 2}) == "1,200 new, 0 changed, 2 gone"
    assert (changes_words({}), changes_words({"added": None, "changed": None})) == ("", "")


def test_every_end_has_words() -> None:
    assert {LISTED, *ENDS} <= set(STAGE_WORDS)
    assert stages_words({"current": 2, "failed": 1}) == "2 brought up to date, 1 failed"


@pytest.mark.parametrize(
    ("run", "headline", "mood"),
    [
        ({"status": "running", "workers": 0, "done": 0, "total": 2}, "Waits: nothing works", "quiet"),
        ({"status": "running", "workers": 1, "done": 1, "total": 2}, "1 of 2 towns done", "quiet"),
        ({"status": "ended", "total": 2, "stages": {"current": 1, "unchanged": 1}}, "1 brought", "good"),
        ({"status": "ended", "total": 2, "stages": {"current": 1, "failed": 1}}, "1 brought", "watch"),
        ({"status": "ended", "total": 0, "stages": {}}, "No towns", "good"),
    ],
)
def test_how_a_refresh_stands(run: dict[str, Any], headline: str, mood: str) -> None:
    found = run_view({"stages": {}, **run})
    assert found["headline"].startswith(headline)
    assert found["mood"] == mood


def test_what_a_form_asks_for() -> None:
    assert wanted_in({"town": " Miami, FL ", "accept": "1"}) == Wanted(towns=("Miami, FL",), accept=True)
    assert wanted_in({"state": "FL", "county": "Broward"}) == Wanted(state="FL", county="Broward")
    assert wanted_in({"failed": "1"}) == Wanted(failed=True)
    with pytest.raises(InvalidRequest, match="two letters"):
        wanted_in({"state": "Florida"})
