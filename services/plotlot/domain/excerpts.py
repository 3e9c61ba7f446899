"""Which part of a document a reader is shown around a place: whole sections, as far as they are not too long."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from plotlot.domain.documents import Section, Span, ancestors, section_at

LONGEST = 12_000
"""Characters that are shown at once."""
_BEFORE = 3_000  # of a section that is longer, what is shown before the place
_MOST_LISTED = 200  # sections of a table of contents


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a document: its span, the sections that it stands in, the outermost first, and places in the parts before
    and after it, where there are any."""

    span: Span
    sections: tuple[Section, ...]
    before: int | None
    after: int | None


def excerpt_at(sections: Sequence[Section], place: int) -> Excerpt:
    """The largest section around a place that is not too long, or a part of one that is. ``sections`` are a document's, the
    first of them the document itself; a place behind its end is the last one."""
    whole = sections[0]
    place = max(min(place, whole.end - 1), 0)
    inner = section_at(sections, place)
    around = [*ancestors(sections, inner.ordinal), whole]
    short = [section for section in around if section.end - section.start <= LONGEST]
    if short:
        shown = Span(short[-1].start, short[-1].end)
    else:
        start = max(place - _BEFORE, inner.start)
        shown = Span(start, min(start + LONGEST, inner.end))
    above = (one for one in reversed(around[:-1]) if one.start <= shown.start and shown.end <= one.end)
    before = _place_before(sections, shown.start) if shown.start else None
    return Excerpt(shown, tuple(above), before, shown.end if shown.end < whole.end else None)


def _place_before(sections: Sequence[Section], end: int) -> int:
    """A place whose excerpt reaches up to ``end``, as far before it as it may be."""
    inner = section_at(sections, end - 1)
    own = max(
        (one.end for one in sections if inner.start <= one.start and one.end < end), default=inner.start
    )
    return max(end - LONGEST + _BEFORE, own)


def contents(sections: Sequence[Section]) -> list[tuple[int, Section]]:
    """A table of contents: sections with their depths, as deep as it does not grow too long, and at least the highest."""
    depths = [0] * len(sections)
    for section in sections[1:]:
        depths[section.ordinal] = depths[section.parent or 0] + 1
    counts, deepest = Counter(depths[1:]), 1
    while counts[deepest + 1] and sum(counts[depth] for depth in range(1, deepest + 2)) <= _MOST_LISTED:
        deepest += 1
    listed = [
        (depths[one.ordinal], one) for one in sections[1:] if depths[one.ordinal] <= deepest and one.title
    ]
    return listed[:_MOST_LISTED]
