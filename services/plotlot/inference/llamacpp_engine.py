"""llama.cpp's server, which runs small models on a CPU.

It answers to any model name, so names are checked before; it knows no priorities; adapters are numbers. After a
stream it may close a connection that it called keep-alive: each request opens one of its own.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from plotlot.domain.errors import EngineUnavailable, InvalidRequest, PlotLotError, PromptTooLong
from plotlot.inference.completion import EngineState, Piece, Prompt
from plotlot.inference.openai_engine import OpenAiEngine
from plotlot.inference.openai_messages import whole_number


class LlamaCppEngine(OpenAiEngine):
    """A llama.cpp server; adapters are those of ``/lora-adapters``, by the names of their files."""

    name: ClassVar[str] = "llamacpp"
    metrics: ClassVar[Mapping[str, str]] = {
        "llamacpp:requests_processing": "running",
        "llamacpp:requests_deferred": "waiting",
    }
    tokens_in_cache = ("llamacpp:prompt_tokens_total", "llamacpp:prompt_tokens_cached_total")
    keeps_connections = False
    alive_path = "/health"  # costs nothing here

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._adapters: dict[str, int] = {}

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """With the adapter by its number, and others off."""
        asked = super().body(prompt)
        asked["model"] = prompt.model
        if prompt.adapter:
            asked["lora"] = [{"id": self._adapters[prompt.adapter], "scale": 1.0}]
        return asked

    async def write(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """As every server does, once the adapter's number is known."""
        if prompt.adapter and prompt.adapter not in self._adapters:
            self._adapters = adapters_of(await self._server.get_json("/lora-adapters"))
            if prompt.adapter not in self._adapters:
                raise InvalidRequest(
                    f"adapter {prompt.adapter!r} is not loaded",
                    field="adapter",
                    suggestions=sorted(self._adapters),
                )
        async for piece in super().write(prompt):
            yield piece

    def refusal(self, status: int, said: Mapping[str, Any], prompt: Prompt) -> PlotLotError:
        """It says how long a prompt that is too long was, and 503 while it loads the model."""
        sent, most = whole_number(said.get("n_prompt_tokens")), whole_number(said.get("n_ctx"))
        if said.get("type") == "exceed_context_size_error" and sent and most:
            return PromptTooLong(
                f"the prompt has {sent} tokens, {max(sent - most, 1)} more than the {most} that the model reads",
                field="messages",
            )
        if status == 503:
            return EngineUnavailable(f"the engine at {self.endpoint} is loading its model")
        return super().refusal(status, said, prompt)

    async def state(self) -> EngineState:
        """Ready where ``/health`` says so; ``/props`` has what one request may take."""
        try:
            await self._server.get("/health")
            properties = await self._server.get_json("/props")
        except PlotLotError as error:
            return EngineState(False, error.message)
        context = whole_number((properties.get("default_generation_settings") or {}).get("n_ctx"))
        return replace(await super().state(), max_tokens=context or None)

    async def version(self) -> str:
        """The build that ``/props`` names."""
        return str((await self._server.get_json("/props")).get("build_info") or "")


def adapters_of(listed: Any) -> dict[str, int]:
    """The number of each adapter by the name of its file without folder and ending."""
    return {
        str(each.get("path", "")).rpartition("/")[2].removesuffix(".gguf"): each["id"]
        for each in listed
        if isinstance(each, dict) and isinstance(each.get("id"), int)
    }
