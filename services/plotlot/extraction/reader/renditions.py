"""Finds documents that are renditions of one another, so that a code is read once."""

import re
from collections.abc import Sequence
from zlib import crc32

from plotlot.domain.documents import Document

_WIDTH = 8
_STRIDE = 7
_SAME = 0.6
_FEWEST = 20


def _shingles(document: Document) -> frozenset[int]:
    words = re.findall(r"[a-z0-9]+", document.text.lower())
    count = max(len(words) - _WIDTH + 1, 1)
    hashes = (crc32(" ".join(words[i : i + _WIDTH]).encode()) for i in range(count))
    # A sample by value, not by place, so that a shift of the text samples the same shingles.
    return frozenset(value for value in hashes if value % _STRIDE == 0)


def _structure(document: Document) -> tuple[bool, int, int]:
    return (bool(document.page_starts), len(document.tables), len(document.sections))


def distinct(documents: Sequence[Document]) -> list[Document]:
    """The documents, of each set of renditions only the one with most structure."""
    if len(documents) < 2:
        return list(documents)
    kept: list[tuple[Document, frozenset[int]]] = []
    for document in sorted(documents, key=_structure, reverse=True):
        shingles = _shingles(document)
        same = any(
            len(shingles & other) > _SAME * max(min(len(shingles), len(other)), 1) for _, other in kept
        )
        if not same or len(shingles) < _FEWEST:
            kept.append((document, shingles))
    chosen = {id(document) for document, _ in kept}
    return [document for document in documents if id(document) in chosen]
