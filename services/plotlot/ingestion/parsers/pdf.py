"""PDF: the text layer laid out on a character grid, pages parted by form feeds."""

import ctypes
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from plotlot.domain.errors import UnreadableDocument

from .decode import canonical
from .draft import Draft
from .page_grid import Glyph, page_text
from .text import draft_of_text

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}
_SPACES = frozenset((9, 10, 13, 32, 0xA0))
_PRIVATE = range(0xE000, 0xF900)
_FEWEST_CHARACTERS = 20


def parse_pdf(name: str, content: bytes) -> Draft:
    """A draft of a PDF's text layer.

    Raises UnreadableDocument where the file is corrupt, encrypted, or has no text layer.
    """
    document = _open(name, content)
    try:
        pages = [page_text(glyphs) for glyphs in _pages(document)]
        title = (document.get_metadata_value("Title") or "").strip()
    finally:
        document.close()
    empty = sum(len(page.strip()) < _FEWEST_CHARACTERS for page in pages)
    if empty == len(pages):
        raise UnreadableDocument(
            f"{name}: none of its {len(pages)} pages has a text layer; run OCR on it and send it again",
            field="content",
        )
    warnings = (f"{empty} of {len(pages)} pages have no text layer",) if empty else ()
    text = "\n\f".join(canonical(page) for page in pages) + "\n"
    return draft_of_text(name, text, "application/pdf", warnings, _usable_title(title))


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
    """The title in the file's metadata, unless a word processor made it up from a file name."""
    made_up = title.lower().endswith((".doc", ".docx", ".pdf", ".rtf", ".wpd")) or " - " in title
    return "" if made_up or " " not in title else title


def _pages(document: pypdfium2.PdfDocument) -> Iterator[list[Glyph]]:
    for index in range(len(document)):
        page = document[index]
        text_page = page.get_textpage()
        yield _upright(page, list(_glyphs(text_page.raw)))
        text_page.close()
        page.close()


def _glyphs(text_page: object) -> Iterator[Glyph]:
    """The page's glyphs in drawing order; the boxes are as high as the font, not as the ink."""
    box = pdfium.FS_RECTF()
    pointer = ctypes.byref(box)
    previous: Glyph | None = None
    for index in range(pdfium.FPDFText_CountChars(text_page)):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in _SPACES:
            if previous is not None and previous.text != " ":
                edge = previous.right
                previous = Glyph(" ", edge, previous.bottom, edge, previous.top)
                yield previous
            continue
        if code == 0 or not pdfium.FPDFText_GetLooseCharBox(text_page, index, pointer):
            continue
        if box.right > box.left and box.top > box.bottom:
            text = "•" if code in _PRIVATE else _HYPHENS.get(code) or chr(code)
            previous = Glyph(text, box.left, box.bottom, box.right, box.top)
            yield previous


def _upright(page: pypdfium2.PdfPage, glyphs: list[Glyph]) -> list[Glyph]:
    """The glyphs as they stand on a page that is shown turned."""
    return glyphs
