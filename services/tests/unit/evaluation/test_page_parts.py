"""A part of a page: put at its end, then replaced where it stands."""

from pathlib import Path

import pytest

from plotlot.evaluation.page_parts import Part

PART = Part("search", "make bench")
MARKED = "<!-- search: written by `make bench`, edit nothing until the end -->\n{}\n<!-- search: end -->"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("", MARKED + "\n"),
        ("# Title\n\nWords.\n", "# Title\n\nWords.\n\n" + MARKED + "\n"),
        ("# Title\n" + MARKED.format("old") + "\n## After\n", "# Title\n" + MARKED + "\n## After\n"),
    ],
)
def test_a_text_is_put_between_the_marks(page: str, expected: str) -> None:
    written = PART.within(page, "5 – 6 ms")
    assert written == expected.format("5 – 6 ms")


@pytest.mark.parametrize("page", ["", "Words.\n", "Words.\n" + MARKED.format("old") + "\n\n\nMore.\n"])
def test_twice_is_the_same(page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    if page:
        file.write_text(page)
    PART.write(file, "5 – 6 ms")
    first = file.read_text(encoding="utf-8")
    PART.write(file, "5 – 6 ms")
    assert file.read_text(encoding="utf-8") == first
    assert PART.text(first) == "\n5 – 6 ms\n"


def test_a_part_leaves_other_parts_alone() -> None:
    page = Part("tee", "make bench-delivery").within(PART.within("", "ours"), "theirs")
    assert PART.text(PART.within(page, "new")) == "\nnew\n"
    assert "theirs" in PART.within(page, "new")
