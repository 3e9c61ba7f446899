"""Print of a PDF that nobody sees: white on white, wholly transparent, or of no size."""

import ctypes
from functools import cached_property
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_WHITE = 250
_SMALLEST = 1.0
"""Points; print below is no print."""


class Unseen:
    """Tells of each glyph of a page whether it can be seen; what lies under white print is looked up once.

    Print without fill over a picture is the text layer of a scan, and is read.
    """

    def __init__(self, page: pypdfium2.PdfPage, text_page: Any) -> None:
        self._page = page
        self._text_page = text_page
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._pointers = [ctypes.byref(one) for one in self._colour]

    def at(self, index: int, box: Any) -> bool:
        """Whether the glyph at an index, in its box, cannot be seen."""
        if box.top - box.bottom < _SMALLEST:
            return True
        if not pdfium.FPDFText_GetFillColor(self._text_page, index, *self._pointers):
            return False
        red, green, blue, alpha = (one.value for one in self._colour)
        if alpha == 0:
            return not self._grounds
        return min(red, green, blue) >= _WHITE and not self._lies_on_colour(box)

    def _lies_on_colour(self, box: Any) -> bool:
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        return any(
            left <= middle[0] <= right and bottom <= middle[1] <= top
            for left, bottom, right, top in self._grounds
        )

    @cached_property
    def _grounds(self) -> list[tuple[float, float, float, float]]:
        """The boxes of pictures and of areas filled with a colour."""
        found = []
        for item in self._page.get_objects(max_depth=3):
            if item.type == pdfium.FPDF_PAGEOBJ_IMAGE or (
                item.type == pdfium.FPDF_PAGEOBJ_PATH and self._is_coloured(item)
            ):
                found.append(item.get_bounds() if hasattr(item, "get_bounds") else item.get_pos())
        return found

    def _is_coloured(self, item: Any) -> bool:
        known = pdfium.FPDFPageObj_GetFillColor(item.raw, *self._pointers)
        red, green, blue, alpha = (one.value for one in self._colour)
        return bool(known) and alpha > 0 and min(red, green, blue) < _WHITE
