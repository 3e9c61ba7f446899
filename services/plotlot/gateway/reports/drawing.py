"""The lot drawn to scale as SVG: its lines, its yards and what may be built on.

Colours are ``currentColor`` and CSS variables with fallbacks, so that a page decides on light and
dark: ``--lot-envelope``, ``--lot-front`` and ``--lot-paper``. No style element and no script.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.ops import polylabel

from plotlot.domain.edges import FRONT, REAR, SIDE, STREET_SIDE, XY
from plotlot.domain.envelope import Envelope, Yard
from plotlot.domain.lots import Lot
from plotlot.domain.outlines import polygons_of

WIDTH = 480.0
MARGIN = 50.0
TALLEST = 380.0
FOOT = 74.0
BAND = 24.0
AREA_DROPS = (0.0, 30.0, -30.0, 60.0, -60.0)  # pixels that the area's label may stand lower or higher
TEXT = 12.0
ENVELOPE = "var(--lot-envelope, #2f8f66)"
STREET = "var(--lot-front, #c8672b)"
PAPER = "var(--lot-paper, Canvas)"
NAMES = {FRONT: "Front", SIDE: "Side", STREET_SIDE: "Street side", REAR: "Rear"}
NICE_FEET = (2, 4, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

Room = tuple[XY, XY, XY, XY]
"""The corners of the rectangle that a label takes, in pixels and in order."""


@dataclass
class _Sheet:
    """Feet to pixels, and the places that labels already take."""

    left: float
    top: float
    scale: float
    height: float
    inset_x: float
    parts: list[str] = field(default_factory=list)
    taken: list["Room"] = field(default_factory=list)

    def at(self, point: XY) -> XY:
        """A point of the plane on the sheet; north is up."""
        return (
            self.inset_x + (point[0] - self.left) * self.scale,
            MARGIN + (self.top - point[1]) * self.scale,
        )

    def path(self, rings: Iterable[Sequence[XY]], closed: bool = True) -> str:
        """Path data of rings or lines."""
        found = []
        for ring in rings:
            steps = [f"{x:.1f} {y:.1f}" for x, y in map(self.at, ring)]
            found.append("M" + "L".join(steps) + ("Z" if closed else ""))
        return "".join(found)

    def free(self, room: "Room") -> bool:
        """Whether a place is still empty; it is taken from then on."""
        if any(overlap(room, other) for other in self.taken):
            return False
        self.taken.append(room)
        return True


def lot_svg(lot: Lot, envelope: Envelope | None = None, title: str = "") -> str:
    """The lot to scale with its envelope, setbacks, edge lengths, scale bar and north arrow.

    An envelope without any known setback is not drawn: it would call the whole lot buildable.
    """
    if envelope is not None and not any(yard.distance_ft is not None for yard in envelope.yards):
        envelope = None
    sheet = _sheet(lot)
    _streets(sheet, lot)
    _shapes(sheet, lot, envelope)
    _edges(sheet, lot)
    if envelope is not None:
        _setbacks(sheet, lot, envelope)
        _area(sheet, envelope)
    _edge_labels(sheet, lot)
    _furniture(sheet, lot, envelope)
    name = title or "The lot and its buildable envelope"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lot-drawing" role="img" '
        f'aria-labelledby="lot-drawing-title lot-drawing-text" viewBox="0 0 {WIDTH:.0f} '
        f'{sheet.height:.0f}" font-family="system-ui, sans-serif" font-size="{TEXT:g}" '
        f'fill="currentColor" color-scheme="light dark">'
        f'<title id="lot-drawing-title">{escape(name)}</title>'
        f'<desc id="lot-drawing-text">{escape(_description(lot, envelope))}</desc>'
        f"{''.join(sheet.parts)}</svg>"
    )


def _sheet(lot: Lot) -> _Sheet:
    west, south, east, north = lot.outline.bounds
    wide, high = max(east - west, 1.0), max(north - south, 1.0)
    scale = min((WIDTH - 2 * MARGIN) / wide, TALLEST / high)
    return _Sheet(
        left=west,
        top=north,
        scale=scale,
        height=high * scale + 2 * MARGIN + FOOT,
        inset_x=(WIDTH - wide * scale) / 2,
    )


def _streets(sheet: _Sheet, lot: Lot) -> None:
    """A pale band outside the lot lines that lie on a street."""
    for edge in lot.street_lines:
        if edge.length_ft > 0:
            band = edge.line.buffer(-BAND / sheet.scale, single_sided=True, join_style="mitre")
            for part in polygons_of(band.difference(lot.outline)):
                sheet.parts.append(
                    f'<path class="lot-street" d="{sheet.path([ring_of(part)])}" '
                    f'fill="{STREET}" fill-opacity="0.13"/>'
                )


def ring_of(polygon: Polygon) -> list[XY]:
    """The outer ring of a polygon."""
    return [(x, y) for x, y in shapely.get_coordinates(polygon.exterior).tolist()]


def _shapes(sheet: _Sheet, lot: Lot, envelope: Envelope | None) -> None:
    rings = [ring_of(lot.outline), *([(x, y) for x, y in r.coords] for r in lot.outline.interiors)]
    sheet.parts.append(
        f'<path class="lot-outline" d="{sheet.path(rings)}" fill-rule="evenodd" '
        'fill-opacity="0.06" stroke="currentColor" stroke-opacity="0.55" stroke-width="1"/>'
    )
    for part in envelope.parts if envelope else ():
        sheet.parts.append(
            f'<path class="lot-envelope" d="{sheet.path(part)}" fill="{ENVELOPE}" '
            f'fill-rule="evenodd" fill-opacity="0.22" stroke="{ENVELOPE}" stroke-width="1.5" '
            'stroke-dasharray="6 4" stroke-linejoin="round"/>'
        )


def _edges(sheet: _Sheet, lot: Lot) -> None:
    pole = lot.street_lines if lot.kind == "flag" else ()
    for edge in (*lot.edges, *pole):
        street = edge in lot.street_lines
        colour, width = (STREET, 3.0) if street else ("currentColor", 1.75)
        sheet.parts.append(
            f'<path class="lot-edge lot-{edge.kind}" d="{sheet.path([edge.points], False)}" '
            f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" '
            'stroke-linejoin="round"/>'
        )
    if lot.rear_line is not None:
        sheet.parts.append(
            f'<path class="lot-edge lot-rear" d="{sheet.path([lot.rear_line], False)}" fill="none" '
            'stroke="currentColor" stroke-width="1.75" stroke-dasharray="3 3"/>'
        )


def _setbacks(sheet: _Sheet, lot: Lot, envelope: Envelope) -> None:
    """A dimension line in each yard, from the lot line inward, with its distance."""
    drawn: dict[tuple[str, float], int] = {}
    for yard in sorted(envelope.yards, key=lambda each: -each.length_ft):
        if not yard.distance_ft:
            continue
        pixels = yard.length_ft * sheet.scale
        key = (yard.kind, yard.distance_ft)
        if drawn.get(key, 0) >= 2 or (pixels < 40 and drawn.get(key) and yard.length_ft):
            continue
        if _dimension(sheet, lot, yard):
            drawn[key] = drawn.get(key, 0) + 1


def _dimension(sheet: _Sheet, lot: Lot, yard: Yard) -> bool:
    """Draw one dimension where its label has room."""
    distance = yard.distance_ft or 0.0
    line = LineString(yard.points)
    text = f"{_feet(distance)} ft"
    for share in (0.44, 0.3, 0.62, 0.5) if yard.length_ft else (0.5,):
        start = line.interpolate(share, normalized=True)
        nx, ny = _inward(lot, yard, line, share)
        outer, inner = (
            sheet.at((start.x, start.y)),
            sheet.at((start.x + nx * distance, start.y + ny * distance)),
        )
        dx, dy = nx, -ny
        long_enough = distance * sheet.scale > 22 + abs(dx) * (len(text) * 6.4 - 8)
        if long_enough:
            centre = ((outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2)
        else:
            away = 11 + abs(dx) * len(text) * 2.6
            centre = (inner[0] + dx * away, inner[1] + dy * away)
        room = _room(centre, text, 0.0)
        if sheet.free(room):
            _dimension_line(sheet, outer, inner, (dx, dy))
            _label(sheet, centre, text, 0.0, "lot-setback", ENVELOPE, weight=600)
            return True
    return False


def _dimension_line(sheet: _Sheet, outer: XY, inner: XY, toward: XY) -> None:
    tick = (-toward[1] * 4, toward[0] * 4)
    ends = "".join(
        f"M{x - tick[0]:.1f} {y - tick[1]:.1f}L{x + tick[0]:.1f} {y + tick[1]:.1f}" for x, y in (outer, inner)
    )
    sheet.parts.append(
        f'<path class="lot-dimension" d="M{outer[0]:.1f} {outer[1]:.1f}L{inner[0]:.1f} '
        f'{inner[1]:.1f}{ends}" fill="none" stroke="{ENVELOPE}" stroke-width="1.25"/>'
    )


def _inward(lot: Lot, yard: Yard, line: LineString, share: float) -> XY:
    """The direction into the lot at a place of a lot line."""
    if yard.kind == REAR and not yard.length_ft:
        angle = math.radians(lot.front_bearing)
        return (math.sin(angle), math.cos(angle))
    place = share * line.length
    a, b = line.interpolate(max(place - 0.5, 0)), line.interpolate(place + 0.5)
    length = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    return (-(b.y - a.y) / length, (b.x - a.x) / length)


def _edge_labels(sheet: _Sheet, lot: Lot) -> None:
    """What each lot line is and how long, outside and along it; left out where it has no room."""
    pole = lot.street_lines if lot.kind == "flag" else ()
    order = sorted((*lot.edges, *pole), key=lambda each: (each.kind == SIDE, -each.length_ft))
    for edge in order:
        length = f"{_feet(edge.length_ft)} ft"
        street = f" on {edge.street}" if edge.street and len(edge.street) <= 28 else ""
        options = [f"{NAMES[edge.kind]}{street} · {length}", f"{NAMES[edge.kind]} · {length}", length]
        pixels = edge.length_ft * sheet.scale
        fits = [text for text in options if len(text) * 6.3 <= pixels + 8]
        if edge.kind in (FRONT, REAR) and not fits:
            fits = options[1:]
        nx, ny = edge.outward
        x, y = sheet.at(_outermost(edge.points, edge.middle, edge.outward))
        centre = (x + nx * 14, y - ny * 14)
        angle = math.degrees(math.atan2(-ny, nx)) + 90
        angle = (angle + 90) % 180 - 90
        for text in fits:
            if sheet.free(_room(centre, text, angle)):
                _label(sheet, centre, text, angle, "lot-edge-label", "currentColor")
                break


def _outermost(points: Sequence[XY], middle: XY, outward: XY) -> XY:
    """The middle of the chord, or the middle of the curve where that lies farther out."""
    chord = ((points[0][0] + points[-1][0]) / 2, (points[0][1] + points[-1][1]) / 2)
    return max(chord, middle, key=lambda p: p[0] * outward[0] + p[1] * outward[1])


def _area(sheet: _Sheet, envelope: Envelope) -> None:
    """The area of the envelope at its middle, where there is room for it."""
    parts = [Polygon(part[0], part[1:]) for part in envelope.parts]
    if not parts:
        return
    largest = max(parts, key=lambda part: part.area)
    drawn = Polygon([sheet.at(point) for point in ring_of(largest)])
    lines = [(f"{envelope.area_sqft:,.0f} sq ft", 16.0, 600), ("buildable", TEXT, 400)]
    for x, y in _middles(sheet, largest):
        west, north, east, south = x - 52, y - 16, x + 52, y + 22
        inside = drawn.contains(box(west, north, east, south))
        if inside and sheet.free(((west, north), (east, north), (east, south), (west, south))):
            for row, (text, size, weight) in enumerate(lines):
                centre = (x, y + row * 16)
                _label(sheet, centre, text, 0.0, "lot-area", "currentColor", size=size, weight=weight)
            return


def _middles(sheet: _Sheet, part: Polygon) -> Iterator[XY]:
    """Places for the area's label: about the centroid, then about the point farthest from the outline."""
    for find in (lambda: part.centroid, lambda: polylabel(part, tolerance=max(1.0, part.length / 200))):
        middle = find()
        x, y = sheet.at((middle.x, middle.y))
        for drop in AREA_DROPS:
            yield x, y + drop


