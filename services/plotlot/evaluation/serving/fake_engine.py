"""An engine without a model: the HTTP of the OpenAI API, tokens at a chosen pace.

What a service adds to an engine is measured by one that itself costs next to nothing.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

LOOK_SECONDS = 0.25  # between looks whether a client that waits is still there
CHUNK_END = b"\r\n"


@dataclass(slots=True)
class Pace:
    """How it works: seconds before the first token and between tokens, and how many requests at a time."""

    first_token_seconds: float = 0.0
    token_seconds: float = 0.0
    slots: int = 1_000_000


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request: method, path, header names in small letters, and the body."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class FakeEngine:
    """Streams ``word`` as often as tokens are asked for. Subclasses answer as certain engines do."""

    word = "lot "

    def __init__(self, pace: Pace | None = None, model: str = "fake") -> None:
        self.pace = pace or Pace()
        self.model = model
        self.url = ""
        self.requests: list[HttpRequest] = []
        self.keeps_requests = False
        self.working = 0
        self.cancelled = 0
        self._server: asyncio.Server | None = None
        self._slots = asyncio.Semaphore(self.pace.slots)
        self._connections: set[asyncio.Task[None]] = set()
        self._readers: dict[asyncio.StreamWriter, asyncio.StreamReader] = {}

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listen, on this machine alone unless another address is given; gives the URL."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=16 << 20, backlog=2048)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"
        return self.url

    async def stop(self) -> None:
        """End every connection at once, as a process that dies."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        if request.path == "/v1/chat/completions":
            await self.complete(request, writer)
        elif request.path == "/v1/models":
            await send_json(writer, {"object": "list", "data": [{"id": self.model, "object": "model"}]})
        else:
            await send_json(writer, {"error": {"message": "not found", "code": 404}}, 404)

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Stream a completion."""
        asked = request.json()
        async with self._slots:
            self.working += 1
            try:
                await self.stream(asked, writer)
            except (ConnectionError, asyncio.CancelledError):
                self.cancelled += 1
                raise
            finally:
                self.working -= 1

    async def stream(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        """The events of a completion."""
        pieces, reason = self.says(asked)
        tokens = sum(map(bool, pieces))
        await self._pause(self.first_token_seconds(asked), writer)
        begin_events(writer)
        events = {text: text_event(text) for text in set(pieces)}
        due = asyncio.get_running_loop().time()
        for text in pieces:
            self._check(writer)
            writer.write(events[text])
            if self.pace.token_seconds:
                due += self.pace.token_seconds
                await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))
            else:
                await writer.drain()
        writer.write(event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
        writer.write(event({"choices": [], "usage": self.usage(asked, tokens)}))
        writer.write(event("[DONE]"))
        end_events(writer)
        await writer.drain()

    def says(self, asked: dict[str, Any]) -> tuple[Sequence[str], str]:
        """What it writes, an event each, and why it ends there."""
        return [self.word] * int(asked.get("max_tokens") or 16), "length"

    def first_token_seconds(self, asked: dict[str, Any]) -> float:
        """What it takes to read a prompt."""
        return self.pace.first_token_seconds

    def usage(self, asked: dict[str, Any], tokens: int) -> dict[str, Any]:
        """The tokens that it says it used."""
        return {"prompt_tokens": len(str(asked["messages"])) // 4, "completion_tokens": tokens}

    async def _pause(self, seconds: float, writer: asyncio.StreamWriter) -> None:
        """Wait, unless the client leaves meanwhile."""
        while seconds > 0:
            await asyncio.sleep(min(seconds, LOOK_SECONDS))
            self._check(writer)
            seconds -= LOOK_SECONDS

    def _check(self, writer: asyncio.StreamWriter) -> None:
        """Raise ConnectionResetError where the client left."""
        if writer.is_closing() or self._readers[writer].at_eof():
            raise ConnectionResetError

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self._readers[writer] = reader
        try:
            while (request := await read_request(reader)) is not None:
                if self.keeps_requests:
                    self.requests.append(request)
                await self.answer(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            del self._readers[writer]
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def running(engine: FakeEngine) -> AsyncIterator[FakeEngine]:
    """The engine while it listens."""
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request of a connection; None where its client closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return HttpRequest(method, path, headers, body)


async def send(
    writer: asyncio.StreamWriter, body: bytes, status: int = 200, kind: str = "text/plain", extra: str = ""
) -> None:
    """A whole response."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def send_json(writer: asyncio.StreamWriter, body: Any, status: int = 200, extra: str = "") -> None:
    """A whole response in JSON."""
    await send(writer, json.dumps(body).encode(), status, "application/json", extra)


def begin_events(writer: asyncio.StreamWriter) -> None:
    """The head of a stream of events."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")


def end_events(writer: asyncio.StreamWriter) -> None:
    """The end of a stream of events."""
    writer.write(b"0\r\n\r\n")


def chunk(content: bytes) -> bytes:
    """Bytes as a chunk of a stream."""
    return f"{len(content):x}\r\n".encode() + content + CHUNK_END


def text_event(text: str) -> bytes:
    """An event of an answer; without text, the one that only names who speaks."""
    delta = {"content": text} if text else {"role": "assistant", "content": ""}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


def event(data: Any) -> bytes:
    """An event as a chunk: an object in JSON, or a text as it is."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return chunk(f"data: {text}\n\n".encode())
