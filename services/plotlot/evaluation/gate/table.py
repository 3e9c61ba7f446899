"""A gate's verdict as Markdown, for a pull request."""

import math
from collections.abc import Iterator
from typing import Any

from plotlot.domain.paired import Comparison, GateVerdict
from plotlot.evaluation.gate.gate import Gate

WORDS = {
    GateVerdict.PASS: "pass: no metric is worse by its margin",
    GateVerdict.FAIL: "fail: a metric is worse by more than its margin",
    GateVerdict.INCONCLUSIVE: "inconclusive: too few cases to tell",
}
HEADINGS = ("metric", "before", "after", "difference", "interval", "margin", "cases", "missing", "verdict")


def markdown(gate: Gate) -> str:
    """The verdict, a table of the metrics, and the cases that lost most."""
    lines = [f"### Evals: {WORDS[gate.verdict]}", "", row(*HEADINGS), row("---", *("---:",) * 7, "---")]
    lines += [row(*cells(comparison)) for comparison in gate.comparisons]
    lines += ["", *notes(gate)]
    if gate.worst:
        lines += [
            "",
            "<details><summary>Cases that got worse</summary>",
            "",
            row("case", "metric", "before", "after"),
        ]
        lines += [
            row("---", "---", "---:", "---:"),
            *(row(*lost(one)) for one in gate.worst),
            "",
            "</details>",
        ]
    return "\n".join(lines) + "\n"


def cells(found: Comparison) -> Iterator[str]:
    """A comparison as the cells of a row."""
    digits = 1 if found.margin.relative else 3
    yield f"`{found.margin.metric}`"
    yield number(found.before, digits)
    yield number(found.after, digits)
    yield f"{found.difference:+.3f}"
    yield f"{bound(found.low)} to {bound(found.high)}"
    yield f"{found.margin.margin:g}"
    yield f"{found.cases} of {found.towns} {'town' if found.towns == 1 else 'towns'}"
    yield str(found.missing)
    yield verdict_words(found)


def verdict_words(found: Comparison) -> str:
    """A verdict, with the cases it would take where it is open."""
    if found.verdict is GateVerdict.FAIL:
        return "**fail**"
    if found.verdict is GateVerdict.PASS:
        if found.worse:
            return "pass"
        seen = "none got worse" if found.better else "none differs"
        return f"pass, {seen} (may hide {found.unseen:.1%})"
    if found.needed is None:
        return "inconclusive: more cases would not tell"
    return f"inconclusive: about {found.needed:,} cases would tell"


def notes(gate: Gate) -> Iterator[str]:
    """How the intervals were made, and what could not be compared."""
    methods = sorted({comparison.method for comparison in gate.comparisons})
    yield (
        f"`{gate.run}` against `{gate.baseline}`. Each town counts the same; differences above 0 are for the better. "
        f"Intervals of 95 %: {', '.join(methods)}."
    )
    if missing := sum(comparison.missing for comparison in gate.comparisons):
        yield f"\n{missing} scores are missing, and count as the worst."
    if gate.added:
        yield f"\n{gate.added} cases are new: they have nothing to be compared with until the baseline is written anew."
    if gate.changed_data:
        yield f"\nNot the same data as the baseline's: {', '.join(gate.changed_data)}."


def lost(one: Any) -> Iterator[str]:
    """A case that lost, as cells."""
    yield f"`{one['case']}`"
    yield f"`{one['metric']}`"
    yield number(one["before"], 2)
    yield number(one["after"], 2)


def number(value: float | None, digits: int) -> str:
    """A number, or that it is missing."""
    return "missing" if value is None else f"{value:,.{digits}f}"


def bound(value: float) -> str:
    """An end of an interval."""
    return f"{value:+.3f}" if math.isfinite(value) else "unknown"


def row(*texts: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(texts) + " |"
