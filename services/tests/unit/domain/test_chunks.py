"""Chunks hold all of the text once, stay inside sections and keep small tables whole."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plotlot.domain.chunks import Chunk, chunk_document
from plotlot.domain.documents import Cell, Document, Section, Span, Table

WORDS = st.sampled_from(["lot", "yard", "Setback of 25 feet.", "\n", "\n\n", "height; ", "A dwelling", "\f"])
BODY = st.lists(WORDS, max_size=60).map(" ".join)
KINDS = st.sampled_from(["section", "subsection"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of two levels of sections with bodies of any length."""
    text = draw(BODY)
    sections: list[Section] = []
    for _ in range(draw(st.integers(0, 5))):
        start = len(text)
        place = len(sections)
        text += draw(BODY)
        inner: list[Section] = []
        kind = draw(KINDS)
        for _ in range(draw(st.integers(0, 3))):
            inner_start = len(text)
            text += draw(BODY)
            inner_kind = "subsection" if kind == "subsection" else draw(KINDS)
            ordinal = place + 2 + len(inner)
            inner.append(
                Section(ordinal, place + 1, inner_kind, "(a)", "", inner_start, len(text), inner_start)
            )
        outer = Section(place + 1, 0, kind, f"Sec. {place}", "", start, len(text), start)
        sections += [outer, *inner]
    root = Section(0, None, "document", "", "", 0, len(text), 0)
    return Document("code.txt", "Code", "text/plain", "", text, (root, *sections))


def texts(document: Document, chunks: list[Chunk]) -> list[str]:
    return [document.text[chunk.start : chunk.end] for chunk in chunks]


@settings(max_examples=150, deadline=None)
@given(documents(), st.integers(20, 400))
def test_chunks_hold_everything_but_white_space_in_order(document: Document, limit: int) -> None:
    chunks = chunk_document(document, limit)
    assert "".join("".join(texts(document, chunks)).split()) == "".join(document.text.split())
    assert all(before.end <= after.start for before, after in pairwise(chunks))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))


@settings(max_examples=150, deadline=None)
@given(documents(), st.integers(20, 400))
def test_chunks_fit_and_stay_inside_their_section(document: Document, limit: int) -> None:
    named = [s for s in document.sections[1:] if document.text[s.start : s.end].strip()]
    starts = [s.start for s in named if s.kind != "subsection"]
    for chunk in chunk_document(document, limit):
        section = document.sections[chunk.section]
        assert 0 < chunk.end - chunk.start <= limit
        assert section.start <= chunk.start < chunk.end <= section.end
        assert chunk.heading_path == document.section_path(chunk.section)
        assert not any(chunk.start < start < chunk.end for start in starts)


@settings(max_examples=50, deadline=None)
@given(documents())
def test_chunking_again_gives_the_same(document: Document) -> None:
    assert chunk_document(document, 100) == chunk_document(document, 100)


def flat(text: str, tables: tuple[Table, ...] = ()) -> Document:
    root = Section(0, None, "document", "", "", 0, len(text), 0)
    only = Section(1, 0, "section", "Sec. 1", "Lots", 0, len(text), 6)
    return Document("code.txt", "Code", "text/plain", "", text, (root, only), tables)


def grid(text: str, start: int, rows: int, width: int) -> Table:
    cells = tuple(
        Cell(row, 0, (Span(start + row * width, start + (row + 1) * width - 1),)) for row in range(rows)
    )
    return Table(0, start, start + rows * width, rows, 1, cells)


def test_a_table_that_fits_is_not_cut() -> None:
    lead, row = "Sec. 1\n" + "words " * 20 + "\n\n", "R-1 | 9,000\n"
    text = lead + row * 6 + "\nAfter the table.\n"
    chunks = chunk_document(flat(text, (grid(text, len(lead), 6, len(row)),)), 160)
    assert any((row * 6).strip() in text[chunk.start : chunk.end] for chunk in chunks)


def test_a_table_that_does_not_fit_is_cut_between_rows() -> None:
    row = "R-1 | 9,000 | 60 | 25 | 10\n"
    text = row * 30
    chunks = chunk_document(flat(text, (grid(text, 0, 30, len(row)),)), 100)
    assert len(chunks) > 5
    assert all(text[chunk.start : chunk.end].startswith("R-1") for chunk in chunks)
    assert all(text[chunk.start : chunk.end].endswith("10") for chunk in chunks)


def test_a_small_section_is_one_chunk_with_its_subsections() -> None:
    text = "Sec. 1 Lots\n(a) Area.\n(b) Width.\n"
    root = Section(0, None, "document", "", "", 0, len(text), 0)
    outer = Section(1, 0, "section", "Sec. 1", "Lots", 0, len(text), 11)
    first = Section(2, 1, "subsection", "(a)", "", 12, 22, 15)
    second = Section(3, 1, "subsection", "(b)", "", 22, len(text), 25)
    document = Document("code.txt", "Code", "text/plain", "", text, (root, outer, first, second))
    assert chunk_document(document) == [Chunk(0, 1, "Sec. 1 Lots", 0, len(text) - 1)]


def test_a_long_paragraph_is_cut_after_sentences() -> None:
    text = "The front yard shall be at least 25 feet deep. " * 20
    chunks = chunk_document(flat(text), 200)
    assert all(text[chunk.start : chunk.end].endswith("deep.") for chunk in chunks)


def test_text_without_a_break_is_cut_at_the_limit() -> None:
    chunks = chunk_document(flat("x" * 1000), 300)
    assert [chunk.end - chunk.start for chunk in chunks] == [300, 300, 300, 100]


def test_an_empty_document_has_no_chunks() -> None:
    assert chunk_document(flat(" \n\f ")) == []


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        chunk_document(flat("text"), 0)
