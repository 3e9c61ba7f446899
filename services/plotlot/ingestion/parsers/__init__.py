"""Parsers of ordinances: one file a format, one canonical Document out of all of them.

A format's parser is imported when the first document of its kind comes: their libraries are large.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from plotlot.domain.documents import Document

from .draft import Draft, assemble
from .formats import WORD_DOCUMENT, sniff

if TYPE_CHECKING:
    from .scans import Ocr

_PARSERS = {
    "text/plain": ("text", "parse_text"),
    "text/markdown": ("markdown", "parse_markdown"),
    "application/json": ("json_export", "parse_json"),
    "application/pdf": ("pdf", "parse_pdf"),
    "application/xml": ("html", "parse_xml"),
    "text/html": ("html", "parse_html"),
    WORD_DOCUMENT: ("docx", "parse_docx"),
}


def parse_document(name: str, content: bytes, media_type: str = "", *, ocr: "Ocr | None" = None) -> Document:
    """The document in these bytes; what they are is read from themselves, then from the name.

    ``ocr`` says which pages of a PDF are read from their pictures; none without it.

    Raises UnreadableDocument, naming the file and what to do, where no parser can read them.
    """
    module, function = _PARSERS[sniff(name, content, media_type)]
    parse: Callable[..., Draft] = getattr(import_module(f"{__name__}.{module}"), function)
    draft = partial(parse, ocr=ocr) if ocr is not None and function == "parse_pdf" else parse
    return assemble(name, content, draft(name, content))
