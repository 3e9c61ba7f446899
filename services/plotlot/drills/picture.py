"""A drill's timeline as SVG: the probes of each few seconds, who of them was harmed, and the moments."""

from collections.abc import Iterator, Sequence
from math import ceil
from xml.sax.saxutils import escape

from plotlot.drills.timeline import MOMENTS, Probe, Timeline

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 320, 52, 24, 118, 44
ROWS, LETTER = 5, 6.5  # rows of names above the chart, and about how wide a letter is
BIN_SECONDS = 5.0
LEAST_BEFORE = 10.0
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#334}.title{font-weight:600;font-size:13px}.axis{stroke:#889;fill:none}"
    ".well{fill:#1864ab}.harmed{fill:#c2410c}.moment{stroke:#556;stroke-dasharray:4 3}.outage{fill:#c2410c;opacity:.08}"
    "@media(prefers-color-scheme:dark){text{fill:#dde}.well{fill:#74c0fc}.harmed{fill:#ffa94d}.moment{stroke:#aab}}"
)


def svg(timeline: Timeline) -> str:
    """The picture as a document of its own."""
    end = max([*timeline.moments.values(), BIN_SECONDS]) + 2 * BIN_SECONDS
    probes = [probe for probe in timeline.probes if -LEAST_BEFORE <= probe.at < end]
    scale = (WIDTH - LEFT - RIGHT) / (end + LEAST_BEFORE)
    title = f"{timeline.drill}: {timeline.summary}"
    parts = [
        f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>',
        f'<text x="{LEFT}" y="{TOP - 8}">requests in {BIN_SECONDS:g} s</text>',
        *_outage(timeline, scale),
        *_bars(probes, scale),
        *_moments(timeline, scale),
        *_axes(end, scale),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _x(at: float, scale: float) -> float:
    return LEFT + (at + LEAST_BEFORE) * scale


def _outage(timeline: Timeline, scale: float) -> Iterator[str]:
    if "recovered" in timeline.moments:
        start, end = _x(0, scale), _x(timeline.moments["recovered"], scale)
        yield f'<rect class="outage" x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" height="{HEIGHT - BOTTOM - TOP}"/>'


def _bars(probes: Sequence[Probe], scale: float) -> Iterator[str]:
    """A bar for each few seconds: harmed below, the others on top of them."""
    bins: dict[int, list[int]] = {}
    for probe in probes:
        counts = bins.setdefault(int((probe.at + LEAST_BEFORE) // BIN_SECONDS), [0, 0])
        counts[probe.harmed] += 1
    unit = (HEIGHT - BOTTOM - TOP) / max((sum(counts) for counts in bins.values()), default=1)
    for number, (well, harmed) in sorted(bins.items()):
        x, base = LEFT + number * BIN_SECONDS * scale, float(HEIGHT - BOTTOM)
        for name, count in (("harmed", harmed), ("well", well)):
            if count:
                base -= count * unit
                width = BIN_SECONDS * scale - 1
                yield f'<rect class="{name}" x="{x:.1f}" y="{base:.1f}" width="{width:.1f}" height="{count * unit:.1f}"/>'


def _moments(timeline: Timeline, scale: float) -> Iterator[str]:
    """A line for each moment, its name on the first row where there is room for it."""
    rows = [0.0] * ROWS  # how far to the right each row is taken
    for name in (name for name in MOMENTS if name in timeline.moments):
        x, words = _x(timeline.moments[name], scale), f"{name} {timeline.moments[name]:.0f} s"
        width = LETTER * len(words)
        left = min(x, WIDTH - width)
        row = next((row for row, taken in enumerate(rows) if taken <= left), ROWS - 1)
        rows[row] = left + width
        y = 36 + 13 * row
        yield f'<path class="moment" d="M{x:.1f} {y + 3}V{HEIGHT - BOTTOM}"/>'
        yield f'<text x="{left:.1f}" y="{y}">{words}</text>'


def _axes(end: float, scale: float) -> Iterator[str]:
    base = HEIGHT - BOTTOM
    yield f'<path class="axis" d="M{LEFT} {TOP}V{base}H{WIDTH - RIGHT}"/>'
    step = 30 * ceil(end / 300)
    for tick in range(0, int(end), step):
        yield f'<text x="{_x(tick, scale):.1f}" y="{base + 16}" text-anchor="middle">{tick}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">seconds after the break</text>'
