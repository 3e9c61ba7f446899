"""Print of a PDF that nobody sees: white on white, without ink, of no size, beside the page, covered, in a hidden layer."""

import ctypes
from functools import cached_property
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_WHITE = 250
_SMALLEST = 1.0
"""Points; print below is no print."""
_DEEPEST = 3
_SCALE = 2
_FLAT = 24
"""Levels of grey that a place differs in at most where nothing is printed."""
_MOST_PLACES = 2_000
"""Of texts and areas on a page; on a page of more, nothing is held against its texts for lying under an area."""
_OPAQUE = 255
_LARGEST = 5_000_000
"""Square points; a page beyond has no picture made of it, for it would fill the memory. A plan of 36 by 48 inches has 4.5 million."""

Box = tuple[float, float, float, float]


class Unseen:
    """Tells of each glyph of a page whether it can be seen; what lies under white print is looked up once.

    Print without fill over a picture is the text layer of a scan, and is read. What lies in a layer, or under an area
    that is drawn after it, is looked for in a picture of the page.
    """

    def __init__(self, page: pypdfium2.PdfPage, text_page: Any) -> None:
        self._page = page
        self._text_page = text_page
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._pointers = [ctypes.byref(one) for one in self._colour]
        self._bounds: Box = page.get_bbox()

    def at(self, index: int, box: Any) -> bool:
        """Whether the glyph at an index, in its box, cannot be seen."""
        if box.top - box.bottom < _SMALLEST or self._is_beside(box):
            return True
        if self._suspects and self._is_suspect(index, box):
            return True
        if not pdfium.FPDFText_GetFillColor(self._text_page, index, *self._pointers):
            return False
        red, green, blue, alpha = (one.value for one in self._colour)
        if alpha == 0:
            return not self._grounds
        return min(red, green, blue) >= _WHITE and not self._lies_on_colour(box)

    def _is_beside(self, box: Any) -> bool:
        left, bottom, right, top = self._bounds
        return bool(box.right < left or box.left > right or box.top < bottom or box.bottom > top)

    def _is_suspect(self, index: int, box: Any) -> bool:
        """Whether a glyph without ink lies on no picture, or one that may be hidden leaves no trace on the page."""
        why = self._suspects.get(_address(pdfium.FPDFText_GetTextObject(self._text_page, index)))
        if why == "no ink":
            return not self._grounds
        return why == "hidden" and self._is_blank(box)

    def _is_blank(self, box: Any) -> bool:
        """Whether nothing is printed where the glyph stands, in a picture of the page."""
        if self._picture is None:
            return False
        left, _, _, top = self._bounds
        height, width = self._picture.shape
        rows = slice(max(int((top - box.top) * _SCALE), 0), min(int((top - box.bottom) * _SCALE) + 1, height))
        columns = slice(
            max(int((box.left - left) * _SCALE), 0), min(int((box.right - left) * _SCALE) + 1, width)
        )
        place = self._picture[rows, columns]
        return place.size == 0 or int(place.max()) - int(place.min()) < _FLAT

    @cached_property
    def _picture(self) -> Any:
        large = self._page.get_width() * self._page.get_height() > _LARGEST
        if self._page.get_rotation() or large:
            return None  # it is taken at its word
        picture = self._page.render(scale=_SCALE, grayscale=True).to_numpy()
        return picture if picture.ndim == 2 else picture[..., 0]

    def _lies_on_colour(self, box: Any) -> bool:
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        return any(
            left <= middle[0] <= right and bottom <= middle[1] <= top
            for left, bottom, right, top in self._grounds
        )

    @cached_property
    def _grounds(self) -> list[Box]:
        """The boxes of pictures and of areas filled with a colour."""
        return [
            box_of(item)
            for item in self._page.get_objects(max_depth=_DEEPEST)
            if item.type == pdfium.FPDF_PAGEOBJ_IMAGE
            or (item.type == pdfium.FPDF_PAGEOBJ_PATH and self._is_coloured(item))
        ]

    @cached_property
    def _suspects(self) -> dict[int, str]:
        """The texts of the page that may not be seen, by the address of their object, with why."""
        found: dict[int, str] = {}
        texts: list[tuple[int, Any]] = []
        places = 0
        for item in self._page.get_objects(max_depth=_DEEPEST):
            if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
                address = _address(item.raw)
                if pdfium.FPDFTextObj_GetTextRenderMode(item.raw) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
                    found[address] = "no ink"
                elif _is_in_layer(item.raw):
                    found[address] = "hidden"
                texts.append((address, item))
            elif item.type == pdfium.FPDF_PAGEOBJ_PATH and places < _MOST_PLACES and self._covers(item):
                left, bottom, right, top = box_of(item)
                places += len(texts)
                for address, text in texts:
                    one = box_of(text)
                    if left <= one[0] and one[2] <= right and bottom <= one[1] and one[3] <= top:
                        found.setdefault(address, "hidden")
        return found

    def _covers(self, item: Any) -> bool:
        """Whether an area is filled so that nothing shines through."""
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        filled = (
            pdfium.FPDFPath_GetDrawMode(item.raw, ctypes.byref(mode), ctypes.byref(stroke)) and mode.value
        )
        known = filled and pdfium.FPDFPageObj_GetFillColor(item.raw, *self._pointers)
        return bool(known) and self._colour[3].value == _OPAQUE

    def _is_coloured(self, item: Any) -> bool:
        known = pdfium.FPDFPageObj_GetFillColor(item.raw, *self._pointers)
        red, green, blue, alpha = (one.value for one in self._colour)
        return bool(known) and alpha > 0 and min(red, green, blue) < _WHITE


def box_of(item: Any) -> Box:
    """Left, bottom, right and top of an object of a page, in points."""
    box: Box = item.get_bounds() if hasattr(item, "get_bounds") else item.get_pos()
    return box


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _is_in_layer(raw: Any) -> bool:
    """Whether an object is marked as optional content."""
    marks = (pdfium.FPDFPageObj_GetMark(raw, number) for number in range(pdfium.FPDFPageObj_CountMarks(raw)))
    return any(_name_of(mark) == "OC" for mark in marks)


def _name_of(mark: Any) -> str:
    """The name of a mark; empty for a longer one than any that is looked for."""
    name, length = ctypes.create_string_buffer(32), ctypes.c_ulong()
    place = ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort))
    known = pdfium.FPDFPageObjMark_GetName(mark, place, len(name), ctypes.byref(length))
    return name.raw[: max(length.value - 2, 0)].decode("utf-16-le", "replace") if known else ""
