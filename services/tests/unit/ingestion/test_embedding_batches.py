"""Chunks are embedded in their order, two batches at a time, and none goes on when one fails."""

import asyncio

import pytest

from plotlot.domain.chunks import Chunk
from plotlot.domain.documents import Document, Section
from plotlot.ingestion.pipeline import BATCHES_AT_ONCE, EMBED_BATCH, embedded

COUNT = 3 * EMBED_BATCH + 5
TEXT = "".join(f"{number:04}" for number in range(COUNT))
DOCUMENT = Document(
    "a", "a", "text/plain", "", TEXT, (Section(0, None, "document", "", "", 0, len(TEXT), 0),)
)
CHUNKS = [Chunk(number, 0, "", 4 * number, 4 * number + 4) for number in range(COUNT)]


class Model:
    """Gives each text back as its vector, the later batches sooner."""

    def __init__(self, fails_at: int = -1) -> None:
        self.calls = self.running = self.most = self.ended = 0
        self._fails_at = fails_at

    async def model(self) -> tuple[str, int]:
        return "echo", 1

    async def embed(self, texts: list[str], model: str = "") -> list[bytes]:
        self.calls += 1
        call = self.calls
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(3 + call % 2 * 5):
                await asyncio.sleep(0)
            if call == self._fails_at:
                raise RuntimeError("gone")
            return [text.encode() for text in texts]
        finally:
            self.running -= 1
            self.ended += 1


async def test_vectors_come_in_the_order_of_the_chunks_two_batches_at_a_time() -> None:
    model = Model()
    batches = [batch async for batch in embedded(model, DOCUMENT, CHUNKS)]
    assert [len(batch) for batch in batches] == [EMBED_BATCH] * 3 + [5]
    assert b"".join(vector for batch in batches for vector in batch).decode() == TEXT
    assert model.most == BATCHES_AT_ONCE == 2


async def test_nothing_is_asked_for_no_chunks() -> None:
    model = Model()
    assert [batch async for batch in embedded(model, DOCUMENT, [])] == []
    assert model.calls == 0


async def test_one_that_fails_ends_the_others() -> None:
    model = Model(fails_at=2)
    with pytest.raises(RuntimeError, match="gone"):
        [batch async for batch in embedded(model, DOCUMENT, CHUNKS)]
    assert model.calls < 4
    assert model.ended == model.calls
    assert model.running == 0
