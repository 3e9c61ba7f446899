"""Bodies without end are cut off, by whatever route they come, and whatever reads them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fake_gateway import fake_app

from plotlot.gateway.app import MOST_BYTES

PIECE = 1_000_000


class Endless:
    """A body that goes on for as long as somebody reads it, up to where that would be a fault."""

    def __init__(self, first: bytes, most_pieces: int) -> None:
        self._first = first
        self._most_pieces = most_pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._first
        for _ in range(self._most_pieces):
            yield b" " * PIECE
        raise AssertionError("so much was read")


FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'


@pytest.mark.parametrize(
    ("path", "kind", "first", "pieces"),
    [
        ("/v1/ask", "application/json", b"{", MOST_BYTES // PIECE),
        ("/v1/gold", "application/x-ndjson", b"", 10),
        ("/v1/analyses:batch", "text/csv", b"ref", 20),
        ("/v1/documents", "multipart/form-data; boundary=x", FORM, 101),
        ("/v1/parcels", "multipart/form-data; boundary=x", FORM, 101),
    ],
)
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k-1"}])
async def test_a_body_without_end_is_refused_while_it_comes(
    path: str, kind: str, first: bytes, pieces: int, key: dict[str, str]
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(fake_app()), base_url="http://gateway"
    ) as client:
        answer = await client.post(
            path, content=Endless(first, pieces + 1), headers={"Content-Type": kind, **key}
        )
    assert (answer.status_code, answer.json()["type"]) == (413, "/errors#document-too-large")
    assert answer.headers["x-request-id"]


async def test_a_body_of_the_right_size_is_read_whole() -> None:
    question = b'{"question": "How much may buildings cover?"}'
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(fake_app()), base_url="http://gateway"
    ) as client:
        answer = await client.post(
            "/v1/ask",
            content=question.ljust(MOST_BYTES),
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code == 200, answer.text
