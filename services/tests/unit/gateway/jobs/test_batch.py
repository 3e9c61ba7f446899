"""The rows of a batch, and what is refused before it takes more memory than a batch does."""

import json

import pytest

from plotlot.domain.errors import InvalidRequest
from plotlot.gateway.jobs import batch
from plotlot.gateway.jobs.batch import MOST_PARTS, MOST_ROWS, questions_in


@pytest.mark.parametrize("content", ["[{},{},{}", "[[{},{},", '["a","b",', '{"analyses": [0,0,'])
@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_parts_without_end_are_refused_unread(
    content: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(text: str) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(batch.json, "loads", read)
    endless = content + content[-3:] * MOST_PARTS
    with pytest.raises(InvalidRequest, match="more parts than 50,000 rows have"):
        questions_in(endless.encode(), kind)


def test_as_many_rows_as_are_allowed_with_all_that_they_may_have_are_read() -> None:
    row = {
        "ref": "a, b",
        "address": "1, 2, 3 [Main] St, Unit {4}",
        "parcel_id": "[1,2]",
        "municipality": "X, OH",
    }
    assert len(questions_in(json.dumps([row] * MOST_ROWS).encode(), "application/json")) == MOST_ROWS
