"""The buildable envelope: the lot less its yards, and the floor area that the code allows in it.

A yard is every point of the lot nearer to a lot line than that line's setback, so the envelope
is the lot less a buffer of each edge. All measures are feet and square feet.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from plotlot.domain.applicable import Choice, choose, words
from plotlot.domain.edges import FRONT, REAR, SIDE, STREET_SIDE, XY
from plotlot.domain.lots import Lot
from plotlot.domain.outlines import polygons_of
from plotlot.domain.parcels import FACTS
from plotlot.domain.standards import Standard

SETBACK_FIELDS: Mapping[str, str] = {
    FRONT: "front_setback",
    SIDE: "side_setback",
    STREET_SIDE: "street_side_setback",
    REAR: "rear_setback",
}
ASSUMED_STORY_FT = 10.0


@dataclass(frozen=True, slots=True)
class Yard:
    """The setback applied to one edge; ``distance_ft`` is None where the code states none."""

    kind: str
    field: str
    points: tuple[XY, ...]
    length_ft: float
    distance_ft: float | None
    standard: Standard | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where and how much may be built.

    ``parts`` are polygons as rings, the outer first. ``area_sqft`` is at the strictest reading,
    ``area_high_sqft`` at the most lenient. ``footprint_sqft`` is capped by coverage as well;
    ``floor_area_low_sqft`` to ``floor_area_high_sqft`` by height, stories and FAR. A missing
    setback counts as none in the high figure and leaves the low one None.
    """

    parts: tuple[tuple[tuple[XY, ...], ...], ...]
    area_sqft: float
    area_high_sqft: float
    yards: tuple[Yard, ...]
    footprint_sqft: float
    max_height_ft: float | None
    max_stories: float | None
    floor_area_low_sqft: float | None
    floor_area_high_sqft: float | None
    arithmetic: str
    standards: tuple[Standard, ...] = ()
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def facts_of(lot: Lot | None, properties: Mapping[str, str], use: str = "") -> dict[str, str]:
    """The facts that conditions are judged by: those of the source, the kind of lot, and the use where it is asked for."""
    facts = {name: properties[name] for name in FACTS if properties.get(name)}
    if lot is not None:
        facts["lot"] = lot.kind
    if use:
        facts["use"] = use
    return facts


def measures_of(lot: Lot, width_ft: float | None = None) -> dict[str, float]:
    """The measures that formulas are percents of."""
    width = lot.width_at(None) if width_ft is None else width_ft
    return {"lot_depth": lot.depth_ft, "lot_width": width}


def envelope_of(
    lot: Lot, standards: Sequence[Standard], properties: Mapping[str, str] | None = None, use: str = ""
) -> Envelope:
    """Inset the lot edge by edge and cap what may stand in it."""
    standards = _without_doubles(standards)
    facts = facts_of(lot, properties or {}, use)
    measures = measures_of(lot)
    present = [kind for kind in SETBACK_FIELDS if lot.of_kind(kind) or _is_point_rear(lot, kind)]
    choices = {kind: choose(standards, SETBACK_FIELDS[kind], facts, measures) for kind in SETBACK_FIELDS}
    assumptions: list[str] = []
    if STREET_SIDE in present and not choices[STREET_SIDE].known and choices[SIDE].known:
        choices[STREET_SIDE] = choices[SIDE]
        assumptions.append("no street side setback was found: the side setback is kept there")
    total = choose(standards, "side_setback_total", facts, measures)
    highest, lowest = ({k: c.high for k, c in choices.items()}, {k: c.low for k, c in choices.items()})
    strict = _inset(lot, highest, total.high, assumptions)
    agreed = (highest, total.high) == (lowest, total.low)
    lenient = strict if agreed else _inset(lot, lowest, total.low, [])
    missing = [k for k in present if not choices[k].known and not (k == SIDE and total.known)]
    warnings = _missing(missing, len(present))
    yards = _yards(lot, choices, strict.distances)
    applied = [choices[kind] for kind in present] + [total]
    return _capped(lot, standards, facts, strict, lenient, yards, applied, assumptions, warnings)


