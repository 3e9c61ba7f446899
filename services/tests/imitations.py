"""Engines without a model that answer as vLLM, SGLang and llama.cpp do, errors included; and some that misbehave.

Their shapes are those of vLLM 0.33.0 and SGLang 0.5.23, as their packages have them.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

from plotlot.evaluation.serving.fake_engine import (
    FakeEngine,
    HttpRequest,
    begin_events,
    chunk,
    end_events,
    event,
    send,
    send_json,
)

CONTEXT = 1000  # tokens that a prompt may have: its words
VLLM_METRICS = """\
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="fake"} 3.0
vllm:num_requests_waiting{engine="0",model_name="fake"} 2.0
vllm:kv_cache_usage_perc{engine="0",model_name="fake"} 0.25
vllm:prefix_cache_queries_total{engine="0",model_name="fake"} 200.0
vllm:prefix_cache_hits_total{engine="0",model_name="fake"} 50.0
"""
SGLANG_METRICS = """\
sglang:num_running_reqs{engine_type="unified",model_name="fake",tp_rank="0",pp_rank="0"} 3.0
sglang:num_queue_reqs{engine_type="unified",model_name="fake",tp_rank="0",pp_rank="0"} 2.0
sglang:token_usage{engine_type="unified",model_name="fake",tp_rank="0",pp_rank="0"} 0.25
sglang:cache_hit_rate{engine_type="unified",model_name="fake",tp_rank="0",pp_rank="0"} 0.1
sglang:prompt_tokens_total{engine_type="unified",model_name="fake"} 200.0
sglang:cached_tokens_total{cache_source="device",engine_type="unified",model_name="fake"} 50.0
"""
LLAMACPP_METRICS = """\
llamacpp:prompt_tokens_total 200
llamacpp:prompt_tokens_cached_total 50
llamacpp:requests_processing 3
llamacpp:requests_deferred 2
"""


class Scripted(FakeEngine):
    """Writes the answers that it is given, one a request; then the fake's own."""

    kind = "openai"

    def __init__(self, *answers: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.answers = list(answers)
        self.full = False
        self.keeps_requests = True

    def asked(self) -> list[dict[str, Any]]:
        """The completions that it was asked for."""
        return [each.json() for each in self.requests if each.path == "/v1/chat/completions"]

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """A refusal where there is a reason for one, else a completion."""
        asked = request.json()
        words = sum(len(each["content"].split()) for each in asked["messages"])
        if self.full:
            await self.refuse_full(writer)
        elif words > CONTEXT:
            await self.refuse_long(words, writer)
        elif asked["model"] != self.model and self.kind != "llamacpp":
            await self.refuse_model(asked["model"], writer)
        else:
            await super().complete(request, writer)

    def says(self, asked: dict[str, Any]) -> tuple[Sequence[str], str]:
        """The next of the answers, a word an event."""
        if not self.answers:
            return super().says(asked)
        words, most = re.findall(r"[^ ]* ?", self.answers.pop(0))[:-1], asked["max_tokens"]
        return ["", *words[:most]], "stop" if len(words) <= most else "length"

    async def refuse_full(self, writer: asyncio.StreamWriter) -> None:
        """As a hosted API does that limits its users."""
        await send_json(
            writer, {"error": {"message": "slow down", "code": "rate_limit"}}, 429, "Retry-After: 7\r\n"
        )

    async def refuse_long(self, words: int, writer: asyncio.StreamWriter) -> None:
        """As the OpenAI API does."""
        message = (
            f"This model's maximum context length is {CONTEXT} tokens. However, you requested {words} tokens."
        )
        await send_json(writer, self.error(message, "invalid_request_error", 400), 400)

    async def refuse_model(self, model: str, writer: asyncio.StreamWriter) -> None:
        """As the OpenAI API does."""
        await send_json(writer, self.error(f"The model `{model}` does not exist.", "NotFoundError", 404), 404)

    def error(self, message: str, kind: str, code: int) -> dict[str, Any]:
        """An error as this engine words it."""
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class FakeVllm(Scripted):
    """vLLM 0.33: priorities are refused unless it schedules by them; a full queue is 503."""

    kind = "vllm"

    def __init__(self, *answers: str, schedules: bool = True, **settings: Any) -> None:
        super().__init__(*answers, **settings)
        self.schedules = schedules

    async def answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Its paths."""
        if request.path == "/health":
            await send(writer, b"")
        elif request.path == "/version":
            await send_json(writer, {"version": "0.33.0"})
        elif request.path == "/metrics":
            await send(writer, VLLM_METRICS.encode())
        elif request.path == "/v1/models":
            listed = {"id": self.model, "object": "model", "max_model_len": CONTEXT}
            await send_json(writer, {"object": "list", "data": [listed]})
        else:
            await super().answer(request, writer)

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """A completion, unless it has a priority that cannot be followed."""
        if request.json().get("priority") and not self.schedules:
            message = "Got priority 1 but priority scheduling is not enabled."
            await send_json(writer, self.error(message, "BadRequestError", 400), 400)
            return
        await super().complete(request, writer)

    async def refuse_full(self, writer: asyncio.StreamWriter) -> None:
        """As with --max-num-queued-reqs."""
        await send_json(writer, self.error("Too many queued requests", "ServiceUnavailable", 503), 503)


class FakeSglang(Scripted):
    """SGLang 0.5: errors are flat; what ends while it streams comes as an event."""

    kind = "sglang"

    async def answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Its paths. Nobody may ask /health, which writes a token."""
        if request.path in ("/ping", "/ready"):
            await send(writer, b"")
        elif request.path == "/get_server_info":
            await send_json(writer, {"version": "0.5.23", "model_path": self.model})
        elif request.path == "/metrics":
            await send(writer, SGLANG_METRICS.encode())
        elif request.path == "/v1/models":
            listed = {"id": self.model, "object": "model", "max_model_len": CONTEXT}
            await send_json(writer, {"object": "list", "data": [listed]})
        else:
            await super().answer(request, writer)

    def error(self, message: str, kind: str, code: int) -> dict[str, Any]:
        """Flat."""
        return {"object": "error", "message": message, "type": kind, "param": None, "code": code}

    async def refuse_full(self, writer: asyncio.StreamWriter) -> None:
        """In a stream, for the scheduler finds out after the head was sent."""
        begin_events(writer)
        writer.write(event({"error": self.error("The request queue is full.", "ServiceUnavailable", 503)}))
        writer.write(event("[DONE]"))
        end_events(writer)
        await writer.drain()


class FakeLlamaCpp(Scripted):
    """llama.cpp's server: any model name will do, and it says how long a prompt was."""

    kind = "llamacpp"

    async def answer(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Its paths."""
        if request.path == "/health":
            await send_json(writer, {"status": "ok"})
        elif request.path == "/props":
            settings = {"n_ctx": CONTEXT}
            await send_json(writer, {"default_generation_settings": settings, "build_info": "b7000-abc"})
        elif request.path == "/lora-adapters":
            await send_json(writer, [{"id": 0, "path": "/models/zoning.gguf", "scale": 0.0}])
        elif request.path == "/metrics":
            await send(writer, LLAMACPP_METRICS.encode())
        else:
            await super().answer(request, writer)

    async def refuse_long(self, words: int, writer: asyncio.StreamWriter) -> None:
        """With both numbers."""
        message = f"request ({words} tokens) exceeds the available context size ({CONTEXT} tokens), try increasing it"
        error = {"code": 400, "message": message, "type": "exceed_context_size_error"}
        await send_json(writer, {"error": {**error, "n_prompt_tokens": words, "n_ctx": CONTEXT}}, 400)

    async def refuse_full(self, writer: asyncio.StreamWriter) -> None:
        """It has no full queue; it says 503 while it loads its model."""
        await send_json(
            writer, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503
        )


class Misbehaving(FakeEngine):
    """Answers a completion as ``manner`` says."""

    def __init__(self, manner: str) -> None:
        super().__init__()
        self.manner = manner

    async def complete(self, request: HttpRequest, writer: asyncio.StreamWriter) -> None:
        """Misbehave."""
        await getattr(self, self.manner)(writer)

    async def html(self, writer: asyncio.StreamWriter) -> None:
        """A page of some proxy, as if all were well."""
        await send(writer, b"<html><body>Welcome to nginx!</body></html>", 200, "text/html")

    async def html_error(self, writer: asyncio.StreamWriter) -> None:
        """A page of some proxy whose engine is away."""
        await send(writer, b"<html><body>502 Bad Gateway</body></html>", 502, "text/html")

    async def error_inside(self, writer: asyncio.StreamWriter) -> None:
        """An error in an answer of 200 that is no stream."""
        await send_json(writer, {"error": {"message": "CUDA out of memory", "code": 500}})

    async def error_in_stream(self, writer: asyncio.StreamWriter) -> None:
        """An error after some text."""
        begin_events(writer)
        writer.write(event({"choices": [{"index": 0, "delta": {"content": "The rear"}}]}))
        writer.write(event({"error": {"message": "CUDA out of memory", "code": 500}}))
        end_events(writer)
        await writer.drain()

    async def no_json(self, writer: asyncio.StreamWriter) -> None:
        """Events that are no JSON."""
        begin_events(writer)
        writer.write(event("{nonsense"))
        end_events(writer)
        await writer.drain()

    async def no_utf8(self, writer: asyncio.StreamWriter) -> None:
        """Bytes that are no text."""
        begin_events(writer)
        writer.write(chunk(b'data: {"choices":[{"delta":{"content":"\xff\xfe"}}]}\n\n'))
        end_events(writer)
        await writer.drain()

    async def other_json(self, writer: asyncio.StreamWriter) -> None:
        """JSON that is no completion."""
        begin_events(writer)
        writer.write(event("[1, 2]"))
        end_events(writer)
        await writer.drain()

    async def cut_off(self, writer: asyncio.StreamWriter) -> None:
        """A connection that ends in the middle."""
        begin_events(writer)
        writer.write(event({"choices": [{"index": 0, "delta": {"content": "The rear"}}]}))
        await writer.drain()
        writer.transport.abort()

    async def ends_early(self, writer: asyncio.StreamWriter) -> None:
        """A stream that ends well, without the end of the answer."""
        begin_events(writer)
        writer.write(event({"choices": [{"index": 0, "delta": {"content": "The rear"}}]}))
        end_events(writer)
        await writer.drain()

    async def endless(self, writer: asyncio.StreamWriter) -> None:
        """Tokens without end."""
        begin_events(writer)
        while not writer.is_closing():
            writer.write(event({"choices": [{"index": 0, "delta": {"content": "yard "}}]}) * 20)
            await writer.drain()

    async def endless_event(self, writer: asyncio.StreamWriter) -> None:
        """One event without end."""
        begin_events(writer)
        writer.write(chunk(b'data: {"choices":[{"delta":{"content":"'))
        while not writer.is_closing():
            writer.write(chunk(b"yard " * 10_000))
            await writer.drain()

    async def slow_loris(self, writer: asyncio.StreamWriter) -> None:
        """Bytes that never make an event."""
        begin_events(writer)
        while not writer.is_closing():
            writer.write(chunk(b": "))
            await writer.drain()
            await asyncio.sleep(0.02)

    async def silent(self, writer: asyncio.StreamWriter) -> None:
        """Nothing, for ever."""
        await asyncio.sleep(3600)


def json_answer(value: Any) -> str:
    """A value as a model writes it."""
    return json.dumps(value)
