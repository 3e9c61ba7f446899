"""The evidence of one guardrail as it grew: both e-values on a logarithmic scale, against what they must reach.

Colours are ``currentColor`` and CSS variables with fallbacks, so that a page decides on light and dark:
``--worse``, ``--fine`` and ``--chart-paper``. No style element and no script.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from plotlot.gateway.releases.wording import length

WIDTH, HEIGHT = 400.0, 188.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 12.0, 16.0, 24.0
FLOOR = math.log(0.05)
TEXT = 12.5
CLOSEST_LABELS = 30.0
WORSE, FINE = "var(--worse, #9f2a20)", "var(--fine, #1c6a3d)"
PAPER = "var(--chart-paper, Canvas)"


@dataclass(frozen=True, slots=True)
class Point:
    """Both e-values of a guardrail, as logarithms, so many seconds after the release was opened."""

    seconds: float
    harm: float
    noninferior: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: the points in time's order, the thresholds as logarithms, and where stages began."""

    points: Sequence[Point]
    harm_threshold: float
    noninferior_threshold: float
    marks: Sequence[tuple[float, str]] = ()
    title: str = ""
    description: str = ""

    @property
    def top(self) -> float:
        """The largest logarithm that has a place."""
        return max(self.harm_threshold, self.noninferior_threshold, math.log(10)) + 0.9

    @property
    def last(self) -> float:
        """The seconds at the right edge."""
        return max((point.seconds for point in self.points), default=0.0) or 1.0

    def x(self, seconds: float) -> float:
        """A time's place."""
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(seconds / self.last, 0.0), 1.0)

    def y(self, log_e: float) -> float:
        """An e-value's place; what is off the scale lies at its edge."""
        share = (min(max(log_e, FLOOR), self.top) - FLOOR) / (self.top - FLOOR)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def paths_svg(chart: Chart) -> str:
    """The chart; complete in words for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img">'
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.description)}</desc>"
        f"{_scale(chart)}{_stages(chart)}"
        f"{_threshold(chart, chart.noninferior_threshold, FINE)}{_threshold(chart, chart.harm_threshold, WORSE)}"
        f"{_path(chart, [p.noninferior for p in chart.points], FINE, dash='6 3')}"
        f"{_path(chart, [p.harm for p in chart.points], WORSE)}"
        f"{_name(chart, chart.noninferior_threshold, FINE, 'within its margin')}"
        f"{_name(chart, chart.harm_threshold, WORSE, 'worse: goes back')}"
        "</svg>"
    )


def _scale(chart: Chart) -> str:
    """Powers of ten, and the line on which nothing is known either way."""
    parts = []
    for power in range(-1, int(chart.top / math.log(10)) + 1):
        y, strong = chart.y(power * math.log(10)), power == 0
        parts.append(
            f'<path d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}" stroke="currentColor" '
            f'stroke-opacity="{0.5 if strong else 0.14}"/>'
        )
        parts.append(_text(LEFT - 6, y, f"{10.0**power:,g}", "currentColor", anchor="end", quiet=True))
    return "".join(parts)


def _stages(chart: Chart) -> str:
    """Where each stage began, and how long it all took, named along the foot as far as there is room."""
    parts, free, foot = [], 0.0, HEIGHT - BOTTOM + 12
    for seconds, name in chart.marks:
        x = chart.x(seconds)
        parts.append(
            f'<path d="M{x:.1f} {TOP:g}V{HEIGHT - BOTTOM:g}" stroke="currentColor" stroke-opacity="0.3"/>'
        )
        if free <= x <= WIDTH - RIGHT - CLOSEST_LABELS:
            parts.append(_text(x + 3, foot, name, "currentColor", quiet=True))
            free = x + max(len(name) * 7.0, CLOSEST_LABELS)
    span = length(chart.last)
    if len(chart.points) > 1 and free <= WIDTH - RIGHT - len(span) * 7.0:
        parts.append(_text(WIDTH - RIGHT, foot, span, "currentColor", anchor="end", quiet=True))
    return "".join(parts)


def _threshold(chart: Chart, log_e: float, colour: str) -> str:
    y = chart.y(log_e)
    return f'<path d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}" stroke="{colour}" stroke-dasharray="1.5 3"/>'


def _name(chart: Chart, log_e: float, colour: str, name: str) -> str:
    """A threshold's name above it, over the paths."""
    return _text(LEFT + 5, chart.y(log_e) - 8, f"{name} at {math.exp(log_e):,.0f}", colour)


def _path(chart: Chart, values: Sequence[float], colour: str, dash: str = "") -> str:
    """One e-value's way, a dot at its end."""
    places = [
        (chart.x(point.seconds), chart.y(value)) for point, value in zip(chart.points, values, strict=True)
    ]
    if not places:
        return ""
    steps = [places[0], *(after for before, after in pairwise(places) if after != before)]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in steps)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    x, y = places[-1]
    return (
        f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-linejoin="round"{dashes}/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    )


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start", quiet: bool = False) -> str:
    """A line of text with a halo of the paper's colour."""
    shade = ' fill-opacity="0.75"' if quiet else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor={quoteattr(anchor)} font-size="{TEXT:g}" '
        f'fill="{colour}"{shade} stroke="{PAPER}" stroke-width="3" stroke-linejoin="round" '
        f'paint-order="stroke">{escape(text)}</text>'
    )
