"""What is noted of a request, by whoever works for it."""

import asyncio
import logging

import pytest

from plotlot.telemetry import SpanNames
from plotlot.tracing.access_log import tell_of
from plotlot.tracing.notes import begin_notes, note, note_more


async def test_tasks_of_a_request_note_into_the_same_and_others_nowhere() -> None:
    async def request(times: int) -> dict[str, object]:
        notes = begin_notes()
        await asyncio.gather(*(asyncio.create_task(part()) for _ in range(times)))
        return dict(notes)

    async def part() -> None:
        await asyncio.sleep(0)
        note_more(SpanNames.CHUNKS_USED, 4)
        note(SpanNames.CACHE, "miss")

    one, other = await asyncio.gather(asyncio.create_task(request(1)), asyncio.create_task(request(3)))
    assert one == {SpanNames.CHUNKS_USED: 4, SpanNames.CACHE: "miss"}
    assert other == {SpanNames.CHUNKS_USED: 12, SpanNames.CACHE: "miss"}


@pytest.mark.parametrize(
    ("cache", "hit"), [("hit", True), ("stale", True), ("miss", False), ("shared", False)]
)
def test_a_line_tells_what_was_noted(cache: str, hit: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell_of(
            "http", {"status": 200}, 0.0123, {SpanNames.CACHE: cache, SpanNames.CHUNKS_USED: 8}, asked=True
        )
        tell_of("http", {"status": 200}, 0.0, {}, asked=False)
    (record,) = caplog.records
    assert record.told == {
        "status": 200,
        "latency_ms": 12.3,
        "cache": cache,
        "chunks_used": 8,
        "cache_hit": hit,
    }  # type: ignore[attr-defined]
