"""Turned print: pages printed sideways are set upright, labels along an edge are kept as words."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .page_grid import Glyph

_TURNS = (0, 90, 180, 270)
_SLACK = 3
_LABEL_GLYPH_WIDTH = 0.01


def upright(glyphs: Sequence[tuple[Glyph, int]]) -> list[Glyph]:
    """The glyphs as most of them are read; slanted ones, as of a watermark, are left out."""
    nearest = {degrees: _nearest(degrees) for degrees in {degrees for _, degrees in glyphs}}
    if nearest.keys() == {0}:
        return [glyph for glyph, _ in glyphs] if any(glyph.text != " " for glyph, _ in glyphs) else []
    turned = [(glyph, nearest[degrees]) for glyph, degrees in glyphs]
    counts = Counter(degrees for glyph, degrees in turned if degrees is not None and glyph.text != " ")
    if not counts:
        return []
    main = counts.most_common(1)[0][0]
    if main == 0 and len(counts) == 1:
        return [glyph for glyph, degrees in turned if degrees == 0]
    kept = [(_turn(glyph, main), (degrees - main) % 360) for glyph, degrees in turned if degrees is not None]
    level = [glyph for glyph, degrees in kept if degrees == 0]
    return level + list(_labels([(glyph, degrees) for glyph, degrees in kept if degrees in (90, 270)]))


def _nearest(degrees: int) -> int | None:
    """The quarter turn that the angle is, or None for a slant."""
    return next((turn for turn in _TURNS if abs((degrees - turn + 180) % 360 - 180) <= _SLACK), None)


def _turn(glyph: Glyph, degrees: int) -> Glyph:
    """The glyph on a page turned back by the degrees."""
    if degrees == 90:
        return Glyph(glyph.text, glyph.bottom, -glyph.right, glyph.top, -glyph.left)
    if degrees == 270:
        return Glyph(glyph.text, -glyph.top, glyph.left, -glyph.bottom, glyph.right)
    if degrees == 180:
        return Glyph(glyph.text, -glyph.right, -glyph.top, -glyph.left, -glyph.bottom)
    return glyph


def _labels(glyphs: Iterable[tuple[Glyph, int]]) -> Iterable[Glyph]:
    """Words printed upwards or downwards, laid level where they end nearest the lines below them."""
    run: list[Glyph] = []
    for glyph, _ in glyphs:
        if run and not _goes_on(run[-1], glyph):
            yield from _level(run)
            run = []
        run.append(glyph)
    yield from _level(run)


def _goes_on(last: Glyph, glyph: Glyph) -> bool:
    height = max(glyph.right - glyph.left, 1.0)
    near = min(abs(glyph.bottom - last.top), abs(last.bottom - glyph.top)) < height
    return near and abs(glyph.left - last.left) < 0.5 * height


def _level(run: Sequence[Glyph]) -> Iterable[Glyph]:
    if not run:
        return
    left, bottom = run[0].left, min(glyph.bottom for glyph in run)
    height = max(glyph.right - glyph.left for glyph in run)
    for place, glyph in enumerate(run):
        start = left + place * _LABEL_GLYPH_WIDTH
        yield Glyph(glyph.text, start, bottom, start + _LABEL_GLYPH_WIDTH, bottom + height)
