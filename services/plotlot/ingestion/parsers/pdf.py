"""PDF: the text layer laid out on a character grid, pages parted by form feeds."""

import ctypes
import math
from collections.abc import Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from plotlot.domain.documents import recognised_warning
from plotlot.domain.errors import UnreadableDocument

from .decode import canonical
from .draft import Draft
from .page_columns import unfolded
from .page_grid import Glyph, page_text
from .page_turn import upright
from .text import draft_of_text
from .titles import names_code
from .unseen import Unseen

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}
_SPACES = frozenset((9, 10, 13, 32, 0xA0))
_PRIVATE = range(0xE000, 0xF900)
_FEWEST_CHARACTERS = 20
_SAME_BASELINE = 0.01


def parse_pdf(name: str, content: bytes, *, ocr: bool = False) -> Draft:
    """A draft of a PDF's text layer; with ``ocr``, pages without one are read from their pictures.

    Raises UnreadableDocument where the file is corrupt or encrypted, or OCR is asked for and not installed.
    """
    document = _open(name, content)
    try:
        pages = [unfolded(page_text(glyphs)) for glyphs in _pages(document)]
        blank = [place for place, page in enumerate(pages) if len(page.strip()) < _FEWEST_CHARACTERS]
        seen = _recognised(document, blank) if ocr and blank else {}
        title = (document.get_metadata_value("Title") or "").strip()
    finally:
        document.close()
    pages = [seen.get(place, page) for place, page in enumerate(pages)]
    empty = len(blank) - len(seen)
    warnings = (*((empty_pages(empty, len(pages)),) if empty else ()), *recognised_warning(seen))
    text = "\n\f".join(canonical(page) for page in pages) + "\n"
    return draft_of_text(name, text, "application/pdf", warnings, _usable_title(title))


def _recognised(document: pypdfium2.PdfDocument, blank: Sequence[int]) -> dict[int, str]:
    """The text of those pages on which OCR finds any, by their places."""
    from .ocr import recogniser

    recognise = recogniser()
    read = {place: unfolded(page_text(recognise(document[place]))) for place in blank}
    return {place: text for place, text in read.items() if len(text.strip()) >= _FEWEST_CHARACTERS}


def empty_pages(empty: int, pages: int) -> str:
    """What to know of a scan: it is kept, but nothing can be read from its pictures."""
    which = (
        f"none of its {pages} pages has" if empty == pages else f"{empty} of its {pages} pages do not have"
    )
    return f"{which} a text layer: nothing is read from there; run OCR on the file, or set PLOTLOT_OCR=true, and ingest it again"


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


def _pages(document: pypdfium2.PdfDocument) -> Iterator[list[Glyph]]:
    for index in range(len(document)):
        page = document[index]
        text_page = page.get_textpage()
        yield upright(list(_glyphs(page, text_page.raw)))
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


def _space_after(glyph: Glyph, degrees: int) -> Glyph:
    """A space of no width where the glyph ends in its own direction."""
    if degrees in (90, 270):
        edge = glyph.top if degrees == 90 else glyph.bottom
        return Glyph(" ", glyph.left, edge, glyph.right, edge)
    edge = glyph.left if degrees == 180 else glyph.right
    return Glyph(" ", edge, glyph.bottom, edge, glyph.top)
