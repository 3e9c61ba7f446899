"""What a file is, and what each unreadable one is told."""

import pytest
from unit.ingestion.parsers.files import archive, pdf

from plotlot.domain.errors import DocumentTooLarge, UnreadableDocument
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.formats import WORD_DOCUMENT, sniff

LOT = b"Sec. 1. - Lots.\nA lot is at least 9,000 square feet.\n"


@pytest.mark.parametrize(
    ("name", "content", "media_type", "expected"),
    [
        ("code.txt", LOT, "", "text/plain"),
        ("code", LOT, "", "text/plain"),
        ("code.md", LOT, "", "text/markdown"),
        ("code.md", LOT, "text/plain", "text/markdown"),
        ("code", LOT, "text/markdown; charset=utf-8", "text/markdown"),
        ("code.txt", b"\xef\xbb\xbf<!DOCTYPE html><p>Lots</p>", "", "text/html"),
        ("code.txt", b'<?xml version="1.0"?><html xmlns="x"><body/></html>', "", "text/html"),
        ("code.html", b'<?xml version="1.0"?><TEI><text><body/></text></TEI>', "", "application/xml"),
        ("code.txt", b'{"title": "Lots"}\n', "", "application/json"),
        ("code.txt", b"[Reserved]\nSec. 1. - Lots.", "", "text/plain"),
        ("code.bin", b"%PDF-1.4\n", "", "application/pdf"),
        ("code.pdf", b"no pdf at all", "", "application/pdf"),
        ("code.zip", archive({"word/document.xml": b""}), "", WORD_DOCUMENT),
    ],
)
def test_what_a_file_is(name: str, content: bytes, media_type: str, expected: str) -> None:
    assert sniff(name, content, media_type) == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("code.txt", b"", "is empty"),
        ("code.txt", b" \n\t\n", "is empty"),
        ("code.txt", "\u200b\ufeff".encode(), "holds no text"),
        ("code.txt", b"Sec. 1\x00\x00Lots", "is binary"),
        ("code.txt", bytes(range(1, 9)) * 40 + b"Lots", "is binary"),
        ("code.json", b'{"title": "Lots",\n  oops}', "line 2, column 3"),
        ("code.json", b"[" * 100_000, "not valid JSON|nested too deeply"),
        ("code.json", b'{"count": 3, "ok": true}', "no headings with text"),
        (
            "code.html",
            b"<html><head><title>Lots</title></head><body><script>x</script></body></html>",
            "no text",
        ),
        ("code.html", b"<html>", "no text"),
        ("code.xml", b"<TEI><teiHeader><p>About</p></teiHeader></TEI>", "no text"),
        ("code.pdf", b"%PDF-1.4\nrubbish", "corrupt"),
        ("code.pdf", pdf([[(72, 700, "A lot")]], encrypt=True), "encrypted; remove the password"),
        ("code.docx", archive({"word/document.xml": b"<w/>" * 99})[:120], "cut short or corrupt"),
        ("code.docx", archive({"a.txt": b"Lots"}), "no Word document"),
        ("code.docx", archive({"word/document.xml": b"<w/>"}), "corrupt"),
        ("code.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "save it as DOCX or PDF"),
        ("map.png", b"\x89PNG\r\n", "OCR"),
        ("code.rtf", rb"{\rtf1 Lots}", "RTF"),
    ],
)
def test_an_unreadable_file_is_named_with_what_to_do(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words) as caught:
        parse_document(name, content)
    assert caught.value.message.startswith(f"{name}: ")
    assert caught.value.field == "content"


def test_an_archive_that_unpacks_to_too_much_is_refused_unopened() -> None:
    bomb = bytearray(archive({"word/document.xml": b"Lots"}))
    directory = bomb.rindex(b"PK\x01\x02")
    bomb[directory + 24 : directory + 28] = (900 * 2**20).to_bytes(4, "little")
    with pytest.raises(DocumentTooLarge, match="unpacks to 900 MB"):
        parse_document("code.docx", bytes(bomb))


def test_the_document_names_its_source() -> None:
    document = parse_document("code.txt", LOT)
    assert document.name == "code.txt"
    assert document.media_type == "text/plain"
    assert len(document.source_sha256) == 64
    assert document.text == LOT.decode()
