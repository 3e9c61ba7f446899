"""What an evaluation runs on, and what is left out where its code is not here."""

import json
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.errors import InvalidRequest, UnreadableDocument
from plotlot.evaluation.golden import load_questions, places
from plotlot.evaluation.sources import Sources
from plotlot.evaluation.towns import folder_name

HERE = "Aford, OH"
QUESTION: dict[str, Any] = {
    "id": "a-1", "municipality": HERE, "question": "How high?", "kind": "answerable", "answer": {"words": ["35 feet"]},
    "evidence": [{"document": "code.md", "quote": "35 feet"}], "slice": "prose", "split": "dev", "note": "",
}  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    town = tmp_path / "evals" / "towns" / "aford"
    town.mkdir(parents=True)
    (town / "town.json").write_text(json.dumps({"name": HERE, "files": ["code.md"]}))
    (town / "code.md").write_text("# Sec. 1 Height\n\nAt most 35 feet. A shed also has 35 feet.\n")
    golden = tmp_path / "evals" / "golden"
    golden.mkdir()
    others = (
        {**QUESTION, "id": "b-1", "municipality": "Beford, OH"},
        {**QUESTION, "id": "a-2", "split": "test"},
    )
    (golden / "aford.jsonl").write_text("\n".join(map(json.dumps, (QUESTION, *others))))
    return tmp_path


def test_questions_about_a_code_that_is_not_here_are_left_out_and_named(checkout: Path) -> None:
    sources = Sources(checkout)
    assert [question.id for question in sources.asked] == ["a-1", "a-2"]
    assert sources.left_out == ["Beford, OH"]
    assert set(sources.digests(sources.towns.values())) == {"evals/golden/aford.jsonl", HERE}


def test_a_split_and_a_town_narrow_what_is_asked(checkout: Path) -> None:
    assert [question.id for question in Sources(checkout, split="test").asked] == ["a-2"]
    assert Sources(checkout, only=["Beford, OH"]).asked == []


def test_codes_of_a_folder_of_data_are_those_that_evidence_names(checkout: Path) -> None:
    folder = checkout / "data" / "ordinances" / "beford_oh"
    folder.mkdir(parents=True)
    for name in ("code.md", "other.md"):
        (folder / name).write_text("# Sec. 1\n\n35 feet.\n")
    entry = {"file": "beford_oh/code.md", "format": "Markdown"}
    (folder.parent / "manifest.json").write_text(json.dumps([entry]))
    sources = Sources(checkout, checkout / "data")
    assert sources.towns["Beford, OH"].files == (folder / "code.md",)
    assert sources.left_out == []
    assert folder_name("St. Aford's, OH") == "st_aford_s_oh"


def test_evidence_stands_wherever_the_code_says_it(checkout: Path) -> None:
    sources = Sources(checkout)
    (place,) = places(sources.asked[0], sources.towns[HERE])
    assert [place.document.slice(span) for span in place.spans] == ["35 feet", "35 feet"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "easy"}, "line 1: the kind is one of"),
        ({"answer": None}, "line 1 is answerable but has no answer"),
        ({"colour": "red"}, "line 1 is not a golden question"),
        ({"id": "a-2"}, "line 2: the id a-2 stands twice"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({**QUESTION, **change}) + "\n" + json.dumps({**QUESTION, "id": "a-2"}))
    with pytest.raises(InvalidRequest, match=words):
        load_questions([path])


def test_a_folder_that_is_no_checkout_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="run this in a checkout"):
        _ = Sources(tmp_path).asked


@pytest.mark.parametrize("text", ["{}", '{"name": "A", "files": ["absent.md"]}', "["])
def test_a_town_that_lacks_something_is_named(checkout: Path, text: str) -> None:
    (checkout / "evals" / "towns" / "aford" / "town.json").write_text(text)
    with pytest.raises(UnreadableDocument, match=r"town\.json"):
        _ = Sources(checkout).towns
