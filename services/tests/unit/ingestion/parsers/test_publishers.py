"""Pages of code publishers and of plain town sites: the code with its headings, and nothing of what is around it."""

import re

import pytest

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document

AMLEGAL = """\
<!DOCTYPE html><html lang="en"><head><title>Millbrook, OH Code of Ordinances</title></head><body>
<a class="skip-link sr-only" href="#main">Skip to main content</a>
<header class="navbar"><a href="/">American Legal Publishing</a><form><input placeholder="Search"></form></header>
<aside class="codenav__sidebar"><ul class="codenav__toc"><li><a href="#c">CHAPTER 1141: DISTRICTS</a></li>
 <li><a href="#s">1141.01 PURPOSE.</a></li></ul></aside>
<main id="main"><div class="codenav__toolbar"><button>Share</button><a class="btn" href="#">Annotations Off</a></div>
<div class="codenav__section-body">
<div id="rid-0-0-0-100" class="rbox Title"><div>PLANNING AND ZONING CODE</div></div><div class="clearfix"></div>
<div id="rid-0-0-0-101" class="rbox Chapter toc-destination"><div><a id="JD_Chapter1141"></a>CHAPTER 1141</div>
 <div>DIMENSIONAL STANDARDS</div></div>
<div class="Section toc-destination rbox"><div>New Ordinance Notice</div></div>
<div id="rid-0-0-0-103" class="Section toc-destination rbox"><h3><a id="JD_1141.01" name="JD_1141.01"></a>
 1141.01&nbsp;&nbsp;PURPOSE.</h3><div class="annotation-drawer"><span>Share this section</span></div></div>
<div class="rbox Normal-Level"><div>&nbsp;&nbsp;&nbsp;(a)&nbsp;&nbsp;&nbsp;This chapter sets the dimensions of lots.</div>
 <div>&nbsp;&nbsp;&nbsp;(b)&nbsp;&nbsp;&nbsp;It is read with the map of 2019.<sup><a class="Footnote" href="#n1">1</a></sup></div></div>
<div class="rbox History"><div>(Ord. 2019-07. Passed 3-4-19; Am. Ord. 2022-14. Passed 6-1-22.)</div></div>
<div class="Section toc-destination rbox"><h3><a id="JD_1141.02"></a>1141.02&nbsp;&nbsp;YARDS.</h3></div>
<div class="rbox Normal-Level"><div>The following table applies.</div></div>
<div class="rbox Normal-Level"><div class="table-toolbar"><span>Expand</span></div>
 <table><caption class="sr-only">Table</caption><tbody>
 <tr><td class="Table-Heading" rowspan="2"><div>District</div></td><td class="Table-Heading" colspan="3">Minimum yard (feet)</td></tr>
 <tr><td class="Table-Heading">Front</td><td class="Table-Heading">Side</td><td class="Table-Heading">Rear</td></tr>
 <tr><td><div>R-1</div></td><td><div>30<sup><a href="#t1">1</a></sup></div></td><td>10</td><td>40</td></tr>
 <tr><td><div>R-2</div></td><td><div>25</div></td><td>8</td><td>30</td></tr></tbody></table>
 <div><sup>1</sup> On corner lots, the yard on each street.</div></div></div>
<div class="code-footer"><p>Disclaimer: this code may not reflect the most current legislation.</p></div></main>
<footer><a href="/">Home</a> <a href="/terms">Terms of Use</a></footer></body></html>
"""
MUNICODE = """\
<!DOCTYPE html><html><head><title>Millbrook, FL | Municode Library</title></head><body>
<nav class="navbar"><a href="/">Municode Library</a></nav>
<div id="mcc_desktop_codes_mini_toc"><h3>Mini TOC: Chapter 30</h3><ul><li><a href="#">Sec. 30-21. - Purpose.</a></li></ul></div>
<ul id="genToc"><li depth="0"><a href="?nodeId=CH30">Chapter 30 - LAND DEVELOPMENT REGULATIONS</a></li></ul>
<div id="codesContent"><ul class="chunks list-unstyled">
<li><div class="chunk" id="c_CH30LADERE" data-nodedepth="0"><div class="chunk-heading"><div class="chunk-title-wrapper">
 <div class="chunk-title">Chapter 30 - LAND DEVELOPMENT REGULATIONS<sup><a class="footnote-ref" href="#fn_1">[1]</a></sup></div></div>
 <div class="mcc_codes_content_action_bar hidden-print"><ul class="btn-group"><li><a>Share Link to section</a></li>
 <li><a>Print section</a></li><li><a>Download (Docx) of sections</a></li></ul><span class="sr-only">Email section</span></div></div>
 <div class="chunk-content-wrapper"><div class="chunk-content"><div class="footnote"><div class="footnote-number">[1]</div>
 <div class="footnote-content"><p class="refeditor0"><b>Editor's note</b>&mdash;Ord. No. 2022-14, adopted June 1, 2022, amended
 this chapter in its entirety.</p></div></div></div></div></div></li>
<li><div class="chunk" id="c_CH30LADERE_ARTIIDI" data-nodedepth="1"><div class="chunk-title">ARTICLE II. - DIMENSIONS</div></div></li>
<li><div class="chunk" id="c_CH30LADERE_ARTIIDI_S30-21PU" data-nodedepth="2"><div class="chunk-title">Sec. 30-21. - Purpose.</div>
 <div class="chunk-content"><p class="incr0">(a)</p><p class="content1">This article sets the dimensions of lots.</p>
 <p class="incr1">(1)</p><p class="content2">It is read with the map of 2019.</p>
 <p class="historynote0">(Ord. No. 2019-07, &sect; 1, 3-4-2019; Ord. No. 2022-14, &sect; 2, 6-1-2022)</p></div></div></li>
<li><div class="chunk" id="c_CH30LADERE_ARTIIDI_S30-22YA" data-nodedepth="2"><div class="chunk-title">Sec. 30-22. - Yards.</div>
 <div class="chunk-content"><p class="p0">The following apply:</p><div class="table-toolbar hidden-print"><a class="btn">EXPAND</a></div>
 <table><thead><tr><th rowspan="2"><p>District</p></th><th colspan="3"><p>Minimum yard (feet)</p></th></tr>
 <tr><th>Front</th><th>Side</th><th>Rear</th></tr></thead><tbody><tr><td>R-1</td><td>30<sup><a>1</a></sup></td><td>10</td><td>40</td></tr>
 <tr><td>R-2</td><td>25</td><td>8</td><td>30</td></tr></tbody></table>
 <p class="b0">1. On corner lots, the yard on each street.</p></div></div></li></ul>
<div class="chunk-nav hidden-print"><a class="btn">Sec. 29-9. - Fees.</a><a class="btn">Chapter 34 - MOTOR VEHICLES</a></div></div>
<footer>Copyright</footer></body></html>
"""
ECODE360 = """\
<!DOCTYPE html><html><head><title>Town of Millbrook, NY: Zoning</title></head><body>
<div id="topToolbar" class="toolbar"><a href="/">eCode360 Home</a><button>Print</button></div>
<div id="toc" class="sidebar"><div class="tocItem"><a href="/101">Chapter 165 Zoning</a></div></div>
<div id="content"><div id="breadcrumb"><a href="/1">The Code</a></div><div id="newLaws"><a href="/laws">New Laws (2)</a></div>
<div id="childContent">
<div class="contentTitle barTitle chapterTitle 101" id="101_title" data-guid="101" data-full-title="Chapter 165: Zoning">
 <div class="selectionBox"><input type="checkbox"></div><h2 class="title"><a href="/101"><span class="titleNumber">Chapter 165</span>
 <span class="titleTitle">Zoning</span></a></h2><span class="schemeIcons"><i class="material-icons">share</i></span></div>
<div class="chapter_content content"><div class="history">[HISTORY: Adopted by the Town Board 3-4-2019 by L.L. No. 3-2019. Amendments noted where applicable.]</div>
<div class="contentTitle barTitle articleTitle 102" data-full-title="Article III: Dimensions"><h3 class="title"><a href="/102">
 <span class="titleNumber">Article III</span> <span class="titleTitle">Dimensions</span></a></h3></div>
<article><div class="contentTitle barTitle sectionTitle 103" data-full-title="&sect;&nbsp;165-10: Purpose."><h4 class="title">
 <a href="/103"><span class="titleNumber">&sect; 165-10</span> <span class="titleTitle">Purpose.</span></a></h4>
 <a class="notes" href="#">Notes</a><a class="questions" href="#">Questions</a></div>
 <div class="section_content content" id="103_content"><div class="history">[Amended 6-1-2022 by L.L. No. 2-2022, effective 6-10-2022]</div>
 <div class="litem level1"><div class="litem_number">A.&nbsp;</div><div class="litem_content content"><div class="para">This article sets the
 dimensions of lots.</div><div class="litem level2"><div class="litem_number">(1)&nbsp;</div><div class="litem_content content">
 <div class="para">It is read with the map of 2019.<sup><a class="footnoteRef" href="#ft1">[1]</a></sup></div></div></div></div></div>
 <div class="footnote" id="ft1"><div class="fn_number">[1]</div><div class="fn_content">Editor's Note: The map is with the Clerk.</div></div></div></article>
<article><div class="contentTitle barTitle sectionTitle 104" data-full-title="&sect;&nbsp;165-11: Yards."></div>
 <div class="section_content content" id="104_content"><div class="para">The following apply.</div>
 <table><thead><tr><th rowspan="2">District</th><th colspan="3">Minimum yard<br>(feet)</th></tr><tr><th>Front</th><th>Side</th><th>Rear</th></tr></thead>
 <tbody><tr><td>R-1</td><td>30<sup>1</sup></td><td>10</td><td>40</td></tr><tr><td>R-2</td><td>25</td><td>8</td><td>30</td></tr></tbody>
 <tfoot><tr><td colspan="4"><sup>1</sup> On corner lots, the yard on each street.</td></tr></tfoot></table></div></article>
</div></div></div><div id="footer">Powered by General Code</div></body></html>
"""
TOWN_SITE = """\
<html><head><title>Zoning - Town of Millbrook</title></head><body>
<div id="header"><img alt=""><ul class="main-menu"><li><a href="/">Home</a></li><li><a href="/boards">Boards</a></li></ul></div>
<div class="share-links"><a href="#">Facebook</a> <a href="#">Email this page</a></div>
<div class="sidebar"><h3>Quick Links</h3><ul><li><a href="/pay">Pay a tax bill online here</a></li><li><a href="/min">Minutes and agendas</a></li></ul></div>
<table width="100%"><tr><td valign="top"><h2>Chapter 165 Zoning</h2>
<p>Adopted March 4, 2019. Amended June 1, 2022.</p>
<h3>Section 10. Purpose.</h3><p>A. This article sets the dimensions of lots.</p><p>(1) It is read with the map of 2019.</p>
<p>[Amended 6-1-2022 by Ord. 14]</p>
<h3>Section 11. Yards.</h3><p>The following apply.</p>
<table border="1"><tr><th rowspan="2">District</th><th colspan="3">Minimum yard (feet)</th></tr>
<tr><th>Front</th><th>Side</th><th>Rear</th></tr><tr><td>R-1</td><td>30<sup>1</sup></td><td>10</td><td>40</td></tr>
<tr><td>R-2</td><td>25</td><td>8</td><td>30</td></tr></table><p><sup>1</sup> On corner lots, the yard on each street.</p>
</td></tr></table><div id="footer">1 Main Street, Millbrook. <a href="/sitemap">Site map</a></div></body></html>
"""
PARAGRAPH = re.compile(r" > (\(\w\)|[A-Z]\.|\d\.)")
PAGES = {"amlegal": AMLEGAL, "municode": MUNICODE, "ecode360": ECODE360, "town": TOWN_SITE}


