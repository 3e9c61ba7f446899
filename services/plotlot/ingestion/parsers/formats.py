"""What kind of document some bytes are."""

import re

from plotlot.domain.errors import UnreadableDocument

WORD_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BY_EXTENSION = {
    "htm": "text/html",
    "html": "text/html",
    "json": "application/json",
    "markdown": "text/markdown",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "docx": WORD_DOCUMENT,
    "txt": "text/plain",
    "xhtml": "text/html",
    "xml": "application/xml",
}
_MARKUP = re.compile(rb"\s*(?:<\?xml\b|<!doctype\b|<!--|<html\b|<tei\b|<body\b|<div\b|<head\b)", re.I)
_HTML = re.compile(rb"<!doctype\s+html|<html\b|<body\b|<table\b|<div\b", re.I)
_TEI = re.compile(rb"<tei\b", re.I)
_HEAD = 4096
_UNREAD = {
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file; save it as DOCX or PDF",
    b"\x89PNG": "an image; run OCR on it and send the text or a PDF with a text layer",
    b"\xff\xd8\xff": "an image; run OCR on it and send the text or a PDF with a text layer",
    b"GIF8": "an image; run OCR on it and send the text or a PDF with a text layer",
    b"II*\x00": "an image; run OCR on it and send the text or a PDF with a text layer",
    b"\x1f\x8b": "a compressed file; unpack it and send the documents inside",
    b"{\\rtf": "RTF; save it as DOCX or PDF",
}


def sniff(name: str, content: bytes, media_type: str = "") -> str:
    """The media type of the bytes: their own marks first, then the caller's word, then the name.

    Raises UnreadableDocument for an empty file and for kinds that are known and not read.
    """
    if not content.strip():
        raise UnreadableDocument(
            f"{name}: the file is empty; check that the download finished and send it again",
            field="content",
        )
    for mark, what in _UNREAD.items():
        if content.startswith(mark):
            raise UnreadableDocument(f"{name}: this is {what}", field="content")
    by_marks = _by_marks(content)
    if by_marks:
        return by_marks
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    declared = media_type.split(";")[0].strip().lower()
    by_name = _BY_EXTENSION.get(extension, "")
    if by_name in ("application/pdf", WORD_DOCUMENT):
        return by_name
    if declared in _BY_EXTENSION.values() and declared != "text/plain":
        return declared
    return by_name or "text/plain"


def _by_marks(content: bytes) -> str:
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return WORD_DOCUMENT
    if _MARKUP.match(head):
        return "text/html" if _HTML.search(head) and not _TEI.search(head) else "application/xml"
    if head.lstrip()[:1] in (b"{", b"[") and content.rstrip()[-1:] in (b"}", b"]"):
        return "application/json"
    return ""
