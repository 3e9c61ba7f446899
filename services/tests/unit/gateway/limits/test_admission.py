"""What is more than can be answered in time is told so at once, and what comes after is answered again."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from plotlot.gateway.limits.admission import AdmissionMiddleware

Asking = Callable[[str], Awaitable[httpx.Response]]


class Slow:
    """Answers when it is let; at /fails it raises, at /stream its answer begins at once."""

    def __init__(self) -> None:
        self.let, self.ended = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/stream":
            await StreamingResponse(self._pieces())(scope, receive, send)
            return
        await self.let.wait()
        if scope["path"] == "/fails":
            raise RuntimeError("a fault")
        await PlainTextResponse("answered")(scope, receive, send)

    async def _pieces(self):  # type: ignore[no-untyped-def]
        yield b"begun"
        await self.ended.wait()


async def asked(app: AdmissionMiddleware, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(path)


async def waiting(app: AdmissionMiddleware, *paths: str) -> list["asyncio.Task[httpx.Response]"]:
    tasks = [asyncio.create_task(asked(app, path)) for path in paths]
    for _ in range(20):
        await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize("path", ["/v1/ask", "/fails"])
async def test_one_too_many_is_told_when_to_come_back_and_room_is_found_again(path: str) -> None:
    slow = Slow()
    app = AdmissionMiddleware(slow, most=2)
    for _ in range(2):
        slow.let.clear()
        first = await waiting(app, path, path)
        refused = await asked(app, "/v1/ask")
        assert (refused.status_code, refused.json()["type"]) == (503, "/errors#overloaded")
        assert refused.headers["retry-after"] == "1"
        slow.let.set()
        assert all(answer.status_code != 503 for answer in await asyncio.gather(*first))


async def test_a_stream_that_began_keeps_nobody_out() -> None:
    slow = Slow()
    app = AdmissionMiddleware(slow, most=1)
    slow.let.set()
    streams = await waiting(app, "/stream")
    streams += await waiting(app, "/stream")
    assert (await asked(app, "/v1/ask")).status_code == 200
    slow.ended.set()
    assert [answer.text for answer in await asyncio.gather(*streams)] == ["begun", "begun"]


async def test_who_sends_slowly_keeps_nobody_out() -> None:
    slow, sent = Slow(), asyncio.Event()

    async def dripping():  # type: ignore[no-untyped-def]
        yield b"a"
        await sent.wait()

    async def read_first(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await slow(scope, receive, send)

    app = AdmissionMiddleware(read_first, most=1)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        dripped = asyncio.create_task(client.post("/sign-in", content=dripping()))
        waits = await waiting(app, "/v1/ask")
        sent.set()
        await asyncio.sleep(0.01)
        refused = await asked(app, "/v1/ask")
        slow.let.set()
        answers = await asyncio.gather(dripped, *waits)
    assert [answer.status_code for answer in (*answers, refused)] == [200, 200, 503]


async def test_probes_are_answered_whatever_waits() -> None:
    slow = Slow()
    app = AdmissionMiddleware(slow, most=1)
    first = await waiting(app, "/v1/ask")
    probe = await waiting(app, "/healthz")
    slow.let.set()
    assert [answer.status_code for answer in await asyncio.gather(*first, *probe)] == [200, 200]
