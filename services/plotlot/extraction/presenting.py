"""What of a reading is shown under a bundle's parameters: every quote that was cut is verified again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plotlot.domain.bundles import Extraction
from plotlot.domain.quotes import verify
from plotlot.domain.standards import FIELDS, Citation, Standard, Status, not_stated


@dataclass(frozen=True, slots=True)
class Shown:
    """Standards with every field at least once, and how many were dropped for a quote that does not hold."""

    standards: tuple[Standard, ...]
    dropped: int = 0


def shown(standards: Sequence[Standard], parameters: Extraction, texts: Mapping[str, str]) -> Shown:
    """The standards that are certain enough, their quotes cut to length; ``texts`` by document."""
    if not parameters.least_confidence and not parameters.longest_quote:
        return Shown(tuple(standards))
    certain = [
        one
        for one in standards
        if one.status is Status.NOT_STATED or one.confidence >= parameters.least_confidence
    ]
    cut = [shortened(one, parameters.longest_quote) for one in certain]
    held = [
        after for before, after in zip(certain, cut, strict=True) if after is before or stands(after, texts)
    ]
    return Shown(complete(held, standards), len(certain) - len(held))


def stands(standard: Standard, texts: Mapping[str, str]) -> bool:
    """Whether the standard holds against the text of the document that it cites."""
    text = texts.get(standard.citation.document) if standard.citation else None
    return text is not None and verify(standard, text).holds


def complete(held: Sequence[Standard], read: Sequence[Standard]) -> tuple[Standard, ...]:
    """What holds, and ``not_stated`` for each field that was read and lost everything, in the fields' order."""
    left = {one.field for one in held}
    lost = {one.field: not_stated(one.field, one.engine) for one in read if one.field not in left}
    return tuple(sorted([*held, *lost.values()], key=lambda one: FIELDS.index(one.field)))


def shortened(standard: Standard, longest: int) -> Standard:
    """The standard with a quote of at most so many characters, around its value; 0 leaves it whole."""
    citation = standard.citation
    if longest == 0 or citation is None or len(citation.quote) <= longest:
        return standard
    return replace(standard, citation=cut(citation, standard.quoted_value, longest))


def cut(citation: Citation, value: str, longest: int) -> Citation:
    """The citation of the whole words around a value, as many as there is room for."""
    quote = citation.quote
    found = quote.find(value) if value else -1
    middle = found + len(value) // 2 if found >= 0 else len(quote) // 2
    first = min(max(middle - longest // 2, 0), len(quote) - longest)
    start, end = whole_words(quote, first, first + longest)
    return replace(
        citation,
        start=citation.start + start,
        end=citation.start + end,
        quote=quote[start:end],
    )


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the words that its ends cut; the span itself where no whole word is inside."""
    first, last = start, end
    while 0 < first < end and not text[first - 1].isspace():
        first += 1
    while start < last < len(text) and not text[last].isspace():
        last -= 1
    inside = text[first:last]
    if first >= last or not inside.strip():
        return start, end
    return first + len(inside) - len(inside.lstrip()), last - (len(inside) - len(inside.rstrip()))
