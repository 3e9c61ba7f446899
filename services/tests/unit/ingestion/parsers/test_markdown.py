"""Markdown: front matter, headings, pipe tables and their cells."""

from plotlot.domain.documents import Document, Table
from plotlot.ingestion.parsers import parse_document

CODE = """\
---
title: "Chapter 12: Lots"
part: 3
---

## 12.01   Size

Lots are as follows.

Table 1. Sizes

|                     |   R-1 | R-2 1F/2F |
|---------------------|------:|:---------:|
| (a) Area (sq. ft.)  | 9,000 |   6,000   |
| (b) Width \\| depth  |    60 |           |

\\*except on corners\\
\\** except on alleys

3. _(c)_ **Height.** No dwelling is higher than 35 feet.

    1. _(1)_ A chimney may be.

    | Yard | Feet |
    |------|------|
    | Rear | 20   |

Fences
------

A fence is low.

```
## not a heading
```
"""


def read() -> Document:
    return parse_document("code.md", CODE.encode())


def texts(document: Document, table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = document.cell_text(cell)
    return rows


def test_the_text_is_the_source() -> None:
    assert read().text == CODE


def test_the_title_stands_in_the_front_matter() -> None:
    assert read().title == "Chapter 12: Lots"


def test_a_pipe_table_keeps_its_cells_and_empty_ones() -> None:
    document = read()
    assert texts(document, document.tables[0]) == [
        ["", "R-1", "R-2 1F/2F"],
        ["(a) Area (sq. ft.)", "9,000", "6,000"],
        [r"(b) Width \| depth", "60", ""],
    ]
    assert [cell.header for cell in document.tables[0].cells] == [True] * 3 + [False] * 6


def test_a_table_has_its_caption_and_footnotes() -> None:
    document = read()
    table = document.tables[0]
    assert table.caption is not None
    assert document.slice(table.caption) == "Table 1. Sizes"
    assert [note.mark for note in table.footnotes] == ["*", "**"]


def test_an_indented_table_is_read() -> None:
    document = read()
    assert texts(document, document.tables[1]) == [["Yard", "Feet"], ["Rear", "20"]]


def test_headings_and_lettered_list_items_make_the_tree() -> None:
    document = read()
    assert [s.title for s in document.sections[1:]] == ["12.01 Size", "(c) Height", "(1)", "Fences"]
    chimney = document.section_at(document.text.index("A chimney"))
    assert document.section_path(chimney.ordinal) == "12.01 Size > (c) Height > (1)"


def test_rows_of_a_table_are_no_paragraphs() -> None:
    assert "(a)" not in [section.label for section in read().sections]


def test_a_note_may_be_defined_anywhere_and_go_on_over_indented_lines() -> None:
    text = (
        "# Code\n\n| Yard | R-1 | R-2 |\n|---|---|---|\n| Front | 20[^2] | 25[^x] |\n\nA paragraph.\n\n"
        "[^1]: Of no cell.\n[^2]: Thirty feet\n    on a corner lot.\n\nThe end.\n"
    )
    document = parse_document("code.md", text.encode())
    (note,) = document.tables[0].footnotes
    assert note.mark == "2"
    assert document.slice(note.span) == "[^2]: Thirty feet\n    on a corner lot."