def _label(
    sheet: _Sheet,
    centre: XY,
    text: str,
    angle: float,
    kind: str,
    colour: str,
    size: float = TEXT,
    weight: int = 400,
    anchor: str = "middle",
) -> None:
    """A line of text with a halo of the paper's colour."""
    x, y = centre
    turn = f' transform="rotate({angle:.1f} {x:.1f} {y:.1f})"' if abs(angle) > 0.05 else ""
    sheet.parts.append(
        f'<text class={quoteattr(kind)} x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{anchor}" '
        f'font-size="{size:g}" font-weight="{weight}" fill="{colour}" stroke="{PAPER}" '
        f'stroke-opacity="0.85" stroke-width="3" stroke-linejoin="round" paint-order="stroke"{turn}>'
        f"{escape(text)}</text>"
    )


def _room(centre: XY, text: str, angle: float) -> Room:
    """The place a label takes, turned with it."""
    half, tall = len(text) * 3.3 + 2, TEXT / 2 + 2
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    along, across = (half * cosine, half * sine), (tall * sine, -tall * cosine)
    x, y = centre
    return (
        (x - along[0] + across[0], y - along[1] + across[1]),
        (x + along[0] + across[0], y + along[1] + across[1]),
        (x + along[0] - across[0], y + along[1] - across[1]),
        (x - along[0] - across[0], y - along[1] - across[1]),
    )


