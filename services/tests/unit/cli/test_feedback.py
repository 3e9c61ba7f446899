"""What `plotlot feedback` makes of remarks."""

import json
from pathlib import Path
from typing import Any

import pytest

from plotlot.cli import feedback
from plotlot.settings import Settings

CASE = {
    "question": "What is the front setback?",
    "municipality": "T",
    "values": [{"field": "front_setback", "value": 25.0}],
}
REMARK = {
    "kind": "wrong_number", "municipality": "T", "district": "R-1", "field": "front_setback", "expected": 25.0,
    "comment": "Table 4", "created_at": "2026-05-01T12:30:00+00:00", "gold_case": CASE,
}  # fmt: skip


class Pages:
    """A session whose remarks come in two pages."""

    async def __aenter__(self) -> "Pages":
        return self

    async def __aexit__(self, *raised: object) -> None:
        return None

    async def get(self, path: str) -> dict[str, Any]:
        if path.startswith("/v1/feedback?municipality=T"):
            return {"feedback": [REMARK, {**REMARK, "gold_case": None, "expected": None}], "next": "/next"}
        return {"feedback": [REMARK], "next": None}


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "open_session", lambda settings: Pages())


async def test_each_proposed_case_is_exported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "cases.jsonl"
    assert await feedback.run_export(Settings(), "T", output) == 0
    assert [json.loads(line) for line in output.read_text().splitlines()] == [CASE]
    assert "1 cases; 1 remarks name no right value" in capsys.readouterr().err


async def test_remarks_are_listed_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert await feedback.run_list(Settings(), "T", as_json=False) == 0
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first == "2026-05-01 12:30  T, R-1: wrong number: front_setback, should be 25 — Table 4"
    assert "should be" not in second
