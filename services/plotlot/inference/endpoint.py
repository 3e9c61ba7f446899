"""The connections to one endpoint: requests and their streams, bounded in bytes, in silence and in time."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from plotlot.domain.errors import EngineFault, EngineUnavailable
from plotlot.inference.exchanges import Exchange
from plotlot.inference.server_sent_events import EventReader, EventTooLong

CONNECT_SECONDS = 2.0
LOOK_SECONDS = 1.5  # that a question about the engine's state may take
LONGEST_BODY_BYTES = 8 << 20


class Endpoint:
    """One URL. Connections are kept where its server can, and as many are opened as there are requests."""

    def __init__(self, url: str, api_key: str, silence_seconds: float, keeps_connections: bool) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        self.heard_at = float("-inf")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._silence_seconds = silence_seconds
        self._keeps_connections = keeps_connections
        self._session: aiohttp.ClientSession | None = None
        self._working: set[Exchange] = set()

    @asynccontextmanager
    async def post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> AsyncIterator[Exchange]:
        """A request and its response; silence ends it, and so does ``abort``."""
        exchange = Exchange(self._silence_seconds)
        self._working.add(exchange)
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with self._client().post(self.url + path, data=encoded(body), headers=sent) as response:
                exchange.answered(response)
                self.heard_at = exchange.heard_at
                yield exchange
        except aiohttp.ClientConnectorError as error:
            raise EngineUnavailable(f"the engine at {self.url} cannot be reached: {error}") from error
        except aiohttp.ClientError as error:
            why = exchange.ended or str(error) or type(error).__name__
            raise self.broke_off(why) from error
        except TimeoutError as error:
            raise EngineUnavailable(f"the engine at {self.url} cannot be reached in time") from error
        except asyncio.CancelledError:
            if exchange.was_cancelled_by_itself():
                raise self.broke_off(exchange.ended) from None
            raise
        finally:
            exchange.close()
            self._working.discard(exchange)

    async def events(self, exchange: Exchange) -> AsyncIterator[list[bytes]]:
        """The events of each read, so that what came together is passed on together."""
        reader, received = EventReader(), 0
        if not exchange.response.content_type.startswith("text/event-stream"):
            yield [await self._body_of(exchange.response)]
            return
        try:
            async for read in exchange.response.content.iter_any():
                received += len(read)
                events = list(reader.feed(read))
                if events:
                    exchange.progressed()
                    self.heard_at = exchange.heard_at
                    yield events
                    exchange.progressed()  # what a slow caller takes is not the engine's silence
                if received > LONGEST_BODY_BYTES:
                    raise EventTooLong
        except EventTooLong:
            raise self.fault(f"sent more than an answer has: {received} bytes") from None

    async def get_json(self, path: str) -> Any:
        """What the server says of itself. Raises EngineUnavailable or EngineFault."""
        body = await self.get(path)
        try:
            return json.loads(body)
        except ValueError as error:
            raise self.fault(f"did not answer {path} in JSON") from error

    async def get(self, path: str) -> bytes:
        """The same as it was sent."""
        try:
            async with (
                asyncio.timeout(LOOK_SECONDS),
                self._client().get(self.url + path) as response,
            ):
                body = await self._bounded(response, f"answers {path} without end")
                if response.status != 200:
                    raise EngineUnavailable(f"the engine at {self.url} said {response.status} to {path}")
                return body
        except (aiohttp.ClientError, TimeoutError) as error:
            what = str(error) or type(error).__name__
            raise EngineUnavailable(f"the engine at {self.url} cannot be reached: {what}") from error

    def abort(self, why: str, silent_since: float) -> None:
        """End the streams on which nothing came since then."""
        for exchange in tuple(self._working):
            if exchange.heard_at < silent_since:
                exchange.end(why)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def fault(self, what: str) -> EngineFault:
        """The error for an answer that is none."""
        return EngineFault(f"the engine at {self.url} {what}")

    def broke_off(self, what: str) -> EngineUnavailable:
        """The error for an answer that ends before its end."""
        return EngineUnavailable(f"the engine at {self.url} broke off: {what}")

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:  # made here, for it belongs to the running event loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, force_close=not self._keeps_connections, enable_cleanup_closed=False
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers=self._headers,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _body_of(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of a server that answers at once instead of streaming."""
        if response.content_type != "application/json":
            start = (await response.content.read(200)).decode("utf-8", "replace").split("\n")[0]
            raise self.fault(f"answered {response.content_type}, no completion: {start[:80]!r}")
        return await self._bounded(response, f"sent more than an answer has: over {LONGEST_BODY_BYTES} bytes")

    async def _bounded(self, response: aiohttp.ClientResponse, complaint: str) -> bytes:
        """A whole body. Raises EngineFault with the complaint where it is too long."""
        body = b""
        while piece := await response.content.read(LONGEST_BODY_BYTES):
            body += piece
            if len(body) > LONGEST_BODY_BYTES:
                raise self.fault(complaint)
        return body


def encoded(body: Mapping[str, Any]) -> bytes:
    """A request's body; a lone surrogate, which no UTF-8 has, becomes the replacement character."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
