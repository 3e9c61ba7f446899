"""What a code says to machines is read for no value, and a quote ends before it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from plotlot.domain.documents import Document, Span
from plotlot.domain.instructions import is_planted, stands_planted
from plotlot.extraction.reader.readings import Reading

_SENTENCE_END = re.compile(r"[.!?;](?=\s)")


def without_planted(document: Document, read: Iterable[Reading]) -> Iterator[Reading]:
    """The readings that do not stand in words to a machine; of a quote that ends in such words, what is before."""
    for reading in read:
        own = own_words(document, reading.span)
        if own is not None and not stands_planted(document.text, own.start, own.end):
            yield reading if own == reading.span else replace(reading, span=own)


def own_words(document: Document, span: Span) -> Span | None:
    """The span without the sentences from which on it speaks to a machine; None where its first does."""
    text = document.slice(span)
    if not is_planted(text) or "|" in text or "\t" in text:
        return span
    kept = 0
    for end in _SENTENCE_END.finditer(text):
        if is_planted(text[: end.end()]):
            break
        kept = end.end()
    return Span(span.start, span.start + kept) if kept else None