def read(publisher: str) -> Document:
    return parse_document(f"{publisher}.html", PAGES[publisher].encode())


def paths(document: Document) -> list[str]:
    return [document.section_path(section.ordinal) for section in document.sections[1:]]


def paragraph(publisher: str) -> str:
    """Where the paragraph about the map stands."""
    document = read(publisher)
    return document.section_path(document.section_at(document.text.index("It is read with the map")).ordinal)


@pytest.mark.parametrize(
    ("publisher", "above", "sections", "paragraphs"),
    [
        (
            "amlegal",  # whose blocks say their kind
            ["PLANNING AND ZONING CODE", "CHAPTER 1141 DIMENSIONAL STANDARDS"],
            ["1141.01 PURPOSE", "1141.02 YARDS"],
            ["(b)"],
        ),
        (
            "municode",  # whose chunks say their depth
            ["Chapter 30 LAND DEVELOPMENT REGULATIONS", "ARTICLE II DIMENSIONS"],
            ["Sec. 30-21 Purpose", "Sec. 30-22 Yards"],
            ["(a)", "(1)"],
        ),
        (
            "ecode360",  # whose titles say what they title
            ["Chapter 165 Zoning", "Article III Dimensions"],
            ["§ 165-10 Purpose", "§ 165-11 Yards"],
            ["A.", "(1)"],
        ),
    ],
)
def test_headings_are_what_the_markup_says(
    publisher: str, above: list[str], sections: list[str], paragraphs: list[str]
) -> None:
    article = " > ".join(above)
    headings = [path for path in paths(read(publisher)) if not PARAGRAPH.search(path)]
    assert headings == [above[0], article, *(f"{article} > {section}" for section in sections)]
    assert paragraph(publisher) == " > ".join([*above, sections[0], *paragraphs])


