from hypothesis import given
from hypothesis import strategies as st

from plotlot.domain.chunks import chunk_document
from plotlot.domain.documents import Document, Section, Table


def document(parts: list[tuple[str, str]], tables: tuple[Table, ...] = ()) -> Document:
    """Sections of (heading, body), one after another."""
    text = ""
    spans = []
    for heading, body in parts:
        start = len(text)
        text += f"{heading}\n"
        body_start = len(text)
        text += f"{body}\n\n"
        spans.append((heading, start, len(text), body_start))
    sections = [Section(0, None, "document", "", "", 0, len(text), 0)]
    for heading, start, end, body_start in spans:
        sections.append(Section(len(sections), 0, "section", "", heading, start, end, body_start))
    return Document("a.txt", "A", "text/plain", "", text, tuple(sections), tables)


words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]) | st.just("\n"), max_size=600)


@given(st.lists(words, min_size=1, max_size=5), st.integers(40, 200))
def test_chunks_hold_all_text_once_and_stay_short_and_inside_their_section(
    bodies: list[str], limit: int
) -> None:
    made = document([(f"Sec. {number}", body) for number, body in enumerate(bodies)])
    chunks = chunk_document(made, limit)
    held = "".join(made.text[chunk.start : chunk.end] for chunk in chunks)
    assert "".join(held.split()) == "".join(made.text.split())
    for before, after in zip(chunks, chunks[1:], strict=False):
        assert before.end <= after.start
    for chunk in chunks:
        section = made.sections[chunk.section]
        assert section.start <= chunk.start < chunk.end <= section.end
        assert chunk.end - chunk.start <= limit


def test_a_long_section_is_cut_between_paragraphs() -> None:
    paragraph = "A yard is open to the sky. " * 10
    made = document([("Sec. 1 Yards", "\n\n".join([paragraph.strip()] * 6))])
    chunks = chunk_document(made, 700)
    assert len(chunks) > 1
    assert all(made.text[chunk.end - 1] == "." for chunk in chunks)
    assert {chunk.heading_path for chunk in chunks} == {"Sec. 1 Yards"}


def test_a_table_that_does_not_fit_after_the_text_starts_its_own_chunk() -> None:
    body = "Words before the table. " * 20 + "\n" + "| R-1 | 20 |\n" * 30
    plain = document([("Sec. 1", body)])
    start = plain.text.index("| R-1")
    table = Table(0, start, len(plain.text) - 2, 30, 2, ())
    made = document([("Sec. 1", body)], (table,))
    assert start in {chunk.start for chunk in chunk_document(made, 700)}
