"""What an engine that writes does, whichever is behind it: messages in, pieces of text out."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from plotlot.domain.messages import Message

MAX_TOKENS = 1024  # written where a request does not say


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen; the default takes the likeliest each time."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = MAX_TOKENS
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What an engine is asked to continue.

    ``schema`` is a JSON schema that the answer must satisfy, None for free text. ``urgency`` says who waits: 1 for
    a person, 0 normally, -1 for a batch; engines order their own queues by it where they can. ``trace`` are the
    headers by which an engine that traces goes on with the caller's trace.
    """

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    sampling: Sampling = field(default_factory=Sampling)
    urgency: int = 0
    adapter: str = ""
    request_id: str = ""
    trace: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read, of them those that were in the engine's cache, and tokens written."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Text written since the last piece, ``tokens`` of it; the last piece has the reason of the end and the usage."""

    text: str = ""
    tokens: int = 0
    finish_reason: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine says of itself; None where it does not say."""

    ready: bool
    reason: str = ""
    version: str = ""
    models: tuple[str, ...] = ()
    max_tokens: int | None = None  # of prompt and answer together
    running: float | None = None
    waiting: float | None = None
    kv_cache_use: float | None = None
    prefix_hit_rate: float | None = None


class Engine(Protocol):
    """One replica of an engine. Closing the iterator of ``write`` makes it stop working on the request."""

    @property
    def name(self) -> str:
        """vllm, sglang, llamacpp, openai or extractive."""

    @property
    def endpoint(self) -> str:
        """Where it is; empty for an engine in this process."""

    def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """The answer as it is written, ending with a piece that says why it ended.

        Raises EngineUnavailable, EngineFault, PromptTooLong, UnsupportedSchema, Overloaded or InvalidRequest.
        """

    async def state(self) -> EngineState:
        """What it says of itself; never raises for an engine that is away."""

    async def alive(self) -> bool:
        """Whether it answers at all, cheaply."""

    @property
    def heard_at(self) -> float:
        """When it last answered or wrote something, on the event loop's clock."""

    def abort(self, why: str, silent_since: float) -> None:
        """End with EngineUnavailable what it works on and wrote nothing for since then: it hangs."""

    async def close(self) -> None:
        """Let go of connections."""
