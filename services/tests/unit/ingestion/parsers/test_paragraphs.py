"""Lettered and numbered paragraphs nest by style and order."""

import pytest

from plotlot.domain.documents import Document
from plotlot.ingestion.parsers import parse_document


def paths(text: str) -> list[str]:
    document = parse_document("code.txt", f"Sec. 1-1. - Rules.\n{text}".encode())
    return [_labels(document, s.ordinal) for s in document.sections if s.kind == "subsection"]


def _labels(document: Document, ordinal: int) -> str:
    above = [s.label for s in document.ancestors(ordinal) if s.kind == "subsection"]
    return " ".join(reversed(above))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a) One.\n(1) Two.\n(2) Three.\n(b) Four.\n", ["(a)", "(a) (1)", "(a) (2)", "(b)"]),
        ("A. One.\n1. Two.\na. Three.\n2. Four.\nB. Five.\n", ["A.", "A. 1.", "A. 1. a.", "A. 2.", "B."]),
        (
            "(f) Animals:\n1. Horse:\n(a) Large.\n(b) Small.\n(g) Signs.\n",
            ["(f)", "(f) 1.", "(f) 1. (a)", "(f) 1. (b)", "(g)"],
        ),
        ("(h) One.\n(i) Two.\n(j) Three.\n", ["(h)", "(i)", "(j)"]),
        (
            "(a) One.\n(i) Two.\n(ii) Three.\n(iii) Four.\n(b) Five.\n",
            ["(a)", "(a) (i)", "(a) (ii)", "(a) (iii)", "(b)"],
        ),
        ("1) One.\na) Two.\nb) Three.\n2) Four.\n", ["1)", "1) a)", "1) b)", "2)"]),
        ("(z) One.\n", []),
        ("(1)\n\nCornices may project.\n\n(2)\n\nStairs may project.\n", ["(1)", "(2)"]),
    ],
)
def test_nesting(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


def test_a_wrapped_reference_is_no_paragraph() -> None:
    text = (
        "(a) The yard shall be as deep as is required by subsection\n(b) of this section for the same lot.\n"
    )
    assert paths(text) == ["(a)"]


def test_a_paragraph_takes_the_title_it_opens_with() -> None:
    document = parse_document(
        "code.txt", b"Sec. 1-1. - Rules.\n(a) Height. No building shall exceed 35 feet.\n"
    )
    assert document.section_path(2) == "Sec. 1-1 Rules > (a) Height"
    assert document.text[document.sections[2].body_start :].strip() == "No building shall exceed 35 feet."


def test_paragraphs_inside_an_unbroken_body_are_found() -> None:
    filler = "and so on with words that fill the line. " * 8
    text = f"(a) The first rule applies. {filler}(b) The second rule applies, {filler}(1) This is nested. {filler}"
    assert paths(text) == ["(a)", "(b)", "(b) (1)"]
