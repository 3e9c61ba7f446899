"""POST with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): carried out once, answered alike."""

import asyncio
import logging
import re
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import IO

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plotlot.domain.errors import InvalidRequest, PlotLotError
from plotlot.gateway.callers import IDENTITY, caller_of
from plotlot.gateway.idempotency.store import HELD_SECONDS, Held, Kept, Keys
from plotlot.gateway.ids import current_seed
from plotlot.http.problems import problem_response
from plotlot.http.requests import headers_of
from plotlot.rpc.context import is_shadow

log = logging.getLogger(__name__)

HEADER = b"idempotency-key"
MOST_KEPT_BYTES = 4_000_000  # of an answer; a longer one is made again
IN_MEMORY_BYTES = 1_000_000  # of a body; the rest of it waits in a file
NOT_KEPT = (408, 409, 425, 429)  # which say: try again
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class IdempotencyMiddleware:
    """Answers a key that it knows from what is kept, and keeps the answer to one that is new."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; those without a key pass by, and those of nobody who is known, who would fill the store."""
        sent = next((value for name, value in scope.get("headers", ()) if name == HEADER), None)
        if (
            sent is None
            or scope["type"] != "http"
            or scope["method"] != "POST"
            or is_shadow()
            or IDENTITY not in scope
        ):
            await self._app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            try:
                key = key_of(sent)
                fingerprint = await read_body(scope, receive, body)
                if fingerprint is None:
                    return
                taken = await self._keys.take(caller_of(scope), key, fingerprint, secrets.token_hex(16))
            except PlotLotError as error:
                await problem_response(error)(scope, receive, send)
                return
            if isinstance(taken, Kept):
                await replay(taken, send)
            else:
                await self._carry_out(scope, replayed(body, receive), send, taken)

    async def _carry_out(self, scope: Scope, receive: Receive, send: Send, held: Held) -> None:
        """Answer, keep the answer, and only then send its end: who has it whole gets the same one again."""
        current_seed.set(held.seed)
        answer = Recorded(send)
        try:
            async with renewing(self._keys, held):
                await self._app(scope, receive, answer.send)
                if answer.is_kept:
                    await self._keys.keep(held, answer.kept())
                else:
                    await self._keys.let_go(held)
            await answer.end()
        except BaseException:
            with suppress(PlotLotError):
                await asyncio.shield(self._keys.let_go(held))
            raise


class Recorded:
    """Passes an answer on and remembers it. Its end is held back until ``end``."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._last: Message | None = None
        self._too_long = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer, but for the last."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            self._too_long = (
                self._too_long or len(self._body) + len(message.get("body", b"")) > MOST_KEPT_BYTES
            )
            if not self._too_long:
                self._body += message.get("body", b"")
            if not message.get("more_body", False):
                self._last = message
                return
        await self._send(message)

    @property
    def is_kept(self) -> bool:
        """Whether a second request gets this answer: it is whole, may be stored, and does not say to try again."""
        whole = self._last is not None and not self._too_long
        secret = "no-store" in self._headers.get("cache-control", "")  # an API key, or a stream
        return whole and not secret and 200 <= self._status < 500 and self._status not in NOT_KEPT

    def kept(self) -> Kept:
        """The answer."""
        return Kept(self._status, self._headers, bytes(self._body))

    async def end(self) -> None:
        """Send the last part."""
        if self._last is not None:
            await self._send(self._last)


@asynccontextmanager
async def renewing(keys: Keys, held: Held) -> AsyncIterator[None]:
    """Hold a key for as long as the block runs."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(HELD_SECONDS / 3)
            with suppress(PlotLotError):
                await keys.renew(held)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Fingerprint:
    """What a request asks, digested: method, path, kind and body.

    Clients draw the boundary of a form anew each time: it is no part of what is asked.
    """

    def __init__(self, scope: Scope) -> None:
        kind, _, rest = headers_of(scope).get("content-type", "").partition(";")
        self._boundary = rest.partition("boundary=")[2].partition(";")[0].strip().strip('"').encode()
        self._waiting = b""  # may be the beginning of a boundary
        asked = [scope["method"], scope["path"], scope["query_string"].decode("latin-1"), kind.strip()]
        self._digest = sha256("\0".join(asked).encode("utf-8", "surrogatepass"))

    def add(self, piece: bytes) -> None:
        """The next piece of the body."""
        content = self._without_boundary(self._waiting + piece)
        kept = min(max(len(self._boundary) - 1, 0), len(content))
        self._digest.update(content[: len(content) - kept])
        self._waiting = content[len(content) - kept :]

    def end(self) -> bytes:
        """The digest of it all."""
        self._digest.update(self._without_boundary(self._waiting))
        return self._digest.digest()

    def _without_boundary(self, content: bytes) -> bytes:
        return content.replace(self._boundary, b"") if self._boundary else content


async def read_body(scope: Scope, receive: Receive, body: IO[bytes]) -> bytes | None:
    """Write the request's body to a file; its fingerprint, None where the caller left."""
    fingerprint = Fingerprint(scope)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body.write(message.get("body", b""))
        fingerprint.add(message.get("body", b""))
        if not message.get("more_body", False):
            return fingerprint.end()


def replayed(body: IO[bytes], receive: Receive) -> Receive:
    """The body again, from its file; then what the connection says."""
    body.seek(0)
    over = False

    async def again() -> Message:
        nonlocal over
        if over:
            return await receive()
        piece = body.read(IN_MEMORY_BYTES)
        over = len(piece) < IN_MEMORY_BYTES
        return {"type": "http.request", "body": piece, "more_body": not over}

    return again


async def replay(answer: Kept, send: Send) -> None:
    """Send an answer again, and say so."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def key_of(sent: bytes) -> str:
    """The key as a text, quoted or not. Raises InvalidRequest."""
    text = sent.decode("latin-1").strip()
    text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if _KEY.fullmatch(text) is None:
        raise InvalidRequest(
            "an Idempotency-Key has 1 to 200 visible ASCII characters; a UUID is one",
            field="Idempotency-Key",
            expected="1 to 200 visible ASCII characters",
        )
    return text
