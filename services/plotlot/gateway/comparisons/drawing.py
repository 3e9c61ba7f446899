"""Lots drawn to one scale, each with its envelope and the lot lines on a street."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from shapely.geometry import LineString, MultiPoint, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from plotlot.domain.edges import FRONT, STREET_SIDE
from plotlot.domain.outlines import outline_of, polygons_of
from plotlot.gateway.reports.drawing import ENVELOPE, NICE_FEET, STREET
from plotlot.gateway.reports.maps import envelope_shape, is_rectangle
from plotlot.gateway.wording import measure, plain

Json = Mapping[str, Any]
SIZE = 260.0  # of the largest lot's longer side, in pixels
MARGIN = 12.0
FOOT = 26.0
BAR = 110.0  # the longest scale bar, in pixels


@dataclass(frozen=True, slots=True)
class Shapes:
    """A lot in feet: its outline, what may be built on, and its lines on a street."""

    outline: Polygon
    envelope: MultiPolygon
    streets: tuple[LineString, ...]


def drawings_of(reports: Sequence[Json], names: Sequence[str]) -> list[str]:
    """An SVG for each report, all of one size and scale; empty for a lot whose shape is not known."""
    shapes = [shapes_of(report) for report in reports]
    known = [each for each in shapes if each is not None]
    if not known:
        return [""] * len(shapes)
    wide = max(east - west for west, _, east, _ in (each.outline.bounds for each in known))
    high = max(north - south for _, south, _, north in (each.outline.bounds for each in known))
    scale = SIZE / max(wide, high)
    sheet = (wide * scale + 2 * MARGIN, high * scale + 2 * MARGIN + FOOT)
    return [
        drawing(number, each, scale, sheet, description(name, report)) if each else ""
        for number, (each, name, report) in enumerate(zip(shapes, names, reports, strict=True))
    ]


def shapes_of(report: Json) -> Shapes | None:
    """The shapes of a report's lot; None where neither boundary nor sizes are known."""
    envelope = report["envelope"]
    outline = None
    if report["parcel"]["geometry"] is not None and not is_rectangle(report):
        outline = outline_of(report["parcel"]["geometry"]).polygon
    elif envelope is not None:
        outline = rectangle(envelope)
    if outline is None:
        return None
    yards = (envelope or {}).get("setbacks", ())
    streets = [
        LineString(yard["points"])
        for yard in yards
        if yard["edge"] in (FRONT, STREET_SIDE) and yard.get("points")
    ]
    return Shapes(outline, envelope_shape(envelope) if envelope else MultiPolygon(), tuple(streets))


def rectangle(envelope: Json) -> Polygon | None:
    """A lot that was taken as a rectangle, by its lot lines."""
    points = [point for yard in envelope["setbacks"] for point in yard.get("points") or ()]
    return box(*MultiPoint(points).bounds) if points else None


def description(name: str, report: Json) -> str:
    """The drawing in words."""
    text = f"{plain(name)}: lot of {measure(report['parcel']['lot']['area_sqft'], 'sqft', 0)}"
    buildable = (report["envelope"] or {}).get("area_sqft")
    return f"{text}, of which its setbacks leave {measure(buildable, 'sqft', 0)}" if buildable else text


def drawing(number: int, shapes: Shapes, scale: float, sheet: tuple[float, float], words: str) -> str:
    """A lot on its sheet, at the foot of it and in its middle."""
    west, south, east, _ = shapes.outline.bounds
    left, base = (sheet[0] - (east - west) * scale) / 2, sheet[1] - MARGIN - FOOT

    def path(shape: BaseGeometry) -> str:
        rings = [ring for part in polygons_of(shape) for ring in (part.exterior, *part.interiors)]
        steps = [
            "L".join(
                f"{left + (x - west) * scale:.1f} {base - (y - south) * scale:.1f}" for x, y in line.coords
            )
            for line in rings or [shape]
        ]
        return "".join(f"M{each}" for each in steps)

    parts = [
        f'<path d="{path(shapes.outline)}" fill-rule="evenodd" fill-opacity="0.06" stroke="currentColor"/>',
        *(
            f'<path d="{path(part)}" fill="{ENVELOPE}" fill-rule="evenodd" fill-opacity="0.22" stroke="{ENVELOPE}"'
            ' stroke-width="1.5" stroke-dasharray="6 4"/>'
            for part in shapes.envelope.geoms
        ),
        *(
            f'<path d="{path(line)}" fill="none" stroke="{STREET}" stroke-width="3"/>'
            for line in shapes.streets
        ),
        scale_bar(scale, sheet),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="compared-lot" role="img" aria-labelledby="compared-{number}"'
        f' viewBox="0 0 {sheet[0]:.0f} {sheet[1]:.0f}" font-size="11" fill="currentColor">'
        f'<title id="compared-{number}">{escape(words)}</title>{"".join(parts)}</svg>'
    )


def scale_bar(scale: float, sheet: tuple[float, float]) -> str:
    """A bar of so many feet, the same on every sheet."""
    feet = max((each for each in NICE_FEET if each * scale <= BAR), default=NICE_FEET[0])
    base, end = sheet[1] - MARGIN, MARGIN + feet * scale
    return (
        f'<path d="M{MARGIN:.1f} {base - 5:.1f}v5H{end:.1f}v-5" fill="none" stroke="currentColor"/>'
        f'<text x="{end + 6:.1f}" y="{base:.1f}">{feet} ft</text>'
    )
