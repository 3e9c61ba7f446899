"""A small HTTP server on a thread of its own, which keeps connections open: thousands of pages are asked of it."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

START_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """A request as it came; ``target`` is its path with its query."""

    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut`` breaks off before its last byte; ``drip_seconds`` passes before each of its bytes.

    ``pieces`` make a body that is never whole in memory, and are taken as whoever asks reads them.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    cut: bool = False
    pieces: Callable[[], Iterable[bytes]] | None = None


@dataclass
class Server:
    """Where a server listens."""

    port: int = 0

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}"


async def _serve(
    answer: Callable[[Asked], Reply], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            target = first.split(" ")[1]
            parts = urlsplit(target)
            headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
            reply = answer(Asked(target, parts.path, dict(parse_qsl(parts.query)), headers))
            await _send(writer, reply)
            if reply.cut or reply.headers.get("connection") == "close":
                return
    except (OSError, asyncio.IncompleteReadError):
        pass  # whoever asked has left
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    """Write an answer as its reply says."""
    await asyncio.sleep(reply.delay_seconds)
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Faked\r\n{lines}\r\n".encode("latin-1"))
    body = reply.body[:-1] if reply.cut else reply.body
    if reply.drip_seconds:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip_seconds)
    elif reply.pieces is not None:
        for piece in reply.pieces():
            writer.write(piece)
            await writer.drain()
    else:
        writer.write(body)
        await writer.drain()


@contextmanager
def serving(answer: Callable[[Asked], Reply], certificate: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server, which asks ``answer`` on its own thread; over TLS where it has a certificate."""
    server, listening, ended = Server(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        listener = await asyncio.start_server(
            lambda reader, writer: _serve(answer, reader, writer), "127.0.0.1", 0, ssl=certificate
        )
        server.port = listener.sockets[0].getsockname()[1]
        listening.set()
        await ended.wait()
        listener.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        assert listening.wait(START_SECONDS)
        yield server
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()
