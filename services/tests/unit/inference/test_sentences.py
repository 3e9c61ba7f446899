"""Sentences are spans of the text; headings, lists, wrapped lines and table rows are told apart."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plotlot.inference.sentences import LONGEST, sentences


def texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def test_prose_ends_at_full_stops_and_not_at_abbreviations() -> None:
    assert texts("See Sec. 4 and Art. II. The yard is 25 ft. deep. No. 7 applies.") == [
        "See Sec. 4 and Art. II.",
        "The yard is 25 ft. deep.",
        "No. 7 applies.",
    ]


def test_a_wrapped_line_does_not_end_a_sentence_and_a_list_item_does() -> None:
    introduction = "The standards below shall apply to every lot in the district:"
    text = introduction + "\n(1) a front yard\nof 20 feet;\n(2) a rear yard."
    assert texts(text) == [
        introduction,
        "(1) a front yard\nof 20 feet;",
        "(2) a rear yard.",
    ]


def test_a_number_in_brackets_below_its_own_word_is_no_list_item() -> None:
    text = (
        "The board shall decide within ninety\n(90) days.\nIt may waive section nine\n(1) where none objects."
    )
    assert texts(text) == [
        "The board shall decide within ninety\n(90) days.",
        "It may waive section nine",
        "(1) where none objects.",
    ]


def test_a_heading_stands_apart_from_the_prose_below() -> None:
    assert texts("Building height\nNo building shall exceed 35 feet.") == [
        "Building height",
        "No building shall exceed 35 feet.",
    ]


def test_each_row_of_a_table_stands_alone() -> None:
    assert texts("R-1 | 7,500 | 60\nR-2 | 5,000 | 50\nFront      25\nRear      30") == [
        "R-1 | 7,500 | 60",
        "R-2 | 5,000 | 50",
        "Front      25",
        "Rear      30",
    ]


def test_a_sentence_without_end_is_cut_at_clauses() -> None:
    text = "uses such as shops, " * 100
    pieces = texts(text)
    assert all(len(piece) <= LONGEST for piece in pieces)
    assert " ".join(pieces) == text.strip()


@given(st.text(alphabet="aB. ;,\n|(1)\t§é", max_size=200))
def test_spans_are_ordered_apart_and_lose_only_white_space(text: str) -> None:
    spans = sentences(text)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert "".join("".join(texts(text)).split()) == "".join(text.split())
    assert all(part == part.strip() and part for part in texts(text))


def test_a_list_after_a_colon_stays_together_and_statements_are_parted() -> None:
    listed = "Prohibited uses: drive-in restaurants; body shops; junk yards."
    assert [listed[span.start : span.end] for span in sentences(listed)] == [listed]
    stated = "A fence shall be low; any other fence may be six feet high."
    assert len(sentences(stated)) == 2
