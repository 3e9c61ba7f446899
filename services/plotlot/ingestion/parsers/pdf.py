"""PDF: the text layer laid out on a character grid, pages parted by form feeds."""

import ctypes
import math
from collections.abc import Iterable, Iterator
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from plotlot.domain.documents import recognised_warning
from plotlot.domain.errors import DocumentTooLarge, UnreadableDocument

from .decode import canonical
from .draft import Draft
from .page_columns import unfolded
from .page_grid import Glyph, page_text
from .page_turn import upright
from .scans import FEWEST_CHARACTERS, Ocr, Recognised, recognise, unread_warning
from .text import draft_of_text
from .titles import names_code
from .unseen import Unseen

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}
_SPACES = frozenset((9, 10, 13, 32, 0xA0))
_PRIVATE = range(0xE000, 0xF900)
_UNREAD = Ocr()
_SAME_BASELINE = 0.01
_LIGATURES = frozenset(("ff", "fi", "fl", "ffi", "ffl", "ft", "tt", "ti", "tf", "fj", "st", "ct", "Th"))
_MOST_PAGES = 10_000
_MOST_GLYPHS = 20_000_000
"""More than the longest codes have; a file may name one page a million times."""


def parse_pdf(name: str, content: bytes, *, ocr: Ocr = _UNREAD) -> Draft:
    """A draft of a PDF's text layer; pages are read from their pictures as ``ocr`` says.

    Raises UnreadableDocument where the file is corrupt or encrypted, or OCR is asked for and not installed, and
    DocumentTooLarge where it has more pages or letters than any code.
    """
    document = _open(name, content)
    try:
        if len(document) > _MOST_PAGES:
            raise _too_long(name, f"{len(document):,} pages", f"{_MOST_PAGES:,}")
        pages = [unfolded(page_text(glyphs)) for glyphs in _pages(name, document)]
        blank = [place for place, page in enumerate(pages) if len(page.strip()) < FEWEST_CHARACTERS]
        places = {"off": [], "auto": blank, "on": list(range(len(pages)))}[ocr.mode]
        seen = recognise(document, places, ocr) if places else Recognised({})
        title = (document.get_metadata_value("Title") or "").strip()
    finally:
        document.close()
    pages = [seen.texts.get(place, page) for place, page in enumerate(pages)]
    text = "\n\f".join(canonical(page) for page in pages) + "\n"
    empty = len(set(blank) - set(seen.texts))
    warnings = [
        *([unread_warning(seen.unread, len(places), ocr.seconds)] if seen.unread else []),
        *([empty_pages(empty, len(pages))] if empty else []),
        *recognised_warning(seen.texts),
    ]
    return draft_of_text(name, text, "application/pdf", tuple(warnings), _usable_title(title))


def empty_pages(empty: int, pages: int) -> str:
    """What to know of a scan: it is kept, but nothing can be read from its pictures."""
    which = (
        f"none of its {pages} pages has" if empty == pages else f"{empty} of its {pages} pages do not have"
    )
    return (
        f"{which} a text layer: nothing is read from there; ingest it again with --ocr auto (the form field ocr,"
        " or PLOTLOT_OCR=true for all), or run OCR on the file elsewhere"
    )


def _open(name: str, content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise UnreadableDocument(
                f"{name}: the PDF is encrypted; remove the password and send it again", field="content"
            ) from error
        raise UnreadableDocument(
            f"{name}: the PDF is corrupt and cannot be opened; download it again", field="content"
        ) from error


def _usable_title(title: str) -> str:
    """The title in the file's metadata where it names a code, and no word processor made it up."""
    made_up = title.lower().endswith((".doc", ".docx", ".pdf", ".rtf", ".wpd")) or " - " in title
    return title if names_code(title) and not made_up else ""


def _too_long(name: str, what: str, most: str) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"{name}: {what}, more than the {most} that a document may have; split it", field="content"
    )


def _pages(name: str, document: pypdfium2.PdfDocument) -> Iterator[list[Glyph]]:
    """The glyphs of each page; none of a page that is corrupt."""
    read = 0
    for index in range(len(document)):
        try:
            page = document[index]
            text_page = page.get_textpage()
        except pypdfium2.PdfiumError:
            yield []
            continue
        read += pdfium.FPDFText_CountChars(text_page.raw)
        if read > _MOST_GLYPHS:
            raise _too_long(name, "its pages have more letters", f"{_MOST_GLYPHS:,}")
        yield upright(list(parted(_glyphs(page, text_page.raw))))
        text_page.close()
        page.close()


def _glyphs(page: pypdfium2.PdfPage, text_page: object) -> Iterator[tuple[Glyph, int]]:
    """Glyphs in drawing order with the degrees they are turned by to the left; boxes are as high as the font."""
    box = pdfium.FS_RECTF()
    pointer = ctypes.byref(box)
    unicode_at, box_at = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    previous: Glyph | None = None
    degrees = 0
    unseen = Unseen(page, text_page)
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        code = unicode_at(text_page, index)
        if code in _SPACES:
            if previous is not None and previous.text != " ":
                previous = _space_after(previous, degrees)
                yield previous, degrees
            continue
        if code == 0 or not box_at(text_page, index, pointer):
            continue
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if right > left and top > bottom and not unseen.at(index, box):
            text = "•" if code in _PRIVATE else _HYPHENS.get(code) or chr(code)
            glyph = Glyph(text, left, bottom, right, top)
            if previous is None or abs(previous.bottom - bottom) > _SAME_BASELINE:
                degrees = round(-math.degrees(pdfium.FPDFText_GetCharAngle(text_page, index))) % 360
            previous = glyph
            yield glyph, degrees


def parted(glyphs: Iterable[tuple[Glyph, int]]) -> Iterator[tuple[Glyph, int]]:
    """Glyphs where the letters of a ligature, which a file gives one box, stand side by side in it."""
    for _, drawn in groupby(glyphs, lambda one: one[0][1:]):
        letters = list(drawn)
        if len(letters) == 1 or "".join(glyph.text for glyph, _ in letters) not in _LIGATURES:
            yield from letters
            continue
        for place, (glyph, degrees) in enumerate(letters):
            yield _share(glyph, degrees, place, len(letters)), degrees


def _share(glyph: Glyph, degrees: int, place: int, count: int) -> Glyph:
    """The part of a box that belongs to one letter of several, in the direction of the print."""
    place = count - 1 - place if degrees in (180, 270) else place
    width, height = (glyph.right - glyph.left) / count, (glyph.top - glyph.bottom) / count
    if degrees in (90, 270):
        bottom = glyph.bottom + place * height
        return glyph._replace(bottom=bottom, top=bottom + height)
    left = glyph.left + place * width
    return glyph._replace(left=left, right=left + width)


def _space_after(glyph: Glyph, degrees: int) -> Glyph:
    """A space of no width where the glyph ends in its own direction."""
    if degrees in (90, 270):
        edge = glyph.top if degrees == 90 else glyph.bottom
        return Glyph(" ", glyph.left, edge, glyph.right, edge)
    edge = glyph.left if degrees == 180 else glyph.right
    return Glyph(" ", edge, glyph.bottom, edge, glyph.top)
