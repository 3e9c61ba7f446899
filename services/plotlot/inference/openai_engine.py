"""Any server that speaks the OpenAI API: ``POST /v1/chat/completions`` as server-sent events.

The base of the other engines that are servers. They override what they are asked in (``body``), how they tell
of errors (``refusal``), and where they say how they are (``state``).
"""

import json
import re
from collections.abc import AsyncGenerator, Mapping
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
from plotlot.inference.endpoint import Endpoint
from plotlot.inference.openai_messages import (
    Answer,
    error_object,
    models_of,
    over,
    retry_after,
    status_in,
    whole,
)
from plotlot.inference.prometheus_text import samples

SILENCE_SECONDS = 60.0  # without a complete event, after which a stream is given up
LONGEST_ERROR_BYTES = 4096

_OVER_LONG = re.compile(
    r"context length|context size|too long|longer than the|exceed\w* .{0,40}(context|length)", re.IGNORECASE
)
_SCHEMA = re.compile(r"schema|grammar|response_format|structured|guided", re.IGNORECASE)


class OpenAiEngine:
    """One server of that API."""

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
        self._server = Endpoint(url, api_key, silence_seconds, self.keeps_connections)
        self._sends_urgency = sends_urgency

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return self._server.url

    @property
    def heard_at(self) -> float:
        """When it last answered or wrote something."""
        return self._server.heard_at

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
        headers = {"X-Request-Id": prompt.request_id, **prompt.trace} if prompt.request_id else prompt.trace
        async with self._server.post("/v1/chat/completions", self.body(prompt), headers) as exchange:
            await self._check(exchange.response, prompt)
            answer = Answer(prompt.sampling.max_tokens)
            async for events in self._server.events(exchange):
                text, count = "", 0
                for event in events:
                    written = answer.add(self._parsed(event, prompt))
                    text += written
                    count += bool(written)
                if answer.runs_on:
                    raise self._server.fault(
                        f"wrote on after {prompt.sampling.max_tokens} tokens, all it was asked for"
                    )
                if text:
                    yield Piece(whole(text), count)
            if not answer.finish_reason:
                raise self._server.broke_off("the stream ended before the answer did")
            yield Piece("", 0, answer.finish_reason, answer.usage or Usage(0, answer.events))

    async def state(self) -> EngineState:
        """What the server's list of models, and its metrics where it has any, say."""
        try:
            if self.ready_path:
                await self._server.get(self.ready_path)
            listed, version = await self._server.get_json("/v1/models"), await self.version()
        except PlotLotError as error:
            return EngineState(False, error.message)
        models, longest = models_of(listed)
        return await self._measured(EngineState(True, "", version, models, longest))

    async def alive(self) -> bool:
        """Whether it answers at all, cheaply."""
        try:
            await (
                self._server.get(self.alive_path) if self.alive_path else self._server.get_json("/v1/models")
            )
        except PlotLotError:
            return False
        return True

    async def version(self) -> str:
        """The server's version; the API has no place for it."""
        return ""

    def abort(self, why: str, silent_since: float) -> None:
        """End the streams on which nothing came since then."""
        self._server.abort(why, silent_since)

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

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
                    f"the prompt is longer than the model reads{over(message)}: {message}", field="messages"
                )
            if prompt.schema is not None and _SCHEMA.search(message):
                return UnsupportedSchema(
                    f"the engine cannot follow the schema: {message}", field="json_schema"
                )
            return InvalidRequest(f"the engine refused the request: {message}")
        if status in (401, 403):
            return EngineFault(f"{where}; see PLOTLOT_GENERATION_API_KEY")
        return EngineUnavailable(where)

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
                raise self._server.fault(f"said {response.status} in {said['message']}") from None
        refused = self.refusal(response.status, said, prompt)
        if isinstance(refused, Overloaded):
            refused.retry_after_seconds = retry_after(response.headers.get("Retry-After", "")) or 1.0
        raise refused

    def _parsed(self, event: bytes, prompt: Prompt) -> Mapping[str, Any]:
        """The object of an event, empty for the end. Raises what an error inside of it stands for."""
        if event == b"[DONE]":
            return {}
        try:
            said = json.loads(event.decode())  # told its encoding, it need not guess it
        except ValueError as error:
            raise self._server.fault(f"sent what is no JSON: {event[:80]!r}") from error
        if not isinstance(said, dict):
            raise self._server.fault(f"sent what is no completion: {event[:80]!r}")
        if "error" in said or said.get("object") == "error":
            told = error_object(said)
            raise self.refusal(status_in(told), told, prompt)
        return said

    async def _measured(self, state: EngineState) -> EngineState:
        """The state with the figures that the engine publishes."""
        if not self.metrics:
            return state
        try:
            found = samples((await self._server.get("/metrics")).decode("utf-8", "replace"))
        except PlotLotError:
            return state
        figures: dict[str, Any] = {
            ours: found[theirs] for theirs, ours in self.metrics.items() if theirs in found
        }
        looked_up, in_cache = (found.get(name, 0.0) for name in self.tokens_in_cache)
        if looked_up:
            figures["prefix_hit_rate"] = min(in_cache / looked_up, 1.0)
        return replace(state, **figures)
