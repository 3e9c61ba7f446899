"""Files that are broken, in strange encodings, or made to harm: a right text, or an error that says what to do."""

import io
import json
import zipfile

import pytest
from docx.document import Document as WordDocument
from unit.ingestion.parsers.files import archive, docx, pdf

from plotlot.domain.documents import Document
from plotlot.domain.errors import DocumentTooLarge, UnreadableDocument
from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.docx import parse_docx
from plotlot.ingestion.parsers.flow import GridCell, columns_of

LOT = "Sec. 1. Lots.\nA lot at § 9 is at least 9,000 square feet – “net”.\n"
PAGE = f"<html><body><p>{LOT}</p></body></html>"


def read(name: str, content: str | bytes) -> Document:
    return parse_document(name, content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("name", ["code.txt", "code.html", "code.xml"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_common_encoding_gives_the_same_text(name: str, encoding: str) -> None:
    content = {"code.txt": LOT, "code.html": PAGE, "code.xml": f"<TEI><p>{LOT}</p></TEI>"}[name]
    if encoding == "utf-32" and name != "code.txt":
        content = f"\n{content}"
    assert LOT.split() == read(name, content.encode(encoding)).text.split()


def test_a_page_that_calls_western_text_latin_1_is_read_as_browsers_read_it() -> None:
    page = PAGE.replace("<body>", "<head><meta charset='iso-8859-1'></head><body>")
    assert "– “net”" in read("code.html", page.encode("cp1252")).text


def test_a_page_in_utf_8_that_declares_nothing_or_wrongly_is_read_as_what_it_is() -> None:
    for declared in ("", "<meta charset='iso-8859-1'>"):
        assert "§ 9" in read("code.html", PAGE.replace("<body>", f"<head>{declared}</head><body>")).text


def test_pieces_in_another_encoding_do_not_spoil_the_rest() -> None:
    mixed = LOT.encode() * 3 + "A café – “small”\n".encode("cp1252")
    text = read("code.txt", mixed).text
    assert text.count("– “net”") == 3
    assert "A café – “small”" in text


def test_a_few_zero_bytes_are_refused_or_left_out() -> None:
    with pytest.raises(UnreadableDocument, match="is binary"):
        read("code.html", b"<p>A lot\0 is large</p>")
    late = LOT.encode() * 2000 + b"9,0\x0000"
    assert read("code.txt", late).text.endswith("9,000")


def test_what_a_mark_turns_around_is_read_as_it_is_seen() -> None:
    turned = LOT.replace("9,000", "\u202e000,9\u202c")
    assert read("code.txt", turned).text == LOT
    assert "9,000 square" in read("code.html", PAGE.replace("9,000", "\u202e000,9\u202c")).text
    assert read("code.txt", LOT.replace("square", "\u200fsquare\u202b")).text == LOT


@pytest.mark.parametrize(("name", "opening"), [("code.html", "<html><body>"), ("code.xml", "<TEI>")])
def test_elements_ten_thousand_levels_deep_are_refused(name: str, opening: str) -> None:
    with pytest.raises(UnreadableDocument, match="thousands of levels deep"):
        read(name, opening + "<div>" * 10_000 + LOT + "</div>" * 10_000)


def test_elements_ten_thousand_levels_deep_in_an_export_are_refused_and_not_left_out() -> None:
    sections = [{"title": "Lots", "html": "<div>" * deep + f"<p>{LOT}</p>"} for deep in (10_000, 600)]
    with pytest.raises(UnreadableDocument, match="thousands of levels deep"):
        read("code.json", json.dumps(sections))
    assert "9,000" in read("code.json", json.dumps(sections[1:])).text


def test_entities_that_multiply_in_an_export_stay_as_they_are() -> None:
    markup = '<!DOCTYPE p [<!ENTITY a "lot"><!ENTITY b "&a;&a;&a;&a;">]><p>A lot of &b; is large.</p>'
    assert "lotlot" not in read("code.json", json.dumps([{"title": "Lots", "html": markup}])).text


def test_elements_some_hundred_levels_deep_are_read() -> None:
    assert "9,000" in read("code.html", "<html><body>" + "<div>" * 600 + LOT).text


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><p>Sec. 1.<table><tr><td>A<td>9,000<tr><td>B</table><b><i>x</b></i></div></body></html></p>&bogus; <",
        "<p>A lot is 9,000 feet &#xFFFFFFF; &#0; &#xD800; &nbsp <a href='x>broken</a><td>loose</td>",
        "<!DOCTYPE html><!-- never closed? --><body><table><caption>9,000<tr></body>",
    ],
)
def test_malformed_pages_are_read_as_far_as_they_go(page: str) -> None:
    text = read("code.html", page).text
    assert "9,000" in text
    assert text.encode().decode() == text


BOMB = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DECLARED = f'<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY a "lots of lots">{BOMB}]>'


def test_entities_that_multiply_are_not_expanded() -> None:
    with pytest.raises(UnreadableDocument, match="entities that multiply"):
        read("code.xml", f"{DECLARED}<TEI><p>A lot &i; is large.</p></TEI>")


def word(markup: str) -> bytes:
    """A Word document with this as its main part."""
    source = zipfile.ZipFile(io.BytesIO(docx(lambda document: None)))
    parts = {item.filename: source.read(item.filename) for item in source.infolist()}
    return archive({**parts, "word/document.xml": markup.encode()})


SCHEMA = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_entities_in_a_word_document_are_not_expanded() -> None:
    body = f"<w:document {SCHEMA}><w:body><w:p><w:r><w:t>A lot &i;</w:t></w:r></w:p></w:body></w:document>"
    with pytest.raises(UnreadableDocument, match="save it anew"):
        read("code.docx", word(DECLARED.replace("DOCTYPE TEI", "DOCTYPE w:document") + body))


def test_markup_that_unpacks_to_too_much_is_refused_unopened() -> None:
    bomb = bytearray(archive({"word/document.xml": b"Lots"}))
    directory = bomb.rindex(b"PK\x01\x02")
    bomb[directory + 24 : directory + 28] = (150 * 2**20).to_bytes(4, "little")
    with pytest.raises(DocumentTooLarge, match="limit of 100 MB"):
        read("code.docx", bytes(bomb))


def test_styles_of_a_long_word_document_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(document: WordDocument) -> None:
        document.add_heading("Sec. 1 Lots", 1)
        for _ in range(50):
            document.add_paragraph("A lot is large.")

    content = docx(build)
    asked: list[object] = []
    from docx.text.paragraph import Paragraph

    monkeypatch.setattr(Paragraph, "style", property(asked.append))
    draft = parse_docx("code.docx", content)
    assert [heading.label for heading in draft.headings] == ["Sec. 1"]
    assert asked == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("code.txt", pdf([[(72, 700, "A lot is at least 9,000 square feet.")]])),
        ("code.pdf", PAGE.encode()),
        ("code.html", docx(lambda document: document.add_paragraph("A lot is at least 9,000 square feet."))),
    ],
)
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(name: str, content: bytes) -> None:
    assert "9,000 square feet" in read(name, content).text


