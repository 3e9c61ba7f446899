"""Any server that speaks the OpenAI API: ``POST /v1/chat/completions`` as server-sent events.

The base of the other engines that are servers. They override what they are asked in (``body``), how they tell
of errors (``refusal``), and where they say how they are (``state``).
"""

import asyncio
import json
import math
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar

import aiohttp

from plotlot.domain.errors import (
    EngineFault,
    EngineUnavailable,
    InvalidRequest,
    Overloaded,
    PlotLotError,
    PromptTooLong,
    UnsupportedSchema,
)
from plotlot.inference.completion import EngineState, Piece, Prompt, Usage
from plotlot.inference.prometheus_text import samples
from plotlot.inference.server_sent_events import EventReader, EventTooLong

CONNECT_SECONDS = 2.0
LOOK_SECONDS = 1.5  # that a question about the engine's state may take
SILENCE_SECONDS = 60.0  # without a complete event, after which a stream is given up
LONGEST_SECONDS = 900.0  # that one answer may take, whatever its caller allows
GUARD_SECONDS = 1.0  # between looks at how long a stream was silent
LONGEST_BODY_BYTES = 8 << 20
LONGEST_ERROR_BYTES = 4096
SPARE_EVENTS = 64  # that are no tokens: roles, ends

_OVER_LONG = re.compile(
    r"context length|context size|too long|exceed\w* .{0,40}(context|length)", re.IGNORECASE
)
_SCHEMA = re.compile(r"schema|grammar|response_format|structured|guided", re.IGNORECASE)


