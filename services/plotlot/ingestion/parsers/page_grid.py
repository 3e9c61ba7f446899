"""Glyphs of a page to lines on a character grid, so that columns stay above one another.

Words far apart on a line are phrases. All phrases of a page that start at the same place get the
same column: the columns are the smallest that leave room for what stands to their left.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

_PHRASE_GAP = 0.62
_WORD_GAP = 0.14
_SAME_COLUMN = 0.45
_MOST_BLANK_LINES = 2
_OVERLAP = 0.5
_LARGER_PRINT = 1.4


class Glyph(NamedTuple):
    """A printed character and its box in points, the origin at the bottom left of the page.

    A tuple, since a code has half a million of them and no other value is made as quickly.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(slots=True)
class _Phrase:
    text: str
    left: float
    right: float


@dataclass(slots=True)
class _Row:
    top: float
    bottom: float
    glyphs: list[Glyph]
    taken: list[tuple[float, float]]

    @property
    def height(self) -> float:
        return self.top - self.bottom


def page_text(glyphs: Sequence[Glyph]) -> str:
    """The page as lines of text, blank lines where the print leaves room."""
    rows = _rows(glyphs)
    if not rows:
        return ""
    phrases = [_phrases(row) for row in rows]
    columns = _columns(phrases, _glyph_width(glyphs))
    spacing = _line_spacing(rows)
    lines: list[str] = []
    previous: _Row | None = None
    for row, parts in zip(rows, phrases, strict=True):
        if previous is not None:
            skipped = round((previous.bottom - row.bottom) / spacing - 0.2) - 1
            lines += [""] * max(0, min(skipped, _MOST_BLANK_LINES))
        lines.append(_set_line(parts, columns))
        previous = row
    return "\n".join(lines)


def _glyph_width(glyphs: Iterable[Glyph]) -> float:
    widths = [glyph.right - glyph.left for glyph in glyphs]
    return max(1.0, sum(widths) / len(widths))


def _rows(glyphs: Sequence[Glyph]) -> list[_Row]:
    """Glyphs whose boxes overlap by half their height stand on one row; rows from the top down."""
    rows: list[_Row] = []
    for run in _runs(glyphs):
        bottom = min(glyph.bottom for glyph in run)
        top = max(glyph.top for glyph in run)
        rows.append(_Row(top, bottom, run, [(run[0].left, run[-1].right)]))
    rows.sort(key=lambda row: (-row.bottom - row.top, row.glyphs[0].left))
    merged: list[_Row] = []
    for row in rows:
        homes = [old for old in merged[-4:] if _on_same_row(old, row) and _has_room(old, row)]
        if not homes:
            merged.append(row)
            continue
        home = min(homes, key=lambda old: abs(old.top + old.bottom - row.top - row.bottom))
        if row.height > home.height * _LARGER_PRINT:
            home.top, home.bottom = row.top, row.bottom
        home.glyphs.extend(row.glyphs)
        home.taken.extend(row.taken)
    return merged


def _runs(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Glyphs that were drawn one after the other on one base line, without a wide gap."""
    runs: list[list[Glyph]] = []
    run: list[Glyph] = []
    last: Glyph | None = None
    for glyph in glyphs:
        if last is not None and _drawn_twice(last, glyph):
            continue
        if last is not None and _follows(last, glyph):
            run.append(glyph)
        else:
            run = [glyph]
            runs.append(run)
        last = glyph
    return runs


def _follows(last: Glyph, glyph: Glyph) -> bool:
    _, _, last_bottom, last_right, last_top = last
    _, left, bottom, _, top = glyph
    level = -0.4 < last_bottom - bottom < 0.4 and -0.4 < last_top - top < 0.4
    return level and -1.0 < left - last_right < _PHRASE_GAP * (top - bottom)


def _on_same_row(row: _Row, other: _Row) -> bool:
    shared = min(row.top, other.top) - max(row.bottom, other.bottom)
    return shared > _OVERLAP * min(row.height, other.height)


def _has_room(row: _Row, other: _Row) -> bool:
    """Whether what the row holds leaves the other's place free, but for print drawn twice."""
    left, right = other.taken[0]
    allowed = 0.2 * min(row.height, other.height)
    return all(
        min(right, end) - max(left, start) <= allowed or abs(start - left) < allowed
        for start, end in row.taken
    )


def _phrases(row: _Row) -> list[_Phrase]:
    """The row's words from left to right, joined by a space where they stand close."""
    phrases: list[_Phrase] = []
    glyphs = sorted(row.glyphs, key=lambda glyph: glyph.left)
    previous: Glyph | None = None
    spaced = False
    for glyph in glyphs:
        if glyph.text.isspace():
            spaced = True
            continue
        if previous is not None and _drawn_twice(previous, glyph):
            continue
        height = glyph.top - glyph.bottom
        if height < 1.0:
            height = 1.0
        gap = glyph.left - previous.right if previous is not None else 0.0
        if previous is None or gap > _PHRASE_GAP * height:
            phrases.append(_Phrase(glyph.text, glyph.left, glyph.right))
        else:
            space = " " if spaced or gap > _WORD_GAP * height else ""
            phrases[-1].text += space + glyph.text
            phrases[-1].right = glyph.right
        previous, spaced = glyph, False
    return phrases


def _drawn_twice(previous: Glyph, glyph: Glyph) -> bool:
    """Whether bold print is imitated by drawing the same glyph again a little beside itself."""
    if glyph.text != previous.text:
        return False
    width = max(previous.right - previous.left, 0.5)
    near = -0.1 * width <= glyph.left - previous.left < 0.3 * width
    return near and abs(glyph.bottom - previous.bottom) < 0.3 * width


def _columns(rows: Sequence[Sequence[_Phrase]], width: float) -> list[tuple[float, int]]:
    """Pairs of a place in points and its column, both ascending."""
    starts = sorted({phrase.left for row in rows for phrase in row})
    if not starts:
        return []
    places = [starts[0]]
    for start in starts[1:]:
        if start - places[-1] > _SAME_COLUMN * width:
            places.append(start)
    room: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        for phrase, following in pairwise(row):
            at, to = _place(places, phrase.left), _place(places, following.left)
            if to > at:
                room.setdefault(to, []).append((at, len(phrase.text) + 2))
    columns: list[int] = []
    for place, start in enumerate(places):
        column = round((start - places[0]) / width)
        if columns:
            step = max(0, round((start - places[place - 1]) / width))
            column = max(column, columns[-1] + min(step, 1))
        column = max([column, *(columns[at] + length for at, length in room.get(place, ()))])
        columns.append(column)
    return list(zip(places, columns, strict=True))


def _place(places: Sequence[float], left: float) -> int:
    at = bisect_left(places, left + 1e-6) - 1
    return max(at, 0)


def _set_line(phrases: Sequence[_Phrase], columns: Sequence[tuple[float, int]]) -> str:
    places = [place for place, _ in columns]
    line = ""
    for phrase in phrases:
        column = columns[_place(places, phrase.left)][1]
        gap = column - len(line)
        line += " " * (max(gap, 1) if line else max(gap, 0)) + phrase.text
    return line


def _line_spacing(rows: Sequence[_Row]) -> float:
    steps = [
        upper.bottom - lower.bottom
        for upper, lower in pairwise(rows)
        if 0 < upper.bottom - lower.bottom < 2.2 * max(upper.height, 1.0)
    ]
    heights = median(row.height for row in rows)
    return max(1.0, min(median(steps), 1.9 * heights) if steps else 1.2 * heights)
