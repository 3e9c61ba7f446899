"""Small line charts as SVG, light and dark by the reader's preference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 56, 132, 34, 44
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#334}.axis{stroke:#889;fill:none}.grid{stroke:#8893;fill:none}"
    ".a{stroke:#1864ab;fill:none;stroke-width:2}.b{stroke:#c2410c;fill:none;stroke-width:2}"
    ".limit{stroke:#556;stroke-dasharray:5 4;fill:none}"
    "@media(prefers-color-scheme:dark){text{fill:#dde}.a{stroke:#74c0fc}.b{stroke:#ffa94d}.limit{stroke:#aab}}"
)

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """A line, its class of colour, and its name where it ends; lines of one name say it once."""

    points: Points
    colour: str
    name: str = ""


@dataclass(frozen=True)
class Chart:
    """What a chart shows: ``limit`` is a level to be told from the rest, with its words."""

    title: str
    x_label: str
    y_label: str
    x_ticks: Sequence[float]
    y_ticks: Sequence[tuple[float, str]]
    limit: tuple[float, str]
    lines: Sequence[Line]
    logarithmic: bool = False


def svg(chart: Chart) -> str:
    """The chart as a document of its own."""
    x = _scale([_x(chart, tick) for tick in chart.x_ticks], LEFT, WIDTH - RIGHT)
    y = _scale([tick for tick, _ in chart.y_ticks], HEIGHT - BOTTOM, TOP)
    parts = [_axes(chart, x, y), *(_line(chart, line, x, y) for line in chart.lines)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(chart.title)}</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    return _Scale(min(values), max(values), start, end)


def _x(chart: Chart, value: float) -> float:
    return math.log(value) if chart.logarithmic else value


def _axes(chart: Chart, x: _Scale, y: _Scale) -> str:
    level, words = chart.limit
    right, base = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<text x="{LEFT}" y="18">{escape(chart.y_label)}</text>',
        f'<text x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(chart.x_label)}</text>',
        f'<path class="axis" d="M{LEFT} {TOP}V{base}H{right}"/>',
    ]
    for tick in chart.x_ticks:
        place = x(_x(chart, tick))
        parts.append(f'<text x="{place:.1f}" y="{base + 17}" text-anchor="middle">{tick:g}</text>')
    for tick, label in chart.y_ticks:
        parts.append(f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{right}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{escape(label)}</text>')
    parts.append(f'<path class="limit" d="M{LEFT} {y(level):.1f}H{right}"/>')
    parts.append(f'<text x="{right + 6}" y="{y(level) + 4:.1f}">{escape(words)}</text>')
    return "\n".join(parts)


def _line(chart: Chart, line: Line, x: _Scale, y: _Scale) -> str:
    points = " ".join(f"{x(_x(chart, across)):.1f},{y(up):.1f}" for across, up in line.points)
    drawn = f'<polyline class="{line.colour}" points="{points}"/>'
    if not line.name:
        return drawn
    across, up = line.points[-1]
    place = x(_x(chart, across)) + 6
    return f'{drawn}\n<text x="{place:.1f}" y="{y(up) + 4:.1f}">{escape(line.name)}</text>'
