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
    "id": "fb-1", "status": "open",
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
        dismissed = {**REMARK, "status": "dismissed", "gold_case": {**CASE, "question": "Which?"}}
        return {"feedback": [REMARK, dismissed], "next": None}

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert path == "/v1/feedback/fb%2F1/settle"
        return {**REMARK, "status": body["outcome"]}


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "open_session", lambda settings: Pages())


async def test_each_proposed_case_is_exported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "cases.jsonl"
    assert await feedback.run_export(Settings(), "T", output) == 0
    assert [json.loads(line) for line in output.read_text().splitlines()] == [CASE]
    assert "1 cases; 1 remarks name no right value; 1 were dismissed" in capsys.readouterr().err


async def test_remarks_are_listed_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert await feedback.run_list(Settings(), "T", as_json=False) == 0
    first, second, _, last = capsys.readouterr().out.splitlines()
    assert first == "2026-05-01 12:30  fb-1  T, R-1: wrong number: front_setback, should be 25 — Table 4"
    assert "should be" not in second
    assert last.endswith("Table 4 [dismissed]")


async def test_a_remark_is_settled_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert await feedback.run_settle(Settings(), "fb/1", "accepted") == 0
    assert capsys.readouterr().out.startswith("accepted: 2026-05-01 12:30  fb-1")
