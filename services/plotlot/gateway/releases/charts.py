"""The charts of a release: one for each guardrail, from the looks at its evidence."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from plotlot.gateway.releases.paths import Chart, Point, paths_svg
from plotlot.gateway.releases.view import instant
from plotlot.gateway.releases.wording import e_words, guardrail_title, weight_words

Json = Mapping[str, Any]


def charts_of(release: Json) -> dict[str, str]:
    """An SVG by guardrail; none for one that nobody looked at yet."""
    start = instant(release["opened_at"])
    marks = tuple(stage_marks(release, start))
    charts = {each["guardrail"]: chart_of(release, each, start, marks) for each in release["evidence"]}
    return {name: paths_svg(chart) for name, chart in charts.items() if chart.points}


def chart_of(release: Json, evidence: Json, start: datetime, marks: tuple[tuple[float, str], ...]) -> Chart:
    """One guardrail's chart."""
    name = evidence["guardrail"]
    looks = sorted((each for each in release["looks"] if each["guardrail"] == name), key=_when)
    points = [
        Point(
            max((instant(each["at"]) - start).total_seconds(), 0.0),
            each["harm_log_e"],
            each["noninferior_log_e"],
        )
        for each in looks
    ]
    return Chart(
        points,
        evidence["harm_log_threshold"],
        evidence["noninferior_log_threshold"],
        marks,
        title=f"{guardrail_title(name)}: evidence over time",
        description=(
            f"Evidence that it got worse stands at {e_words(evidence['harm_log_e'])} and rolls the release back "
            f"at {e_words(evidence['harm_log_threshold'])}. Evidence that it is not worse stands at "
            f"{e_words(evidence['noninferior_log_e'])} and suffices at "
            f"{e_words(evidence['noninferior_log_threshold'])}."
        ),
    )


def stage_marks(release: Json, start: datetime) -> Iterator[tuple[float, str]]:
    """When each weight was first judged at, in seconds after the start, with its name."""
    before = None
    for verdict in sorted(release["verdicts"], key=_when):
        if verdict["stage"] not in ("shadow", "canary"):
            continue
        name = "shadow" if verdict["stage"] == "shadow" else weight_words(verdict["weight"])
        if name != before:
            yield max((instant(verdict["at"]) - start).total_seconds(), 0.0), name
            before = name


def _when(each: Json) -> str:
    return each["at"] or ""
