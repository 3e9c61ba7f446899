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
_MOST_PIXELS = 40_000_000
"""In one picture; a sheet of 36 by 48 inches has so many at 150 dots an inch."""
_LONGEST_SIDE = 1280
"""Pixels of the picture in which lines are sought; they are read from the full one."""
_PARAMETERS = {
    "Global.log_level": "error",
    "Global.use_cls": False,  # pages stand upright: which way each line runs is not asked
    "Det.limit_type": "max",
    "Det.limit_side_len": _LONGEST_SIDE,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # pages are read side by side instead
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


Picture = np.ndarray[Any, np.dtype[np.uint8]]
Reader = Callable[[Picture, float], list[Glyph]]
"""The glyphs of a picture of a page, given the page's height in points."""


def reader() -> Reader:
    """What reads pictures of pages. Raises UnreadableDocument, naming the extra, where it is not installed."""
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise UnreadableDocument(
            "reading scans needs the extra ocr: pip install 'plotlot[ocr]', or ingest with --ocr off",
            field="content",
        ) from error
    engine = RapidOCR(params=_PARAMETERS)
    return lambda picture, height: glyphs_of(engine(picture), height, height / picture.shape[0])


def picture_of(page: pypdfium2.PdfPage) -> Picture:
    """A picture of a page, as an array of rows, columns and colours; of a very large one a coarser picture."""
    area = max(page.get_width() * page.get_height(), 1.0)
    scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, (_MOST_PIXELS / area) ** 0.5)
    picture = page.render(scale=scale).to_numpy()
    return np.ascontiguousarray(picture[..., :3])


def glyphs_of(found: Any, page_height: float, points_per_pixel: float) -> list[Glyph]:
    """The letters of the lines that OCR found, spread evenly over each line's box, in points."""
    if found.boxes is None:
        return []
    glyphs: list[Glyph] = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= _LEAST_SURE and text.strip():
            glyphs += _spread(box, text, page_height, points_per_pixel)
    return glyphs


def _spread(box: Sequence[Sequence[float]], text: str, page_height: float, scale: float) -> list[Glyph]:
    left, right = min(x for x, _ in box) * scale, max(x for x, _ in box) * scale
    top, bottom = (page_height - edge(y for _, y in box) * scale for edge in (min, max))
    width = (right - left) / len(text)
    return [
        Glyph(letter, left + at * width, bottom, left + (at + 1) * width, top)
        for at, letter in enumerate(text)
    ]
