"""Files of checked values, and the folders that they speak of."""

import json
from pathlib import Path
from typing import Any

import pytest

from plotlot.domain.errors import InvalidRequest, UnreadableDocument
from plotlot.evaluation.extraction import parse_folder
from plotlot.evaluation.gold import load_gold

ROW: dict[str, Any] = {
    "municipality": "Testford, OH", "district": "R-1", "field": "max_height", "status": "stated",
    "value": 35, "unit": "ft", "file": "testford/code.md", "quote": "35\u2028feet",
}  # fmt: skip


def gold_of(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_quote_may_hold_the_end_of_a_line(tmp_path: Path) -> None:
    assert load_gold(gold_of(tmp_path, ROW, ROW)) == [ROW, ROW]


@pytest.mark.parametrize("name", ["municipality", "district", "field", "status", "file"])
def test_a_row_names_what_it_lacks(tmp_path: Path, name: str) -> None:
    rest = {key: value for key, value in ROW.items() if key != name}
    with pytest.raises(InvalidRequest, match=f"line 2 lacks {name}"):
        load_gold(gold_of(tmp_path, ROW, rest))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b"\xff\xfe\xf9")
    with pytest.raises(InvalidRequest, match=r"gold\.jsonl is not text"):
        load_gold(path)


def test_a_file_beside_the_code_does_not_stop_the_evaluation(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "code.md").write_text("# Sec. 1 Height\nNo building shall exceed 35 feet.\n")
    (tmp_path / "lots.bin").write_bytes(bytes(range(256)) * 40)
    assert [document.name for document in parse_folder(tmp_path, {"code.md"})] == ["code.md"]
    assert "lots.bin" in caplog.text
    with pytest.raises(UnreadableDocument, match=r"lots\.bin"):
        parse_folder(tmp_path, {"lots.bin"})


def test_a_file_that_a_row_names_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"there is no file .*absent\.md"):
        parse_folder(tmp_path / "nowhere", {"absent.md"})