def overlap(one: Room, other: Room) -> bool:
    """Whether two rectangles meet: no side of either has all of the other beyond it."""
    for (ax, ay), (bx, by), *_ in (one, one[1:], other, other[1:]):
        dx, dy = bx - ax, by - ay
        ours = [x * dx + y * dy for x, y in one]
        theirs = [x * dx + y * dy for x, y in other]
        if max(ours) < min(theirs) or max(theirs) < min(ours):
            return False
    return True


def _furniture(sheet: _Sheet, lot: Lot, envelope: Envelope | None) -> None:
    """Scale bar, key and north arrow along the foot of the sheet."""
    base = sheet.height - 40
    feet = max((n for n in NICE_FEET if n * sheet.scale <= 105), default=NICE_FEET[0])
    end = MARGIN + feet * sheet.scale
    half = (MARGIN + end) / 2
    sheet.parts.append(
        f'<g class="lot-scale"><path d="M{MARGIN:.1f} {base - 3:.1f}H{end:.1f}v6H{MARGIN:.1f}Z" '
        'fill="none" stroke="currentColor"/>'
        f'<path d="M{MARGIN:.1f} {base - 3:.1f}H{half:.1f}v6H{MARGIN:.1f}Z"/></g>'
    )
    marks = [(MARGIN, "0"), (end, f"{feet} ft")]
    if half - MARGIN >= 36:
        marks.insert(1, (half, _feet(feet / 2)))
    for x, text in marks:
        _label(sheet, (x, base + 16), text, 0.0, "lot-scale-label", "currentColor", size=11)
    _key(sheet, lot, envelope, base)
    _north(sheet, WIDTH - MARGIN, base)