def envelope_to_dict(envelope: Envelope) -> dict[str, Any]:
    """Plain JSON. Keys: ``area_sqft``, ``area_high_sqft``, ``footprint_sqft``, ``max_height_ft``,
    ``max_stories``, ``floor_area_low_sqft``, ``floor_area_high_sqft``, ``arithmetic``, ``setbacks``
    (``edge``, ``field``, ``length_ft``, ``distance_ft``, ``points`` in feet), ``polygons`` (rings of feet, outer
    first), ``assumptions`` and ``warnings``.

    Without any known setback the areas are null and there are no polygons: the whole lot is no envelope.
    Measures are not rounded to what is shown: whoever shows them rounds them, once."""
    known = any(yard.distance_ft is not None for yard in envelope.yards)
    return {
        "area_sqft": measured(envelope.area_sqft) if known else None,
        "area_high_sqft": measured(envelope.area_high_sqft) if known else None,
        "footprint_sqft": measured(envelope.footprint_sqft) if known else None,
        "max_height_ft": envelope.max_height_ft,
        "max_stories": envelope.max_stories,
        "floor_area_low_sqft": measured(envelope.floor_area_low_sqft),
        "floor_area_high_sqft": measured(envelope.floor_area_high_sqft),
        "arithmetic": envelope.arithmetic,
        "setbacks": [
            {
                "edge": yard.kind,
                "field": yard.field,
                "length_ft": measured(yard.length_ft),
                "distance_ft": measured(yard.distance_ft),
                "points": [[round(x, 2), round(y, 2)] for x, y in yard.points],
            }
            for yard in envelope.yards
        ],
        "polygons": [
            [[[round(x, 2), round(y, 2)] for x, y in ring] for ring in part]
            for part in (envelope.parts if known else ())
        ],
        "assumptions": list(envelope.assumptions),
        "warnings": list(envelope.warnings),
    }


def inset(lot: Lot, distances: Sequence[float], rear_line_ft: float = 0.0) -> BaseGeometry:
    """The body of the lot less a yard at each edge, one distance an edge in their order."""
    yards: list[BaseGeometry] = []
    kept = [
        (edge.line, distance) for edge, distance in zip(lot.edges, distances, strict=True) if distance > 0
    ]
    if kept:
        lines, setbacks = zip(*kept, strict=True)
        yards += list(shapely.buffer(np.array(lines), np.array(setbacks), quad_segs=16))
    if lot.rear_line is not None and rear_line_ft > 0:
        yards.append(_behind(lot, rear_line_ft))
    holes = [Polygon(ring) for ring in lot.body.interiors]
    return lot.body.difference(unary_union([*yards, *holes])) if yards or holes else lot.body


@dataclass(frozen=True, slots=True)
class _Inset:
    shape: BaseGeometry
    distances: tuple[float, ...]
    rear_line_ft: float


def _inset(
    lot: Lot,
    setbacks: Mapping[str, float | None],
    side_total: float | None,
    assumptions: list[str],
) -> _Inset:
    """The inset at given setbacks, the sides widened to their total where one is asked."""
    plain = [setbacks[edge.kind] or 0.0 for edge in lot.edges]
    rear = setbacks[REAR] or 0.0
    options = [plain]
    if side_total is not None:
        options = _with_total(lot, plain, side_total, shared=setbacks[SIDE] is None)
        if options[0] != plain:
            assumptions.append(
                f"the side yards add up to {side_total:g} ft; they are split so that most of the lot "
                "stays buildable"
            )
    insets = [_Inset(inset(lot, each, rear), tuple(each), rear) for each in options]
    return max(insets, key=lambda each: round(each.shape.area))


