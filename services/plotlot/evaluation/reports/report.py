"""A run as one page that asks for nothing else: metrics, the worst failures first, filters without a script."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from plotlot.evaluation.measures import BY, missing
from plotlot.evaluation.reports.worst import Failure, worst_first
from plotlot.evaluation.runs import Case, Run

TEMPLATES = Path(__file__).parent / "templates"
LOW = 0.9
FACTS = (
    ("Town", lambda case: case.town),
    ("Slice", lambda case: case.slice),
    ("Wanted", lambda case: case.detail.get("wanted")),
    ("Got", lambda case: case.detail.get("answer") or case.detail.get("found")),
    ("Reason", lambda case: case.detail.get("reason")),
    ("Error", lambda case: case.detail.get("error")),
    ("Judge", lambda case: case.detail.get("judge")),
)
GROUPS: Mapping[str, Callable[[Case], str]] = {
    **BY,
    "field": lambda case: case.slice,
    "format": lambda case: str(case.detail.get("format", "")),
    "source": lambda case: str(case.detail.get("source", "")),
}
FILTERS: Mapping[str, Callable[[Case], str]] = {
    "Suite": lambda case: case.id.partition("/")[0],
    "Town": lambda case: case.town,
    "Kind": lambda case: case.kind,
    "Slice": lambda case: case.slice,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to filter by: its element's id, its words and how many failures have it."""

    id: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice between values of one kind."""

    name: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Shown:
    """A failure as the page shows it."""

    failure: Failure

    @property
    def case(self) -> Case:
        """The case."""
        return self.failure.case

    @property
    def failed(self) -> list[str]:
        """The scores that are not whole."""
        return self.failure.failed

    @cached_property
    def classes(self) -> str:
        """What the filters know it by."""
        return " ".join(choice_id(name, key(self.case)) for name, key in FILTERS.items())

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it, in words."""
        known = ((label, value(self.case)) for label, value in FACTS)
        return [
            (label, "\n".join(map(str, text)) if isinstance(text, list) else str(text))
            for label, text in known
            if text
        ]

    @property
    def quotes(self) -> list[tuple[str, list[str]]]:
        """The quotes that were shown, and those that should have been."""
        detail = self.case.detail
        found = [("Quotes shown", detail.get("quotes")), ("The code says", detail.get("evidence"))]
        return [(label, quotes) for label, quotes in found if quotes]


def page(run: Run) -> str:
    """The report of a run as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["figure"] = figure
    failures = worst_first(run.cases)
    return templates.get_template("report.html").render(
        css=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        run=run,
        lacking=missing(run.cases),
        suites=by_suite(run.metrics),
        groups=list(group_tables(run)),
        filters=filters_of([failure.case for failure in failures]),
        failures=[Shown(failure) for failure in failures],
    )


def figure(value: float | None) -> str:
    """A number in few characters; a word where it is missing."""
    if value is None:
        return "missing"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def by_suite(metrics: Mapping[str, float]) -> list[tuple[str, list[tuple[str, float]]]]:
    """The metrics under the suite that their name begins with."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for name, value in metrics.items():
        suite, dot, rest = name.partition(".")
        found[suite if dot else "run"].append((rest if dot else name, value))
    return list(found.items())


def group_tables(run: Run) -> Iterator[dict[str, Any]]:
    """For each kind of group, a table for each suite that has metrics of it."""
    for name, groups in run.groups.items():
        metrics = {metric for values in groups.values() for metric in values if "." in metric}
        tables = [
            suite_table(run, name, suite, sorted(each for each in metrics if each.startswith(f"{suite}.")))
            for suite in sorted({metric.partition(".")[0] for metric in metrics})
        ]
        yield {"name": name, "tables": tables}


def suite_table(run: Run, name: str, suite: str, metrics: Sequence[str]) -> dict[str, Any]:
    """The groups that have metrics of a suite, how many cases each has of it, and those metrics."""
    cases = Counter(GROUPS[name](case) for case in run.cases if case.id.startswith(f"{suite}/"))
    rows = [
        (key, cases[key], [cell(values.get(metric)) for metric in metrics])
        for key, values in run.groups[name].items()
        if any(metric in values for metric in metrics)
    ]
    return {"suite": suite, "columns": [metric.partition(".")[2] for metric in metrics], "rows": rows}


def cell(value: float | None) -> dict[str, Any]:
    """A metric of a group as a cell; what a group does not have is a dash."""
    return {"text": "–" if value is None else figure(value), "low": value is not None and value < LOW}


def filters_of(cases: Sequence[Case]) -> list[Filter]:
    """What failures may be filtered by: each kind of value of which there are two or more."""
    found = []
    for name, key in FILTERS.items():
        counts = Counter(key(case) for case in cases if key(case))
        if len(counts) > 1:
            choices = [
                Choice(choice_id(name, value), value, count) for value, count in sorted(counts.items())
            ]
            found.append(Filter(name, choices))
    return found


def choice_id(name: str, value: str) -> str:
    """An id that CSS takes as it is, and that no two values share."""
    letters = re.sub(r"[^a-z0-9]+", lambda found: "-" + found.group().encode().hex() + "-", value.casefold())
    return f"{name.casefold()}-{letters}"
