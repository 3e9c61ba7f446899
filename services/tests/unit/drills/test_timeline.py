"""What a drill's timeline says: in time or not, who was harmed, as JSON, a page, a picture and a row."""

from xml.etree import ElementTree

import pytest

from plotlot.drills.page import PART, page
from plotlot.drills.picture import svg
from plotlot.drills.timeline import Probe, Step, Timeline, as_markdown

MOMENTS = {
    "broken": 0.0,
    "detected": 80.0,
    "diagnosed": 82.0,
    "mitigated": 90.0,
    "recovered": 110.0,
    "resolved": 150.0,
}


def timeline(**moments: float) -> Timeline:
    """A drill that went well, but for these moments; a negative one did not come."""
    there = {name: at for name, at in {**MOMENTS, **moments}.items() if at >= 0}
    probes = [
        Probe(float(at), "page", "503" if 0 < at < 100 else "answered", 0.1, 0 < at < 100)
        for at in range(-5, 120)
    ]
    made = Timeline("cache-down", "PlotLotCacheDown", "Redis is <gone>.", "2026-02-03T04:05:06+00:00", there)
    made.cause, made.probes = "Nobody wants it to run", probes
    made.steps = [Step("Break", 0.1, 0.5, "scale --replicas=0", "scaled", 0)]
    return made


@pytest.mark.parametrize(
    ("moments", "passed"),
    [
        ({}, True),
        ({"detected": 121.0}, False),
        ({"detected": 110.0, "recovered": 409.0}, True),
        ({"detected": 100.0, "recovered": 401.0}, False),
        ({"recovered": -1.0}, False),
        ({"detected": -1.0}, False),
        ({"resolved": -1.0}, True),
    ],
)
def test_it_passes_where_alert_and_mending_come_in_time(moments: dict[str, float], passed: bool) -> None:
    assert timeline(**moments).passed is passed


def test_a_failure_passes_never() -> None:
    failed = timeline()
    failed.failure = "not put back"
    assert not failed.passed
    assert "Not passed: not put back" in as_markdown(failed)


def test_harmed_are_those_since_the_break() -> None:
    early = timeline()
    early.probes = [Probe(-1.0, "page", "503", 0.1, True), *early.probes]
    document = early.document()
    assert (document["harmed"], document["requests"], document["outcomes"]) == (99, 120, {"503": 99})
    assert "probes" not in document


def test_the_page_shows_moments_and_what_was_run() -> None:
    text = as_markdown(timeline())
    assert "| detected | 80 s |" in text
    assert "Requests harmed: 99 of 120 (99 x 503)." in text
    assert "```\nscale --replicas=0\n```" in text


def test_the_picture_has_every_moment_and_both_kinds_of_answers() -> None:
    root = ElementTree.fromstring(svg(timeline()))
    space = "{http://www.w3.org/2000/svg}"
    words = [each.text or "" for each in root.iter(f"{space}text")]
    assert {"broken 0 s", "detected 80 s", "recovered 110 s"} <= set(words)
    kinds = [each.get("class") for each in root.iter(f"{space}rect")]
    assert {"well", "harmed", "outage"} == set(kinds)
    assert all(float(each.get("height", "0")) > 0 for each in root.iter(f"{space}rect"))
    assert "&lt;gone&gt;" in svg(timeline())


def test_a_drill_that_was_never_noticed_can_be_drawn() -> None:
    never = Timeline(
        "cache-down", "PlotLotCacheDown", "Redis is gone.", "2026-02-03T04:05:06+00:00", {"broken": 0.0}
    )
    assert "broken 0 s" in svg(never)


def test_a_row_is_written_anew_and_others_stay() -> None:
    first = page({"cache-down": timeline().document()}, "# Runbooks\n\nWords.\n")
    assert first.startswith("# Runbooks\n\nWords.\n\n" + PART.begin)
    assert "| cache-down | [CacheDown](PlotLotCacheDown.md) | 80 s | Nobody wants it to run | 30 s |" in first
    late = timeline(detected=130.0, recovered=-1.0).document()
    second = page({"a-judge": {**late, "drill": "a-judge"}}, first + "\n## After\n")
    rows = [line for line in second.splitlines() if line.startswith("| ") and "PlotLot" in line]
    assert [row.split(" | ")[0] for row in rows] == ["| a-judge", "| cache-down"]
    assert "**130 s**" in rows[0]
    assert "**never**" in rows[0]
    assert second.endswith(PART.end + "\n\n## After\n")
    assert page({"cache-down": timeline().document()}, second) == second