def _with_total(lot: Lot, plain: list[float], total: float, shared: bool) -> list[list[float]]:
    """The setbacks with one side, the other or both widened to the total; both alike where shared."""
    left, right = _flanks(lot)
    kept = [max((plain[i] for i in flank), default=0.0) for flank in (left, right)]
    if not left or not right or sum(kept) >= total:
        return [plain]
    interior = [
        number for number, flank in enumerate((left, right)) if any(lot.edges[i].kind == SIDE for i in flank)
    ]
    if shared and not any(kept):
        return [[total / 2 if i in {*left, *right} else d for i, d in enumerate(plain)]]
    options = []
    for number in interior:
        wide = (left, right)[number]
        distance = total - kept[1 - number]
        options.append([max(distance, d) if i in wide else d for i, d in enumerate(plain)])
    if len(interior) == 2:
        options.append([max(total / 2, d) if i in {*left, *right} else d for i, d in enumerate(plain)])
    return options or [plain]


def _flanks(lot: Lot) -> tuple[list[int], list[int]]:
    """The side edges left and right of one who looks into the lot from its front."""
    front = [edge for edge in lot.edges if edge.kind == FRONT]
    x, y = front[0].middle
    nx, ny = front[0].outward
    flanks: tuple[list[int], list[int]] = ([], [])
    for index, edge in enumerate(lot.edges):
        if edge.kind in (SIDE, STREET_SIDE):
            mx, my = edge.middle
            cross = -nx * (my - y) + ny * (mx - x)
            flanks[0 if cross > 0 else 1].append(index)
    return flanks


def _behind(lot: Lot, distance: float) -> Polygon:
    """Everything farther back than the distance in front of a rear line that stands for a point."""
    (x0, y0), (x1, y1) = lot.rear_line or ((0, 0), (0, 0))
    line = LineString([(x0, y0), (x1, y1)])
    fx, fy = _front_vector(lot)
    reach = 4 * (lot.body.length + distance)
    cx, cy = line.centroid.x + fx * distance, line.centroid.y + fy * distance
    near = [(cx - fy * reach, cy + fx * reach), (cx + fy * reach, cy - fx * reach)]
    far = [(x - fx * reach, y - fy * reach) for x, y in reversed(near)]
    return Polygon([*near, *far])


def _front_vector(lot: Lot) -> XY:
    angle = math.radians(lot.front_bearing)
    return (math.sin(angle), math.cos(angle))


def _without_doubles(standards: Sequence[Standard]) -> list[Standard]:
    """Leave out a side setback read from the very words of a street side setback."""
    street = {(s.citation, s.value) for s in standards if s.field == SETBACK_FIELDS[STREET_SIDE]}
    return [
        each
        for each in standards
        if each.field != SETBACK_FIELDS[SIDE]
        or not each.conditions
        or each.citation is None
        or (each.citation, each.value) not in street
    ]


def _missing(kinds: Sequence[str], present: int) -> list[str]:
    """What to say of setbacks that no standard gives."""
    if kinds and len(kinds) == present:
        return ["no setback is known, so the envelope is not known"]
    return [
        f"no {words(SETBACK_FIELDS[kind])} was found: the envelope leaves it out and may be smaller"
        for kind in kinds
    ]


def _is_point_rear(lot: Lot, kind: str) -> bool:
    return kind == REAR and lot.rear_line is not None


def _yards(lot: Lot, choices: Mapping[str, Choice], distances: Sequence[float]) -> tuple[Yard, ...]:
    yards = []
    for edge, distance in zip(lot.edges, distances, strict=True):
        yards.append(_yard(edge.kind, edge.points, edge.length_ft, choices[edge.kind], distance))
    if lot.rear_line is not None:
        rear = choices[REAR]
        yards.append(_yard(REAR, lot.rear_line, 0.0, rear, rear.high or 0.0))
    return tuple(yards)


def _yard(kind: str, points: tuple[XY, ...], length: float, choice: Choice, distance: float) -> Yard:
    standard = max(choice.standards, key=lambda s: s.value or 0, default=None)
    known = choice.known or distance > 0
    return Yard(kind, SETBACK_FIELDS[kind], points, length, distance if known else None, standard)


