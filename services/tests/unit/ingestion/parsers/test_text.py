"""Plain text: charsets, pages, pieces that overlap, dates and titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plotlot.ingestion.parsers import parse_document
from plotlot.ingestion.parsers.decode import canonical, stitch

WORDS = [
    "the",
    "front",
    "yard",
    "of",
    "a",
    "lot",
    "in",
    "this",
    "zone",
    "is",
    "measured",
    "from",
    "the",
    "line",
    "of",
    "the",
    "street",
]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("A lot of 9,000\u2009sq. ft.".encode(), "A lot of 9,000\u2009sq. ft."),
        ("\ufeffA lot\u200b of land".encode(), "A lot of land"),
        ("A “lot” of land".encode("utf-16"), "A “lot” of land"),
        ("A “lot” – of land, at 25’ of width".encode("cp1252"), "A “lot” – of land, at 25’ of width"),
        (b"One\r\nTwo\rThree\x0bFour", "One\nTwo\nThreeFour"),
        ("cut in a character é".encode()[:-1], "cut in a character "),
    ],
)
def test_text_is_decoded_and_cleaned(content: bytes, expected: str) -> None:
    assert parse_document("code.txt", content).text == expected


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


def test_white_space_without_end_ends_and_lines_and_pages_stay() -> None:
    wide, endless = " " * 600, " " * 200_000
    assert canonical(f"a{wide}b") == f"a{wide}b"
    assert canonical(f"a{endless}b") == f"a{wide}b"
    assert canonical(f"a{endless}\nb") == f"a{wide}\nb"
    assert canonical(f"a{wide}\f{wide}b") == f"a{wide}\f{wide}b"


def test_pages_are_counted_from_form_feeds() -> None:
    document = parse_document("code.txt", b"First page.\n\fSecond page.\n\f\fFourth page.\n\f")
    assert len(document.page_starts) == 4
    assert document.page_at(document.text.index("Second")) == 2
    assert document.page_at(document.text.index("Fourth")) == 4


def pieces(count: int, overlap: int) -> tuple[str, str]:
    """An unbroken text, and the same cut into pieces of which each repeats the end of the one before."""
    words = [f"{WORDS[n % len(WORDS)]}{n}" for n in range(count)]
    cuts = range(0, count, 300)
    chunks = [" ".join(words[max(0, cut - overlap) : cut + 300]) for cut in cuts]
    return " ".join(words), "\n\n".join(chunks)


def test_overlapping_pieces_become_one_text() -> None:
    whole, cut = pieces(3000, 60)
    assert stitch(cut) == whole


def test_pieces_that_do_not_overlap_are_kept_apart() -> None:
    _, cut = pieces(3000, 60)
    assert stitch(cut + "\n\nAnother article begins here. " + "It goes on. " * 200).count("\n\n") == 1


def test_ordinary_paragraphs_are_not_stitched() -> None:
    text = "A lot is a parcel.\n\nA lot is a parcel.\n\nA yard is open.\n"
    assert stitch(text) == text


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Town_eff12132016.txt", "Zoning", "2016-12-13"),
        ("code-2024-03-01.txt", "Zoning", "2024-03-01"),
        ("code.txt", "Zoning Bylaw\nAdopted July 18, 2017\nEffective August 8, 2017\n", "2017-08-08"),
        ("code.txt", "Code\nAmended through March 3rd, 2020\n", "2020-03-03"),
        ("code.txt", "A lot recorded before May 1, 1990 is exempt.\n", None),
        ("code_eff99992016.txt", "Zoning", None),
    ],
)
def test_the_date_is_read_where_it_is_said(name: str, text: str, expected: str | None) -> None:
    assert parse_document(name, text.encode()).effective_date == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n  TOWN OF ELM\n\n  ZONING ORDINANCE\n\n1\n", "ZONING ORDINANCE"),
        ("Chapter 9 - YARDS\n\nA yard is open.\n", "Chapter 9 YARDS"),
        ("Some words about land.\n", "Some words about land."),
    ],
)
def test_the_title_is_the_line_that_names_a_code(text: str, expected: str) -> None:
    assert parse_document("code.txt", text.encode()).title == expected


def test_a_heading_divides_what_looks_like_one_table() -> None:
    rows = "".join(f"  R-{n}        9,00{n}        2{n}        3{n}\n" for n in range(1, 6))
    head = "  DISTRICT   AREA         FRONT     REAR\n"
    text = f"SECTION 1  LOTS\n\n{head}{rows}\nSECTION 2  YARDS\n\n{head}{rows}"
    document = parse_document("code.txt", text.encode())
    second = document.sections[2]
    assert second.label == "SECTION 2"
    assert not any(table.start < second.start < table.end for table in document.tables)
    assert any(table.start >= second.body_start for table in document.tables)
