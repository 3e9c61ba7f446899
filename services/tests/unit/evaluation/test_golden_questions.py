"""The golden questions themselves: every line is whole, and its evidence stands in the parsed text."""

import json
from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.standards import FIELD_UNITS
from plotlot.ingestion.parsers import parse_document

REPOSITORY = Path(__file__).resolve().parents[4]
GOLDEN = REPOSITORY / "evals" / "golden"
REAL = GOLDEN / "ordinances.jsonl"
OURS = sorted(path for path in GOLDEN.glob("*.jsonl") if path != REAL)
LEAST = {"answerable": 75, "unanswerable": 30, "adversarial": 25, "conflict": 25}
KNOWN = {"id", "municipality", "question", "kind", "answer", "evidence", "slice", "split", "note"}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def folder(path: Path) -> Path:
    towns = REPOSITORY / "evals" / "towns"
    return towns / path.stem if (towns / path.stem).is_dir() else REPOSITORY / "examples" / path.stem


@cache
def text_of(path: Path) -> str:
    return parse_document(path.name, path.read_bytes()).text


def check_line(line: dict[str, Any]) -> None:
    assert set(line) - {"forbidden", "reasons"} == KNOWN, line["id"]
    assert line["kind"] in LEAST
    assert line["split"] in ("dev", "test")
    assert line["question"].strip()
    assert bool(line["evidence"]) == (line["answer"] is not None), line["id"]
    if line["kind"] != "adversarial":
        assert (line["answer"] is None) == (line["kind"] == "unanswerable"), line["id"]
    answer = line["answer"] or {}
    if "field" in answer:
        assert answer["unit"] == FIELD_UNITS[answer["field"]]
        assert ("value" in answer) != (len(answer.get("values", ())) > 1)
    elif answer:
        assert answer["words"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_line_is_whole_and_its_evidence_stands_in_the_code(path: Path) -> None:
    for line in lines(path):
        check_line(line)
        for evidence in line["evidence"]:
            assert evidence["quote"] in text_of(folder(path) / evidence["document"]), line["id"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_town_is_named_as_its_questions_name_it(path: Path) -> None:
    described = folder(path) / "town.json"
    if not described.exists():
        pytest.skip("the example town is described by its README")
    town = json.loads(described.read_text())
    assert {line["municipality"] for line in lines(path)} == {town["name"]}
    assert all((folder(path) / name).is_file() for name in town["files"])


def test_ids_are_unique_and_every_kind_is_there_on_both_sides_of_the_split() -> None:
    every = [line for path in OURS for line in lines(path)]
    ids = Counter(line["id"] for path in (*OURS, REAL) if path.exists() for line in lines(path))
    assert max(ids.values()) == 1
    kinds = Counter(line["kind"] for line in every)
    assert len(every) >= 160
    assert all(kinds[kind] >= least for kind, least in LEAST.items()), kinds
    for split in ("dev", "test"):
        found = Counter(line["kind"] for line in every if line["split"] == split)
        assert min(found[kind] for kind in LEAST) >= 10, (split, found)


def test_a_question_is_asked_of_a_town_once() -> None:
    asked = Counter((line["municipality"], line["question"]) for path in OURS for line in lines(path))
    assert max(asked.values()) == 1


def test_questions_over_real_codes_point_at_texts_that_are_unchanged(ordinances: Path) -> None:
    found = lines(REAL)
    assert len(found) >= 60
    for line in found:
        check_line(line)
        for evidence in line["evidence"]:
            assert set(evidence) == {"document", "start", "end", "sha256"}
            quoted = text_of(ordinances / evidence["document"])[evidence["start"] : evidence["end"]]
            assert sha256(quoted.encode()).hexdigest() == evidence["sha256"], line["id"]
