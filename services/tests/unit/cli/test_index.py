"""Generations of the index as the command line lists them."""

from typing import Any

import pytest

from plotlot.cli.index import print_generations

LIVE: dict[str, Any] = {
    "generation": 1, "status": "live", "check": "", "documents": 3, "documents_in_all": 3, "municipalities": 2,
    "municipalities_in_all": 2, "chunks": 1200, "embedding_model": "mini", "dimensions": 8, "chunker": "sections/1",
    "created_at": "2026-11-22T01:15:38+00:00", "reason": "",
}  # fmt: skip
REASON = (
    "its process was killed [at once], or cut off; remove it with `plotlot index retire 2`, and build another"
)


def test_one_that_failed_says_why_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_generations([LIVE, {**LIVE, "generation": 2, "status": "failed", "reason": REASON}])
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in told[1:3]] == [["1", "live"], ["2", "failed"]]
    assert told[3:] == [f"generation 2 failed: {REASON}"]


def test_a_gateway_that_tells_no_reasons_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    print_generations([{name: value for name, value in LIVE.items() if name != "reason"}])
    assert len(capsys.readouterr().out.splitlines()) == 2
