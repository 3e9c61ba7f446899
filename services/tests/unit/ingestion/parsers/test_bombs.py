"""Small files that would become large ones, and what a limit says of them before it is too late."""

import gzip
import zipfile
import zlib
from io import BytesIO

import pytest
from unit.ingestion.parsers.files import archive, docx

from plotlot.domain.errors import DocumentTooLarge, UnreadableDocument
from plotlot.ingestion.parsers import parse_document, pdf
from plotlot.ingestion.parsers.ocr import picture_of
from plotlot.ingestion.parsers.unseen import Unseen

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"


def pdf_of(kids: str, count: int, stream: bytes, box: str = "0 0 612 792", filtered: str = "") -> bytes:
    """A PDF whose pages are one page, named as often as is said."""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        page.encode(),
        f"<< /Length {len(stream)} {filtered}>>\nstream\n".encode() + stream + b"\nendstream",
        FONT.encode(),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()


LINE = b"BT /F1 10 Tf 72 700 Td (A lot has 9,000 square feet.) Tj ET\n"


def test_a_pdf_that_names_one_page_without_end_is_refused() -> None:
    content = pdf_of("3 0 R " * 20_000, 20_000, LINE)
    with pytest.raises(DocumentTooLarge, match="20,000 pages, more than the 10,000"):
        parse_document("code.pdf", content)


def test_pages_that_together_have_more_letters_than_any_code_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pdf, "_MOST_GLYPHS", 100)
    with pytest.raises(DocumentTooLarge, match="more letters"):
        parse_document("code.pdf", pdf_of("3 0 R " * 9, 9, LINE))


def test_a_stream_that_unpacks_to_hundreds_of_megabytes_of_nothing_is_read_for_what_it_says() -> None:
    stream = zlib.compress(LINE + b" " * 200_000_000, 9)
    assert len(stream) < 300_000
    document = parse_document("code.pdf", pdf_of("3 0 R", 1, stream, filtered="/Filter /FlateDecode "))
    assert "9,000 square feet" in document.text


def test_a_page_as_large_as_a_town_becomes_no_picture_of_its_size() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf_of("3 0 R", 1, LINE, box="0 0 200000 200000"))
    page = document[0]
    assert picture_of(page).size < 3 * 45_000_000
    assert Unseen(page, page.get_textpage().raw)._picture is None
    assert "9,000" in parse_document("code.pdf", pdf_of("3 0 R", 1, LINE, box="0 0 200000 200000")).text


def test_a_page_that_is_corrupt_leaves_the_others() -> None:
    content = pdf_of("3 0 R 9 0 R", 2, LINE)
    document = parse_document("code.pdf", content)
    assert "9,000" in document.text


def test_a_word_document_that_unpacks_to_too_much_is_refused_unopened() -> None:
    source = zipfile.ZipFile(BytesIO(docx(lambda document: document.add_paragraph("A lot."))))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for item in source.infolist():
            package.writestr(item.filename, source.read(item.filename))
        package.writestr("word/more.xml", b" " * 110_000_000)
    assert len(packed.getvalue()) < 200_000
    with pytest.raises(DocumentTooLarge, match="limit of 100 MB"):
        parse_document("code.docx", packed.getvalue())


def test_an_archive_in_an_archive_is_not_opened() -> None:
    inner = archive({"word/document.xml": b"<w:document/>"})
    with pytest.raises(UnreadableDocument, match="no Word document"):
        parse_document("code.docx", archive({"inner.docx": inner}))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\code.md", "/etc/code.md", "code.md\x00.exe", "a" * 5000]
)
def test_a_name_is_a_name_and_no_path(name: str) -> None:
    """Nothing is written by it: a document is kept under its digest, and called what it was called."""
    document = parse_document(name, b"Sec. 1 Lots.\nA lot has 9,000 square feet.\n")
    assert document.name == name
    assert "9,000" in document.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"<html><p>A lot</p></html>", mtime=0), "compressed file; unpack it"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "an image"),
        (b"MZ\x90\x00" + b"\x00" * 500, "binary, not text"),
        (b"\x7fELF" + b"\x00" * 500, "binary, not text"),
    ],
)
@pytest.mark.parametrize("name", ["code.html", "code.txt", "code.md"])
def test_what_is_no_text_is_refused_whatever_it_is_called(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        parse_document(name, content)