class OpenAiEngine:
    """One endpoint. Connections are kept, and as many are opened as there are requests."""

    name: ClassVar[str] = "openai"
    metrics: ClassVar[Mapping[str, str]] = {}  # what PlotLot calls a figure, by the engine's name of it
    tokens_in_cache: ClassVar[tuple[str, str]] = (
        "",
        "",
    )  # the engine's counters of tokens looked up, and found
    keeps_connections: ClassVar[bool] = True
    alive_path: ClassVar[str] = ""  # where it says cheaply that it answers; else its list of models does
    ready_path: ClassVar[str] = ""  # where it says that it takes requests, beside that list

    def __init__(
        self,
        url: str,
        api_key: str = "",
        sends_urgency: bool = False,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.endpoint = url.rstrip("/").removesuffix("/v1")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._sends_urgency = sends_urgency
        self._silence_seconds = silence_seconds
        self._session: aiohttp.ClientSession | None = None
        self._working: set[Exchange] = set()
        self.heard_at = float("-inf")

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """The request in the engine's words."""
        sampling = prompt.sampling
        asked: dict[str, Any] = {
            "model": prompt.adapter or prompt.model,
            "messages": [{"role": each.role, "content": each.content} for each in prompt.messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if sampling.seed is not None:
            asked["seed"] = sampling.seed
        if sampling.stop:
            asked["stop"] = list(sampling.stop)
        if prompt.schema is not None:
            described = {"name": "answer", "schema": prompt.schema, "strict": True}
            asked["response_format"] = {"type": "json_schema", "json_schema": described}
        return asked

    async def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer as it is written. Closing the iterator closes the connection, by which engines stop."""
        headers = {"X-Request-Id": prompt.request_id} if prompt.request_id else {}
        async with self._post("/v1/chat/completions", self.body(prompt), headers) as exchange:
            await self._check(exchange.response, prompt)
            answer = Answer(prompt.sampling.max_tokens)
            async for events in self._events(exchange):
                text, count = "", 0
                for event in events:
                    written = answer.add(self._parsed(event, prompt))
                    text += written
                    count += bool(written)
                if answer.runs_on:
                    raise self._fault(
                        f"wrote on after {prompt.sampling.max_tokens} tokens, all it was asked for"
                    )
                if text:
                    yield Piece(whole(text), count)
            if not answer.finish_reason:
                raise self._broke_off("the stream ended before the answer did")
            yield Piece("", 0, answer.finish_reason, answer.usage or Usage(0, answer.events))

    async def state(self) -> EngineState:
        """What the server's list of models, and its metrics where it has any, say."""
        try:
            if self.ready_path:
                await self._get(self.ready_path)
            listed, version = await self._get_json("/v1/models"), await self.version()
        except PlotLotError as error:
            return EngineState(False, error.message)
        models, longest = models_of(listed)
        return await self._measured(EngineState(True, "", version, models, longest))

    async def alive(self) -> bool:
        """Whether it answers at all, cheaply."""
        try:
            await (self._get(self.alive_path) if self.alive_path else self._get_json("/v1/models"))
        except PlotLotError:
            return False
        return True

    async def version(self) -> str:
        """The server's version; the API has no place for it."""
        return ""

    def abort(self, why: str, silent_since: float) -> None:
        """End the streams on which nothing came since then."""
        for exchange in tuple(self._working):
            if exchange.heard_at < silent_since:
                exchange.end(why)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def refusal(self, status: int, said: Mapping[str, Any], prompt: Prompt) -> PlotLotError:
        """The error that a refused request stands for; ``said`` is the engine's error object."""
        message = str(said.get("message") or "no reason")[:300]
        where = f"the engine at {self.endpoint} said {status}: {message}"
        if status == 404:
            return InvalidRequest(
                f"model {prompt.adapter or prompt.model!r} is not served: {message}", field="model"
            )
        if status == 429:
            return Overloaded(where, retry_after_seconds=1.0)
        if status in (400, 413, 422):
            if _OVER_LONG.search(message):
                return PromptTooLong(
                    f"the prompt is longer than the model reads: {message}", field="messages"
                )
            if prompt.schema is not None and _SCHEMA.search(message):
                return UnsupportedSchema(
                    f"the engine cannot follow the schema: {message}", field="json_schema"
                )
            return InvalidRequest(f"the engine refused the request: {message}")
        if status in (401, 403):
            return EngineFault(f"{where}; see PLOTLOT_GENERATION_API_KEY")
        return EngineUnavailable(where)

    def _fault(self, what: str) -> EngineFault:
        return EngineFault(f"the engine at {self.endpoint} {what}")

    def _broke_off(self, what: str) -> EngineUnavailable:
        return EngineUnavailable(f"the engine at {self.endpoint} broke off: {what}")

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:  # made here, for it belongs to the running event loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, force_close=not self.keeps_connections, enable_cleanup_closed=False
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers=self._headers,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    @asynccontextmanager
    async def _post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> AsyncIterator["Exchange"]:
        """A request and its response; silence ends it, and so does ``abort``."""
        exchange = Exchange(self._silence_seconds)
        self._working.add(exchange)
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with self._client().post(
                self.endpoint + path, data=encoded(body), headers=sent
            ) as response:
                exchange.answered(response)
                self.heard_at = exchange.heard_at
                yield exchange
        except aiohttp.ClientConnectorError as error:
            raise EngineUnavailable(f"the engine at {self.endpoint} cannot be reached: {error}") from error
        except aiohttp.ClientError as error:
            why = exchange.ended or str(error) or type(error).__name__
            raise self._broke_off(why) from error
        except TimeoutError as error:
            raise EngineUnavailable(f"the engine at {self.endpoint} cannot be reached in time") from error
        except asyncio.CancelledError:
            if exchange.was_cancelled_by_itself():
                raise self._broke_off(exchange.ended) from None
            raise
        finally:
            exchange.close()
            self._working.discard(exchange)

    async def _events(self, exchange: "Exchange") -> AsyncIterator[list[bytes]]:
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
            raise self._fault(f"sent more than an answer has: {received} bytes") from None

    async def _body_of(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of a server that answers at once instead of streaming."""
        if response.content_type != "application/json":
            start = (await response.content.read(200)).decode("utf-8", "replace").split("\n")[0]
            raise self._fault(f"answered {response.content_type}, no completion: {start[:80]!r}")
        body = await response.content.read(LONGEST_BODY_BYTES)
        while piece := await response.content.read(LONGEST_BODY_BYTES):
            body += piece
            if len(body) > LONGEST_BODY_BYTES:
                raise self._fault(f"sent more than an answer has: {len(body)} bytes")
        return body

    async def _check(self, response: aiohttp.ClientResponse, prompt: Prompt) -> None:
        """Raise what a refusal stands for."""
        if response.status == 200:
            return
        body = await response.content.read(LONGEST_ERROR_BYTES)
        try:
            said = error_object(json.loads(body))
        except ValueError:
            start = body.decode("utf-8", "replace").strip()[:120]
            said = {"message": f"{response.content_type}: {start}"}
            if response.status < 500:
                raise self._fault(f"said {response.status} in {said['message']}") from None
        refused = self.refusal(response.status, said, prompt)
        if isinstance(refused, Overloaded):
            refused.retry_after_seconds = retry_after(response.headers.get("Retry-After", "")) or 1.0
        raise refused

    def _parsed(self, event: bytes, prompt: Prompt) -> Mapping[str, Any]:
        """The object of an event, empty for the end. Raises what an error inside of it stands for."""
        if event == b"[DONE]":
            return {}
        try:
            said = json.loads(event)
        except ValueError as error:
            raise self._fault(f"sent what is no JSON: {event[:80]!r}") from error
        if not isinstance(said, dict):
            raise self._fault(f"sent what is no completion: {event[:80]!r}")
        if "error" in said or said.get("object") == "error":
            told = error_object(said)
            raise self.refusal(status_in(told), told, prompt)
        return said

    async def _get_json(self, path: str) -> Any:
        """What the server says of itself. Raises EngineUnavailable or EngineFault."""
        body = await self._get(path)
        try:
            return json.loads(body)
        except ValueError as error:
            raise self._fault(f"did not answer {path} in JSON") from error

    async def _get(self, path: str) -> bytes:
        try:
            async with (
                asyncio.timeout(LOOK_SECONDS),
                self._client().get(self.endpoint + path) as response,
            ):
                body = await response.content.read(LONGEST_BODY_BYTES)
                while piece := await response.content.read(LONGEST_BODY_BYTES):
                    body += piece
                    if len(body) > LONGEST_BODY_BYTES:
                        raise self._fault(f"answers {path} without end")
                if response.status != 200:
                    raise EngineUnavailable(f"the engine at {self.endpoint} said {response.status} to {path}")
                return body
        except (aiohttp.ClientError, TimeoutError) as error:
            what = str(error) or type(error).__name__
            raise EngineUnavailable(f"the engine at {self.endpoint} cannot be reached: {what}") from error

    async def _measured(self, state: EngineState) -> EngineState:
        """The state with the figures that the engine publishes."""
        if not self.metrics:
            return state
        try:
            found = samples((await self._get("/metrics")).decode("utf-8", "replace"))
        except PlotLotError:
            return state
        figures: dict[str, Any] = {
            ours: found[theirs] for theirs, ours in self.metrics.items() if theirs in found
        }
        looked_up, in_cache = (found.get(name, 0.0) for name in self.tokens_in_cache)
        if looked_up:
            figures["prefix_hit_rate"] = min(in_cache / looked_up, 1.0)
        return replace(state, **figures)


class Exchange:
    """One request in progress: when something was last heard, and how to end it."""

    def __init__(self, silence_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._silence_seconds = silence_seconds
        self._response: aiohttp.ClientResponse | None = None
        self._cancelled = False
        self._began = self.heard_at = self._loop.time()
        self._guard = self._loop.call_later(min(GUARD_SECONDS, silence_seconds), self._look)
        self.ended = ""

    @property
    def response(self) -> aiohttp.ClientResponse:
        """The response, once there is one."""
        assert self._response is not None, "read before it came"
        return self._response

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """The headers came."""
        self._response = response
        self.progressed()

    def progressed(self) -> None:
        """Something whole came; bytes of what never ends are no progress."""
        self.heard_at = self._loop.time()

    def end(self, why: str) -> None:
        """Give up. Whoever reads the response, or waits for it, gets an error."""
        if self.ended:
            return
        self.ended = why
        if self._response is None:
            # The task waits for the headers. Later it may be busy elsewhere, and must not be cancelled there.
            self._cancelled = self._task is not None and self._task.cancel()
        elif self._response.connection is not None and self._response.connection.transport is not None:
            self._response.connection.transport.abort()

    def was_cancelled_by_itself(self) -> bool:
        """Whether a cancellation came from ``end``; it is then taken back."""
        if self._cancelled and self._task is not None:
            self._cancelled = False
            return self._task.uncancel() == 0
        return False

    def close(self) -> None:
        """It is over."""
        self._guard.cancel()

    def _look(self) -> None:
        if self._loop.time() - self._began >= LONGEST_SECONDS:
            self.end(f"the answer took more than {LONGEST_SECONDS:g} seconds")
        elif self._loop.time() - self.heard_at >= self._silence_seconds:
            self.end(f"nothing came for {self._silence_seconds:g} seconds")
        else:
            self._guard = self._loop.call_later(min(GUARD_SECONDS, self._silence_seconds), self._look)


class Answer:
    """What the events of a stream add up to."""

    def __init__(self, max_tokens: int) -> None:
        self._most = max_tokens + SPARE_EVENTS
        self.events = 0
        self.finish_reason = ""
        self.usage: Usage | None = None

    @property
    def runs_on(self) -> bool:
        """Whether more came than the tokens asked for can be."""
        return self.events > self._most

    def add(self, said: Mapping[str, Any]) -> str:
        """Take an event in, and give the text in it."""
        usage = said.get("usage")
        if isinstance(usage, dict):
            self.usage = usage_of(usage)
        choices = said.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return ""
        self.events += 1
        choice = choices[0]
        self.finish_reason = str(choice.get("finish_reason") or self.finish_reason)
        delta = choice.get("delta") or choice.get("message")
        text = delta.get("content") if isinstance(delta, dict) else None
        return text if isinstance(text, str) else ""


def encoded(body: Mapping[str, Any]) -> bytes:
    """A request's body; a lone surrogate, which no UTF-8 has, becomes the replacement character."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def whole(text: str) -> str:
    """The text, with half characters that escapes can make replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def usage_of(usage: Mapping[str, Any]) -> Usage:
    """The tokens that the server counted."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Usage(
        whole_number(usage.get("prompt_tokens")),
        whole_number(usage.get("completion_tokens")),
        whole_number(cached),
    )


def whole_number(value: Any) -> int:
    """A count as a number that is 0 or more, whatever was sent."""
    return max(int(value), 0) if isinstance(value, int | float) and math.isfinite(value) else 0


def models_of(listed: Any) -> tuple[tuple[str, ...], int | None]:
    """The names in a list of models, and the most tokens that one of them takes, where that is said."""
    entries = listed.get("data") if isinstance(listed, dict) else None
    models = [each for each in entries or () if isinstance(each, dict) and isinstance(each.get("id"), str)]
    longest = [each["max_model_len"] for each in models if isinstance(each.get("max_model_len"), int)]
    return tuple(each["id"] for each in models), max(longest, default=None)


def error_object(said: Any) -> Mapping[str, Any]:
    """The error in a body, which some put under ``error``, some at the top, and some as a text alone."""
    inner = said.get("error", said) if isinstance(said, dict) else said
    if isinstance(inner, dict):
        return inner
    return {"message": str(inner)}


def status_in(said: Mapping[str, Any]) -> int:
    """The HTTP status that an error inside a stream names; 500 where it names none."""
    code = said.get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def retry_after(header: str) -> float:
    """Seconds to wait by a ``Retry-After`` header; 0 where it says nothing of use."""
    return min(float(header), 60.0) if header.isdecimal() else 0.0