def _capped(
    lot: Lot,
    standards: Sequence[Standard],
    facts: Mapping[str, str],
    strict: _Inset,
    lenient: _Inset,
    yards: tuple[Yard, ...],
    applied: Sequence[Choice],
    assumptions: list[str],
    warnings: list[str],
) -> Envelope:
    """The envelope with its footprint and floor area, each at its low and its high reading."""
    caps = {
        name: choose(standards, name, facts)
        for name in ("max_lot_coverage", "max_impervious", "min_open_space", "max_far",
                     "max_stories", "max_height")
    }  # fmt: skip
    used = [choice for choice in (*applied, *caps.values()) if choice.standards]
    stories = _stories(caps, assumptions)
    known = any(yard.distance_ft is not None for yard in yards)
    low = _floor_area(lot, strict.shape.area, caps, stories, low=True, known=known)
    high = _floor_area(lot, lenient.shape.area, caps, stories, low=False, known=known)
    complete = all(choice.known for choice in applied[:-1]) or not warnings
    return Envelope(
        parts=tuple(_rings(part) for part in polygons_of(strict.shape) if part.area >= 1),
        area_sqft=strict.shape.area,
        area_high_sqft=lenient.shape.area,
        yards=yards,
        footprint_sqft=low[0],
        max_height_ft=caps["max_height"].low,
        max_stories=caps["max_stories"].low,
        floor_area_low_sqft=low[1] if complete else None,
        floor_area_high_sqft=high[1],
        arithmetic=low[2],
        standards=tuple(standard for choice in used for standard in choice.standards),
        assumptions=(*lot.assumptions, *assumptions),
        warnings=(*lot.warnings, *warnings, *(choice.note for choice in used if choice.note)),
    )


def _stories(caps: Mapping[str, Choice], assumptions: list[str]) -> tuple[float, float] | None:
    """Low and high count of stories, read or taken from the height."""
    stories, height = caps["max_stories"], caps["max_height"]
    if stories.low is not None and stories.high is not None:
        return (stories.low, stories.high)
    if height.low is None or height.high is None:
        return None
    assumptions.append(f"no count of stories was found: one for each {ASSUMED_STORY_FT:g} ft of height")
    return (
        float(max(1, height.low // ASSUMED_STORY_FT)),
        float(max(1, height.high // ASSUMED_STORY_FT)),
    )


def _floor_area(
    lot: Lot,
    area: float,
    caps: Mapping[str, Choice],
    stories: tuple[float, float] | None,
    low: bool,
    known: bool,
) -> tuple[float, float | None, str]:
    """Footprint, floor area and how they come about, at the strict or the lenient reading."""

    def cap(name: str) -> float | None:
        strictest = caps[name].low if low != (name == "min_open_space") else caps[name].high
        return strictest

    footprint, steps = (
        area,
        [f"{'envelope' if known else 'the lot less yards that are not known, at most'} {area:,.0f} sqft"],
    )
    for name in ("max_lot_coverage", "max_impervious", "min_open_space"):
        percent = cap(name)
        if percent is None:
            continue
        share = 100 - percent if name == "min_open_space" else percent
        limit = lot.area_sqft * share / 100
        steps.append(f"{words(name)}: {share:g} % of {lot.area_sqft:,.0f} = {limit:,.0f} sqft")
        footprint = min(footprint, limit)
    floor_area = None
    if stories is not None:
        count = stories[0] if low else stories[1]
        floor_area = footprint * count
        steps.append(f"{footprint:,.0f} sqft x {count:g} stories = {floor_area:,.0f} sqft")
    ratio = cap("max_far")
    if ratio is not None:
        limit = lot.area_sqft * ratio
        steps.append(f"floor area ratio {ratio:g} x {lot.area_sqft:,.0f} = {limit:,.0f} sqft")
        floor_area = limit if floor_area is None else min(floor_area, limit)
    return footprint, floor_area, "; ".join(steps)


def _rings(polygon: Polygon) -> tuple[tuple[XY, ...], ...]:
    rings = [polygon.exterior, *polygon.interiors]
    return tuple(tuple((x, y) for x, y in shapely.get_coordinates(ring).tolist()) for ring in rings)


def measured(value: float | None) -> float | None:
    """A measure for JSON, without the noise of binary fractions."""
    return None if value is None else round(value, 6)
