"""Parsers of ordinances: one file a format, one canonical Document out of all of them."""

from plotlot.domain.documents import Document
from plotlot.domain.errors import UnreadableDocument

from .docx import parse_docx
from .draft import assemble
from .formats import WORD_DOCUMENT, sniff
from .html import parse_html, parse_xml
from .json_export import parse_json
from .markdown import parse_markdown
from .pdf import parse_pdf
from .text import parse_text

_PARSERS = {
    "text/plain": parse_text,
    "text/markdown": parse_markdown,
    "application/json": parse_json,
    "application/pdf": parse_pdf,
    "application/xml": parse_xml,
    "text/html": parse_html,
    WORD_DOCUMENT: parse_docx,
}


def parse_document(name: str, content: bytes, media_type: str = "") -> Document:
    """The document in these bytes; what they are is read from themselves, then from the name.

    Raises UnreadableDocument, naming the file and what to do, where no parser can read them.
    """
    kind = sniff(name, content, media_type)
    parser = _PARSERS.get(kind)
    if parser is None:
        raise UnreadableDocument(
            f"{name}: {kind} is not read; send PDF, DOCX, HTML, Markdown, JSON or plain text",
            field="content",
        )
    return assemble(name, content, parser(name, content))
