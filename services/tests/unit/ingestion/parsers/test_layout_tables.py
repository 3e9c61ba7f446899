"""Tables printed in fixed-width text."""

import pytest

from plotlot.domain.documents import Table
from plotlot.ingestion.parsers.layout_lines import split_lines
from plotlot.ingestion.parsers.layout_tables import find_layout_tables

BY_DISTRICT = """\
The following standards apply in every district of the town, unless this code says otherwise here.

Table 4: Dimensional Standards

                              YARDS (Feet)
DISTRICT      MINIMUM                                      MAXIMUM
              LOT AREA        Front     Side     Rear      HEIGHT

MEADOW        2 acres         40        20       30        35 ft.
ORCHARD/
HILL          20,000 sq. ft.  25        10*      25        2 stories or
                                                           28 ft.
MILL          6,000 sq. ft.   10        5        15        45 ft.

* 20 feet beside a meadow lot
No building shall be enlarged unless the lot on which it stands meets the standards of Table 4 above.
"""

LIST = """\
D. Dimensional Standards:

     (1)   Lot size                       12,000 sf min
     (2)   Lot frontage                   80 ft min
           Setbacks, principal structure:
             Front                        20 ft
             Side                         10 ft
     (3)   Height ......................  35 ft

E. Supplemental Standards
"""

TRANSPOSED = """\
                     Meadow          Orchard         Mill
                     District        District        District

Minimum lot          2 acres         20,000          6,000
area                                 sq. ft.         sq. ft.
Front setback        40 feet         25 feet         10 feet
"""


def grid(text: str, table: Table) -> list[list[str]]:
    """The words of every cell, row by row; an empty string where no cell begins."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        words = " ".join(text[span.start : span.end] for span in cell.spans)
        rows[cell.row][cell.column] = words
    return rows


def only(text: str) -> tuple[Table, list[list[str]]]:
    """The single table of a text."""
    tables = find_layout_tables(text)
    assert len(tables) == 1
    return tables[0], grid(text, tables[0])


def test_a_table_of_districts_keeps_every_row_whole() -> None:
    _, rows = only(BY_DISTRICT)
    assert rows[-3:] == [
        ["MEADOW", "2 acres", "40", "20", "30", "35 ft."],
        ["ORCHARD/ HILL", "20,000 sq. ft.", "25", "10*", "25", "2 stories or 28 ft."],
        ["MILL", "6,000 sq. ft.", "10", "5", "15", "45 ft."],
    ]


def test_stacked_header_words_are_one_header_cell() -> None:
    table, rows = only(BY_DISTRICT)
    headers = [cell for cell in table.cells if cell.header]
    assert rows[1][1] == "MINIMUM LOT AREA"
    assert rows[1][5] == "MAXIMUM HEIGHT"
    assert {cell.row for cell in headers} <= {0, 1}


def test_caption_and_footnotes_are_tied_to_the_table() -> None:
    table, _ = only(BY_DISTRICT)
    assert table.caption is not None
    assert BY_DISTRICT[table.caption.start : table.caption.end] == "Table 4: Dimensional Standards"
    assert [note.mark for note in table.footnotes] == ["*"]
    span = table.footnotes[0].span
    assert BY_DISTRICT[span.start : span.end].startswith("* 20 feet beside")


def test_a_wrapped_cell_has_a_span_for_each_line() -> None:
    table, _ = only(BY_DISTRICT)
    wrapped = [cell for cell in table.cells if not cell.header and len(cell.spans) == 2]
    assert {tuple(BY_DISTRICT[s.start : s.end] for s in cell.spans) for cell in wrapped} == {
        ("ORCHARD/", "HILL"),
        ("2 stories or", "28 ft."),
    }


def test_spans_stay_inside_the_table() -> None:
    table, _ = only(BY_DISTRICT)
    for cell in table.cells:
        for span in cell.spans:
            assert table.start <= span.start < span.end <= table.end


def test_a_list_of_labels_and_values_is_a_table() -> None:
    _, rows = only(LIST)
    assert [" ".join(label.split()) for label, _ in rows] == [
        "(1) Lot size",
        "(2) Lot frontage",
        "Setbacks, principal structure:",
        "Front",
        "Side",
        "(3) Height",
    ]
    assert [value for _, value in rows] == ["12,000 sf min", "80 ft min", "", "20 ft", "10 ft", "35 ft"]


def test_districts_may_stand_in_columns() -> None:
    _, rows = only(TRANSPOSED)
    assert rows[1][1:] == ["Meadow District", "Orchard District", "Mill District"]
    assert rows[2] == ["Minimum lot area", "2 acres", "20,000 sq. ft.", "6,000 sq. ft."]
    assert rows[3] == ["Front setback", "40 feet", "25 feet", "10 feet"]


def test_columns_that_stand_unaligned_are_counted() -> None:
    text = "District  Lot area  Front\nR-1  10,000  25\nConservation  8,000,000  200\n"
    _, rows = only(text)
    assert rows[-1] == ["Conservation", "8,000,000", "200"]


def test_tabs_part_columns() -> None:
    text = "District\tLot area\tFront\nR-1\t10,000\t25\nR-2\t8,000\t20\n"
    _, rows = only(text)
    assert rows[-1] == ["R-2", "8,000", "20"]


def test_values_above_their_label_belong_to_it() -> None:
    text = (
        "District        Lot area      Height\n\n"
        "                              3 stories or 35 feet,\n"
        "Forest          25 acres\n"
        "                              whichever is less\n"
        "Village         1 acre        40 feet\n"
    )
    _, rows = only(text)
    assert ["Forest", "25 acres", "3 stories or 35 feet, whichever is less"] in rows


def test_a_table_goes_on_over_a_page_break() -> None:
    head = "District     Lot area     Front\nHill         2 acres      40\nMill         1 acre       20\n"
    text = head + "\n                  7\n\f\n\nGlen         3 acres      50\nFord         4 acres      60\n"
    table, rows = only(text)
    assert table.columns == 3
    assert rows[-1] == ["Ford", "4 acres", "60"]


MARKED = """\
                                    RR       GR        VC      B       I
 Minimum Lot Area (square feet)     80,000 (a) 40,000 (b) 10,000 20,000 80,000
 Minimum Lot Width (feet)           160      120       N/R     N/R     160
 Minimum Front Yard (feet)          40       30        10      25      50
 Minimum Rear Yard (feet)           40       30        15      20      40
