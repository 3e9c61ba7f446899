"""PDF: words on a grid, pages, turned print."""

from unit.ingestion.parsers.files import Words, pdf

from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers import pdf as pdf_parser
from plotlot.ingestion.parsers.page_grid import Glyph, page_text


def lines(*pages: list[Words]) -> list[str]:
    return parse_document("code.pdf", pdf(pages)).text.split("\n")


def column(line: str, words: str) -> int:
    assert words in line
    return line.index(words)


def test_columns_stay_above_one_another() -> None:
    rows = [
        (700, "District", "Front", "Rear"),
        (688, "R-1 Residential", "25", "30"),
        (676, "B", "100 feet", "5"),
    ]
    words = [(x, y, text) for y, *row in rows for x, text in zip((72, 230, 330), row, strict=True)]
    head, first, second = lines(words)[:3]
    assert column(head, "Front") == column(first, "25") == column(second, "100 feet")
    assert column(head, "Rear") == column(first, "30") == column(second, "5")


def test_close_words_stay_in_one_phrase_and_drawing_order_does_not_matter() -> None:
    assert lines([(132, 700, "yard"), (72, 688, "is deep."), (72, 700, "The front")])[:2] == [
        "The front yard",
        "is deep.",
    ]


def test_room_between_lines_is_kept_as_blank_lines() -> None:
    words = [(72, 700, "One"), (72, 688, "Two"), (72, 652, "Three"), (72, 640, "Four"), (72, 628, "Five")]
    assert lines(words)[:6] == ["One", "Two", "", "", "Three", "Four"]


def test_pages_are_counted_with_the_empty_ones() -> None:
    document = parse_document(
        "code.pdf",
        pdf([[(72, 700, "Section 1. Lots for dwellings")], [], [(72, 700, "Section 2. Yards of dwellings")]]),
    )
    assert [section.page for section in document.sections[1:]] == [1, 3]
    assert "1 of its 3 pages" in document.warnings[0]


def test_a_scan_is_kept_with_a_warning() -> None:
    document = parse_document("scan.pdf", pdf([[], []]))
    assert "run OCR" in document.warnings[0]


def test_a_page_printed_sideways_is_set_upright() -> None:
    turned = pdf([[(200, 72, "The front yard of the lot"), (212, 72, "is 25 feet deep.")]], matrix="0 1 -1 0")
    assert parse_document("code.pdf", turned).text.split("\n")[:2] == [
        "The front yard of the lot",
        "is 25 feet deep.",
    ]


def test_slanted_print_is_left_out() -> None:
    slanted = pdf([[(200, 200, "DRAFT")]], matrix="0.7 0.7 -0.7 0.7")
    assert parse_document("code.pdf", slanted).text.strip() == ""


def glyphs(text: str, left: float, bottom: float, height: float = 10, width: float = 6) -> list[Glyph]:
    return [
        Glyph(letter, left + n * width, bottom, left + (n + 1) * width, bottom + height)
        for n, letter in enumerate(text)
    ]


def test_a_raised_note_stays_on_its_line_and_a_cell_between_two_lines_does_not_join_them() -> None:
    page = [
        *glyphs("stories", 72, 700),
        *glyphs("2", 114, 705, height=5, width=3),
        *glyphs("upper", 72, 680),
        *glyphs("middle", 200, 674, height=12),
        *glyphs("lower", 72, 668),
    ]
    text = page_text(page)
    assert "stories2" in text
    assert text.split("\n")[1].startswith("upper")
    assert text.endswith("lower")


def test_print_drawn_twice_for_bold_is_read_once() -> None:
    twice = [glyph for letter in range(4) for glyph in glyphs("LOTS"[letter], 72 + letter * 6, 700) * 2]
    assert page_text(twice) == "LOTS"


def test_the_letters_of_a_ligature_stand_side_by_side() -> None:
    [joined] = glyphs("f", 72, 700, width=8)
    drawn = [(joined, 0), (joined._replace(text="l"), 0), *((one, 0) for one in glyphs("oor", 80, 700))]
    parted = [glyph for glyph, _ in pdf_parser.parted(drawn)]
    assert page_text(parted) == "floor"
    assert [glyph.left for glyph in parted[:2]] == [72, 76]


def test_an_empty_page_is_empty() -> None:
    assert page_text([]) == ""
