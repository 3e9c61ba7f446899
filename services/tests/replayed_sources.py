"""A server on this machine that answers as sources of property data do, errors included; nothing is asked live."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fakes import serving
from fakes.serving import Asked, Server


@dataclass(frozen=True)
class Reply(serving.Reply):
    """An answer, which is an empty JSON object where nothing else is said."""

    body: bytes = b"{}"


Answering = Callable[[Asked], Reply]


class ReplayingServer:
    """Answers each path by what ``answers`` holds for it; ``asked`` has the requests but those for robots.txt."""

    def __init__(self) -> None:
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.robots = Reply(404, b"")
        self.server = Server()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.port

    @property
    def host(self) -> str:
        """The same, with this machine's address."""
        return self.server.host

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url

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

    def last_reply(self, asked: Asked) -> serving.Reply:
        """The answer to a request, and the last of its connection."""
        reply = self.reply(asked)
        return replace(reply, headers={"connection": "close", **reply.headers})


@contextmanager
def replaying(certificate: ssl.SSLContext | None = None) -> Iterator[ReplayingServer]:
    """A running server, on a thread of its own; over TLS where it has a certificate."""
    replayed = ReplayingServer()
    with serving.serving(replayed.last_reply, certificate) as replayed.server:
        yield replayed
