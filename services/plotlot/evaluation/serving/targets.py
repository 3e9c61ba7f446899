"""What is put under load: an engine by HTTP, or the inference service by gRPC. Both stream."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import grpc

from plotlot.domain.errors import InvalidRequest, PlotLotError
from plotlot.inference.server_sent_events import EventReader
from plotlot.rpc.errors import from_rpc_error


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    text: str
    max_tokens: int
    priority: str = ""
    account: str = ""
    affinity_key: str = ""
    deadline_seconds: float | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a request; times of one clock, in seconds. ``due`` is when it was to be sent."""

    due: float
    ended: float = 0.0
    arrivals: list[float] = field(default_factory=list)  # of text
    tokens: int = 0
    error: str = ""
    priority: str = ""


class Target(Protocol):
    """Where requests go."""

    name: str

    async def send(self, ask: Ask, outcome: Outcome) -> None:
        """Send a request, and note in the outcome what comes back; errors are noted too."""

    async def close(self) -> None:
        """Let go of connections."""


class EngineTarget:
    """An engine that speaks the OpenAI API, with as little around it as can be."""

    name = "direct"

    def __init__(self, url: str, model: str) -> None:
        self._url = url.rstrip("/").removesuffix("/v1") + "/v1/chat/completions"
        self._model = model
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )

    async def send(self, ask: Ask, outcome: Outcome) -> None:
        """Stream a completion."""
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": ask.text}],
            "max_tokens": ask.max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        try:
            async with self._session.post(self._url, json=body) as response:
                if response.status != 200:
                    outcome.error = f"http-{response.status}"
                    return
                reader = EventReader()
                async for read in response.content.iter_any():
                    texts = [b'"content"' in event for event in reader.feed(read)]
                    if any(texts):
                        outcome.arrivals.append(time.perf_counter())
                        outcome.tokens += sum(texts)
        except (aiohttp.ClientError, TimeoutError) as error:
            outcome.error = type(error).__name__
        finally:
            outcome.ended = time.perf_counter()

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


class ServiceTarget:
    """The inference service."""

    name = "through PlotLot"

    def __init__(self, address: str, json_schema: str = "") -> None:
        from plotlot.api.inference.v1.inference_pb2_grpc import InferenceServiceStub
        from plotlot.rpc.channels import OPTIONS

        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        self._stub: Any = InferenceServiceStub(self._channel)
        self._schema = json_schema

    async def send(self, ask: Ask, outcome: Outcome) -> None:
        """Stream a completion."""
        try:
            async for part in self._parts(ask):
                if part.HasField("result"):
                    outcome.tokens = part.result.completion_tokens
                else:
                    outcome.arrivals.append(time.perf_counter())
        except grpc.aio.AioRpcError as error:
            outcome.error = kind_of(from_rpc_error(error, "inference"))
        finally:
            outcome.ended = time.perf_counter()

    def _parts(self, ask: Ask) -> AsyncIterator[Any]:
        from plotlot.api.inference.v1 import inference_pb2 as messages

        request = messages.GenerateRequest(
            messages=[messages.Message(role="user", content=ask.text)],
            sampling=messages.Sampling(max_tokens=ask.max_tokens),
            priority=ask.priority,
            account=ask.account,
            affinity_key=ask.affinity_key,
            json_schema=self._schema,
        )
        called: AsyncIterator[Any] = self._stub.GenerateStream(
            messages.GenerateStreamRequest(request=request), timeout=ask.deadline_seconds
        )
        return called

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def kind_of(error: PlotLotError) -> str:
    """The id of an error; one who waited, and made room, is told from one who was refused on arrival."""
    return "displaced" if "made room" in error.message else error.id


def target(url: str, model: str) -> Target:
    """What a URL names: http(s)://... an engine, grpc://host:port the service. Raises InvalidRequest."""
    if url.startswith("grpc://"):
        return ServiceTarget(url.removeprefix("grpc://").rstrip("/"))
    if url.startswith(("http://", "https://")):
        return EngineTarget(url, model)
    raise InvalidRequest(
        f"{url!r} is neither http://... of an engine nor grpc://host:port of inference", field="url"
    )
