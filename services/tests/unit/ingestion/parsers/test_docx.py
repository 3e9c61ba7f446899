"""Word documents: headings by style, merged cells."""

from docx.document import Document as WordDocument
from unit.ingestion.parsers.files import docx

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document


def build(document: WordDocument) -> None:
    document.add_heading("Sec. 6.1\xa0Lots", 1)
    document.add_paragraph("A.\tA lot is large.")
    document.add_paragraph("1.\tIt has a street.")
    document.add_heading("Sec. 6.2 Yards", 1)
    document.add_paragraph("Table 6.2 Yards by district")
    table = document.add_table(rows=3, cols=3)
    for number, row in enumerate((("District", "Yards", ""), ("R-1", "25", "30"), ("", "20", "20"))):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph("The end.")


def read() -> Document:
    return parse_document("code.docx", docx(build))


def test_styles_and_letters_make_the_tree() -> None:
    document = read()
    street = document.section_at(document.text.index("It has"))
    assert document.section_path(street.ordinal) == "Sec. 6.1 Lots > A. > 1."
    assert [s.label for s in document.sections if s.kind == "section"] == ["Sec. 6.1", "Sec. 6.2"]


def test_merged_cells_cover_rows_and_columns() -> None:
    document = read()
    table = document.tables[0]
    cells = {(c.row, c.column): (document.cell_text(c), c.row_span, c.column_span) for c in table.cells}
    assert cells == {
        (0, 0): ("District", 1, 1),
        (0, 1): ("Yards", 1, 2),
        (1, 0): ("R-1", 2, 1),
        (1, 1): ("25", 1, 1),
        (1, 2): ("30", 1, 1),
        (2, 1): ("20", 1, 1),
        (2, 2): ("20", 1, 1),
    }
    assert table.caption is not None
    assert document.slice(table.caption) == "Table 6.2 Yards by district"


def test_the_text_keeps_the_order_of_paragraphs_and_tables() -> None:
    text = read().text
    assert text.index("A lot") < text.index("Table 6.2") < text.index("R-1") < text.index("The end.")