def _key(sheet: _Sheet, lot: Lot, envelope: Envelope | None, base: float) -> None:
    x = WIDTH / 2 - 46
    rows = [(f"Lot {lot.area_sqft:,.0f} sq ft", "currentColor", "0.12")]
    if envelope is not None:
        rows.append((f"Buildable {envelope.area_sqft:,.0f} sq ft", ENVELOPE, "0.35"))
    else:
        rows.append(("Setbacks not known", "currentColor", "0"))
    for row, (text, colour, opacity) in enumerate(rows):
        y = base - 4 + row * 18
        sheet.parts.append(
            f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="16" height="12" rx="2" fill="{colour}" '
            f'fill-opacity="{opacity}" stroke="{colour}" stroke-width="1"/>'
        )
        _label(sheet, (x + 24, y), text, 0.0, "lot-key", "currentColor", anchor="start")


def _north(sheet: _Sheet, x: float, base: float) -> None:
    sheet.parts.append(f'<g class="lot-north"><path d="M{x:.1f} {base - 14:.1f}l6 18l-6 -4l-6 4z"/></g>')
    _label(sheet, (x, base + 16), "N", 0.0, "lot-north-label", "currentColor", size=11, weight=600)


def _description(lot: Lot, envelope: Envelope | None) -> str:
    """The drawing in words, for those who do not see it."""
    lines = ", ".join(f"{NAMES[e.kind].lower()} {_feet(e.length_ft)} feet" for e in lot.edges)
    text = f"{lot.kind.capitalize()} lot of {lot.area_sqft:,.0f} square feet. Lot lines: {lines}."
    if envelope is None:
        return f"{text} No setbacks are known."
    yards = dict.fromkeys(
        f"{NAMES[yard.kind].lower()} {_feet(yard.distance_ft)} feet"
        for yard in envelope.yards
        if yard.distance_ft is not None
    )
    return f"{text} Setbacks: {', '.join(yards)}. Buildable envelope: {envelope.area_sqft:,.0f} square feet."


def _feet(value: float) -> str:
    """Feet with one decimal where it says something."""
    return f"{value:,.1f}".removesuffix(".0")