def test_a_text_that_calls_itself_json_is_told_where_it_is_none() -> None:
    with pytest.raises(UnreadableDocument, match=r"code\.json: not valid JSON at line 1, column 1"):
        read("code.json", LOT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"title": "Lots", "text": "A lot is", "n": ' + "9" * 6000 + "}", "thousands of digits"),
        ('{"title": "t", "text": "A lot is large", "c": ' * 300 + "1" + "}" * 300, "nested too deeply"),
        ('{"a": ' * 50_000 + "1" + "}" * 50_000, "nested too deeply"),
    ],
)
def test_hostile_json_is_refused(content: str, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        read("code.json", content)


def test_halves_of_characters_in_json_are_left_out_of_text_and_title() -> None:
    document = read("code.json", '{"title": "Lots \\ud800", "text": "A lot is \\udfff9,000 \\u0000feet"}')
    assert document.title == "Lots"
    assert "A lot is 9,000 feet" in document.text
    assert document.text.encode()


def test_a_cell_that_spans_beyond_reason_takes_no_room() -> None:
    rows = "<tr><td rowspan=65000 colspan=1000>a</td><td>b</td></tr>" * 400
    (table,) = read("code.html", f"<p>Lots</p><table>{rows}</table>").tables
    assert (table.rows, table.columns) == (400, 2)


def test_cells_stand_beside_those_that_reach_down() -> None:
    rows = [
        [GridCell(("a",), row_span=3), GridCell(("b",), column_span=2)],
        [GridCell(("c",)), GridCell(("d",), row_span=2)],
        [GridCell(("e",)), GridCell(("f",))],
    ]
    assert columns_of(rows) == [[0, 1], [1, 2], [1, 3]]


def test_a_large_table_is_one_table() -> None:
    rows = "".join(f"<tr><td>R-{row}</td><td>{row}</td></tr>" for row in range(3000))
    (table,) = read("code.html", f"<p>Lots</p><table>{rows}</table>").tables
    assert (table.rows, len(table.cells)) == (3000, 6000)


@pytest.mark.parametrize("mark", ["(\u00b2)", "\u00b2.", "(\u0663)", f"({'9' * 5000})"])
def test_what_only_looks_like_a_number_numbers_nothing(mark: str) -> None:
    text = f"Sec. 1. Lots.\n{mark} A lot has 9,000 square feet.\n(2) A yard has 20 feet.\n"
    assert "A lot has 9,000 square feet." in read("code.txt", text).text
    assert "20 feet" in read("code.html", f"<ol start='{'9' * 5000}'><li>A yard has 20 feet.</li></ol>").text