def test_a_plain_town_site_is_read_by_its_own_headings() -> None:
    document = read("town")
    assert paths(document)[0] == "Chapter 165 Zoning"
    assert paragraph("town") == "Chapter 165 Zoning > Section 10 Purpose > A. > (1)"
    assert document.effective_date == "2022-06-01"


@pytest.mark.parametrize("publisher", PAGES)
def test_the_text_holds_the_code_and_nothing_of_the_site(publisher: str) -> None:
    text = read(publisher).text
    chrome = (
        "Skip|Share|Annotations|Notice|Expand|EXPAND|Disclaimer|Terms of Use|American Legal|Mini TOC|Print|Download|Email|Copyright"
        "|Chapter 34|Fees|eCode360|New Laws|Notes|Questions|share|Powered|Facebook|Quick Links|tax bill|Home|Site map|Municode"
    )
    assert [word for word in chrome.split("|") if word in text] == []
    for words in ("sets the", "map of 2019", "on each street", "2022"):
        assert words in text
    assert text.lower().count("chapter 165 zoning") <= 1
    assert text.count("Sec. 30-21") <= 1


@pytest.mark.parametrize("publisher", PAGES)
def test_tables_keep_their_headers_and_their_notes(publisher: str) -> None:
    document = read(publisher)
    (table,) = document.tables
    cells = {(cell.row, cell.column): document.cell_text(cell) for cell in table.cells}
    assert [cells[0, 0], cells[0, 1], cells[1, 1], cells[1, 3]] == [
        "District",
        "Minimum yard (feet)",
        "Front",
        "Rear",
    ]
    assert [cells[2, column] for column in range(4)] == ["R-1", "30 1", "10", "40"]
    assert {cell.row for cell in table.cells if cell.header} == {0, 1}
    assert (table.rows, table.columns) == (4, 4)
    (note,) = table.footnotes
    assert note.mark == "1"
    assert "corner lots" in document.slice(note.span)


@pytest.mark.parametrize("publisher", PAGES)
def test_no_history_note_is_taken_for_a_heading(publisher: str) -> None:
    document = read(publisher)
    assert not [
        section for section in document.sections[1:] if "2022" in section.title or "HISTORY" in section.title
    ]


def test_notes_of_sections_stand_with_their_marks() -> None:
    assert "[1] Editor's Note: The map is with the Clerk." in read("ecode360").text
    assert "[1] Editor's note—Ord. No. 2022-14" in read("municode").text


def test_a_town_site_that_names_its_main_part_is_read_from_there() -> None:
    body = TOWN_SITE.split("<body>")[1].split("</body>")[0]
    page = f"<body><div>Welcome to a town of lakes, woods and many fields.</div><main>{body}</main><div>Call us</div></body>"
    text = parse_document("town.html", page.encode()).text
    assert "Welcome" not in text
    assert "Section 11. Yards." in text
