"""Scanned pages by OCR (the extra ``ocr``): words with their places, as a text layer would give them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pypdfium2

from plotlot.domain.errors import UnreadableDocument

from .page_grid import Glyph

_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
_LEAST_SURE = 0.5

Recognise = Callable[[pypdfium2.PdfPage], list[Glyph]]
"""The glyphs that a picture of a page shows."""


def recogniser() -> Recognise:
    """What reads pages by OCR. Raises UnreadableDocument, naming the extra, where it is not installed."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise UnreadableDocument(
            "reading scans needs the extra ocr: pip install 'plotlot[ocr]', or set PLOTLOT_OCR=false",
            field="content",
        ) from error
    engine = RapidOCR(params={"Global.log_level": "error"})

    def recognise(page: pypdfium2.PdfPage) -> list[Glyph]:
        picture = page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH).to_numpy()
        return glyphs_of(engine(np.ascontiguousarray(picture[..., :3])), page.get_height())

    return recognise


def glyphs_of(found: Any, page_height: float) -> list[Glyph]:
    """The letters of the lines that OCR found, spread evenly over each line's box, in points."""
    if found.boxes is None:
        return []
    glyphs: list[Glyph] = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= _LEAST_SURE and text.strip():
            glyphs += _spread(box, text, page_height)
    return glyphs


def _spread(box: Sequence[Sequence[float]], text: str, page_height: float) -> list[Glyph]:
    scale = _POINTS_PER_INCH / _DOTS_PER_INCH
    left, right = min(x for x, _ in box) * scale, max(x for x, _ in box) * scale
    top, bottom = (page_height - edge(y for _, y in box) * scale for edge in (min, max))
    width = (right - left) / len(text)
    return [
        Glyph(letter, left + at * width, bottom, left + (at + 1) * width, top)
        for at, letter in enumerate(text)
    ]
