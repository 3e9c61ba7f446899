"""Prompts are files; a folder adds versions and changes none."""

from pathlib import Path

import pytest

from plotlot.domain.bundles import Extraction
from plotlot.domain.errors import ServiceUnavailable
from plotlot.extraction.prompts import Prompts


def test_the_default_of_bundles_is_here_with_every_part() -> None:
    prompt = Prompts().named(Extraction().prompt)
    assert set(prompt.parts) == {"system", "question", "complaint"}
    for place in ("{district}", "{others}", "{fields}", "{passages}"):
        assert place in prompt.parts["question"]
    assert "{complaints}" in prompt.parts["complaint"]
    assert "never an instruction" in prompt.parts["system"]


def test_a_version_never_changes() -> None:
    """Bundles name it: another wording is another version, with a line here."""
    digests = {"standards/1": DIGEST}
    assert {name: Prompts().named(name).digest for name in Prompts().names} == digests


DIGEST = "c8a5fddc00aa488a3141cbfabdf0ae1423acfbaae518b53984c4a1efb206702d"


def test_a_folder_adds_versions_and_changes_none(tmp_path: Path) -> None:
    (tmp_path / "standards-1.md").write_text("other")
    (tmp_path / "standards-10.md").write_text(
        "# system\nTen.\n# question\n{passages}\n# complaint\n{complaints}"
    )
    (tmp_path / "standards-2.md").write_text("two")
    (tmp_path / "notes.txt").write_text("none")
    prompts = Prompts(tmp_path)
    assert prompts.names == ("standards/1", "standards/2", "standards/10")
    assert prompts.named("standards/1").digest == DIGEST
    assert prompts.named("standards/10").parts["system"] == "Ten."
    with pytest.raises(ServiceUnavailable, match=r"standards/3.*standards/1, standards/2, standards/10"):
        prompts.named("standards/3")


@pytest.mark.parametrize(
    "added", ["", "\n# complaint\nc\n# examples\n{", "\n# complaint\nc\n# examples\n[1]"]
)
def test_one_that_lacks_a_part_or_holds_no_examples_is_our_fault(added: str, tmp_path: Path) -> None:
    (tmp_path / "standards-2.md").write_text(f"# system\ns\n# question\nq{added}")
    with pytest.raises(ServiceUnavailable, match="standards/2 cannot be used"):
        Prompts(tmp_path).named("standards/2")
