"""A server on this machine that answers as sources of property data do, errors included; nothing is asked live."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

START_SECONDS = 10.0


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut`` ends it before its last byte; ``drip_seconds`` passes before each of its bytes."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    cut: bool = False


Answering = Callable[[Asked], Reply]


class ReplayingServer:
    """Answers each path by what ``answers`` holds for it; ``asked`` has the requests but those for robots.txt."""

    def __init__(self) -> None:
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.robots = Reply(404, b"")
        self.port = 0

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}"

    def says(self, path: str, *replies: Reply) -> None:
        """Answer a path by these in turn, and by the last from then on."""
        waiting = list(replies)
        self.answers[path] = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def reply(self, asked: Asked) -> Reply:
        """The answer to a request."""
        if asked.path == "/robots.txt":
            return self.robots
        self.asked.append(asked)
        answering = self.answers.get(asked.path)
        return Reply(404, b"not here") if answering is None else answering(asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, one answer."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            target = urlsplit(first.split(" ")[1])
            headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
            await send(writer, self.reply(Asked(target.path, dict(parse_qsl(target.query)), headers)))
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            writer.close()


async def send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    """Write an answer as its reply says."""
    await asyncio.sleep(reply.delay_seconds)
    headers = {"content-length": str(len(reply.body)), "connection": "close", **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Replayed\r\n{lines}\r\n".encode("latin-1"))
    body = reply.body[:-1] if reply.cut else reply.body
    if reply.drip_seconds:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.drip_seconds)
    else:
        writer.write(body)
        await writer.drain()


@contextmanager
def replaying(certificate: ssl.SSLContext | None = None) -> Iterator[ReplayingServer]:
    """A running server, on a thread of its own; over TLS where it has a certificate."""
    server, listening = ReplayingServer(), threading.Event()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=certificate)
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