(a) For a two-family dwelling, 120,000 square feet.
(b) 20,000 square feet on lots served by municipal sewer.
"""


def test_marked_values_keep_their_columns_and_their_notes_are_no_rows() -> None:
    [table] = find_layout_tables(MARKED)
    areas = [" ".join(MARKED[s.start : s.end] for s in cell.spans) for cell in table.cells if cell.row == 2]
    assert areas[1:] == ["80,000 (a)", "40,000 (b)", "10,000", "20,000", "80,000"]
    assert [note.mark for note in table.footnotes] == ["a", "b"]


def test_running_heads_are_no_rows() -> None:
    page = (
        "Town of Larkfield          Zoning Code          page {0}\n\n"
        "The lots of ward {0} are these, as\nthe town clerk has them in book {0}.\n\n"
        "Hill     {0} acres     40\nMill     1 acre      2{0}\n\n"
        "Ward {0} elects a warden in the\nspring of every second year, and\nits books stay open to all.\n\f"
    )
    text = "".join(page.format(number) for number in range(1, 9))
    words = " ".join(" ".join(row) for table in find_layout_tables(text) for row in grid(text, table))
    assert "Larkfield" not in words
    assert "Hill" in words


def test_margin_line_numbers_are_left_out() -> None:
    lines = [f"{number:>2}   words that say nothing of any table here" for number in range(1, 60)]
    lines[20:22] = ["21   Lot area           2 acres", "22   Front setback      40 feet"]
    text = "\n".join(lines)
    _, rows = only(text)
    assert rows[-2:] == [["Lot area", "2 acres"], ["Front setback", "40 feet"]]


def test_empty_lines_between_numbered_ones_have_no_number() -> None:
    text = "\n\n".join(f"{number:>2}   words that say nothing of any table" for number in range(1, 60))
    assert len(split_lines(text)) == 117


@pytest.mark.parametrize(
    "text",
    [
        "Article 1   Purpose ............ 3\nSection 101  Title .......... 4\nSection 102  Scope ...... 7\n",
        "Purpose                3\nDefinitions            5\nDistricts              9\nUses                  14\nSigns     21\n",
        "____________________      ____________________\nMayor                     Clerk\n"
        "Attest:                   s/ A. Reeve\n",
        "Nothing here is set in columns.\nThese lines are sentences, one after the other.\n",
        "",
    ],
    ids=["contents with leaders", "contents with gaps", "signatures", "prose", "empty"],
)
def test_what_is_no_table(text: str) -> None:
    assert find_layout_tables(text) == []


def test_ordinals_follow_the_first_one_given() -> None:
    tables = find_layout_tables(LIST + "\n" * 6 + TRANSPOSED, first_ordinal=5)
    assert [table.ordinal for table in tables] == [5, 6]
