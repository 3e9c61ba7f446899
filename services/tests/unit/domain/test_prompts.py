"""A prompt is a text under a version; what is filled into it is never looked at."""

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.domain.prompts import Prompt, file_name, filled, name_in, version_of


def test_parts_stand_below_headings_of_one_word() -> None:
    prompt = Prompt(
        "standards/1", "# system\nRead.\n\n## not a part\n# Two words\n\n# question\n{passages}\n"
    )
    assert prompt.parts == {"system": "Read.\n\n## not a part\n# Two words", "question": "{passages}"}
    assert Prompt("quotes/1", "Only this.\n").parts == {"system": "Only this."}


def test_what_is_filled_in_may_hold_braces() -> None:
    values = {"passages": "{district} {passages}", "district": "R-1"}
    assert filled("{district}: {passages} {unknown}", values) == "R-1: {district} {passages} {unknown}"


def test_names_and_files_are_one_to_one() -> None:
    assert file_name("standards/12") == "standards-12.md"
    assert name_in("standards-12.md") == "standards/12"
    assert version_of("standards/12") == ("standards", 12)
    assert [name_in(file) for file in ("__init__.py", "standards-0.md", "notes.md", "a-1.txt")] == [""] * 4
    for name in ("standards", "../standards/1", "standards/01", "Standards/1"):
        with pytest.raises(InvalidRequest):
            file_name(name)
