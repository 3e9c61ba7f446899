"""HTML and TEI: what a reader sees, and the cells of tables."""

import pytest

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document

PAGE = """\
<!DOCTYPE html>
<html><head><title>Chapter 20 &mdash; Lots</title><style>p {}</style></head>
<body>
 <nav><a href="/">Home</a></nav>
 <div id="navTop"><a href="/">Up</a> <a href="/next">Next</a></div>
 <p style="display: none">Hidden words</p>
 <h1>Chapter 20</h1>
 <p>20.010&nbsp;Purpose.</p>
 <h2 id="a">20.010 Purpose.</h2>
 <p>This   chapter
   governs <b>all</b> lots.<br>It is 2<sup>1</sup> long.</p>
 <ol type="a"><li>Area<ol><li>Large</li><li>Small</li></ol></li><li>(z) Width</li></ol>
 <h2>20.020 Standards.</h2>
 <table>
  <caption>Table 20-1</caption>
  <thead><tr><th rowspan="2">District</th><th colspan="2">Yards</th></tr><tr><th>Front</th><th>Rear</th></tr></thead>
  <tbody>
   <tr><td>R-1</td><td><p>25 ft.</p><p>or average</p></td><td>30 ft.</td></tr>
   <tr><td>R-2</td><td colspan="2">20 ft.<sup>1</sup></td></tr>
  </tbody>
 </table>
 <p>1. On corner lots only.</p>
 <table><tr><td><h2>20.030 Fences.</h2><p>A fence is low.</p></td><td>Side note</td></tr></table>
 <script>alert("never")</script>
</body></html>
"""


@pytest.fixture(scope="module")
def document() -> Document:
    return parse_document("code.html", PAGE.encode())


def test_hidden_words_and_menus_are_dropped(document: Document) -> None:
    for words in ("Hidden", "Home", "Next", "never", "p {}"):
        assert words not in document.text


def test_white_space_is_set_as_a_browser_sets_it(document: Document) -> None:
    assert "This chapter governs all lots.\nIt is 2 1 long." in document.text


def test_headings_make_the_tree_without_the_list_of_contents(document: Document) -> None:
    sections = [s.title for s in document.sections[1:] if s.kind != "subsection"]
    assert sections == ["Chapter 20", "20.010 Purpose", "20.020 Standards", "20.030 Fences"]
    assert document.title == "Chapter 20 — Lots"


def test_items_of_numbered_lists_are_paragraphs(document: Document) -> None:
    small = document.section_at(document.text.index("Small"))
    assert document.section_path(small.ordinal) == "Chapter 20 > 20.010 Purpose > a. > 2."


def test_spans_of_rows_and_columns_are_kept(document: Document) -> None:
    table = document.tables[0]
    cells = {
        (c.row, c.column): (document.cell_text(c), c.row_span, c.column_span, c.header) for c in table.cells
    }
    assert cells == {
        (0, 0): ("District", 2, 1, True),
        (0, 1): ("Yards", 1, 2, True),
        (1, 1): ("Front", 1, 1, True),
        (1, 2): ("Rear", 1, 1, True),
        (2, 0): ("R-1", 1, 1, False),
        (2, 1): ("25 ft. or average", 1, 1, False),
        (2, 2): ("30 ft.", 1, 1, False),
        (3, 0): ("R-2", 1, 1, False),
        (3, 1): ("20 ft. 1", 1, 2, False),
    }
    assert (table.rows, table.columns) == (4, 3)
    assert table.caption is not None
    assert document.slice(table.caption) == "Table 20-1"
    assert [note.mark for note in table.footnotes] == ["1"]


def test_a_table_that_only_places_things_is_text(document: Document) -> None:
    assert len(document.tables) == 1
    assert "A fence is low." in document.text


def test_tei_is_read_with_its_heads_and_lines() -> None:
    source = (
        '<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><title>Code</title>'
        "<p>Not this</p></teiHeader><text><body><div><head>CHAPTER 1 GENERAL</head><p>\n   Sec. 1-1. - Lots.\n"
        "   (a) A lot is large.\n</p></div></body></text></TEI>"
    )
    document = parse_document("code.xml", source.encode())
    assert document.title == "Code"
    assert "Not this" not in document.text
    assert document.section_path(3) == "CHAPTER 1 GENERAL > Sec. 1-1 Lots > (a)"


def test_entities_of_other_files_are_not_read() -> None:
    source = '<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY x SYSTEM "file:///etc/hostname">]><TEI><p>A &x; lot</p></TEI>'
    assert parse_document("code.xml", source.encode()).text.split() == ["A", "lot"]
